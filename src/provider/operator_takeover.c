// SPDX-License-Identifier: Apache-2.0
#include "provider/operator_takeover.h"

#include "provider/config.h"

enum { LOOK_MS = 5000 };

static const char FIRST[] =
    "Nothing else may uninstall it while this goes on with it: a helm_release of it that goes in the same "
    "apply "
    "(its block taken out, a module's toggle switched off, its count 0) deletes what is taken over. Where a "
    "configuration has one, let it go first without uninstalling: a removed block with lifecycle { destroy = "
    "false }; or `terraform state rm ADDRESS`, and no longer declaring it. Then see that the plan destroys "
    "no "
    "helm_release.";

// A release that somebody else wrote last, as far as the cluster tells.
static struct release_seen look(struct call *call, struct provider *provider,
                                const struct operator_model *model) {
    struct err ignored = err_in(call->arena);
    struct release_seen seen = {0};
    struct release_target target = {
        .name = model->name,
        .namespace = model->namespace,
        .manager = provider_settings(provider)->field_manager,
    };
    if (!model->name || !model->namespace || !provider_knows(provider, "kubernetes", &ignored))
        return seen;
    struct kube_client *kube = provider_kube(call, provider, &ignored);
    struct call within = call_within(call, LOOK_MS);
    if (!kube || !release_look(&within, kube, &target, &seen, &ignored) || !seen.maker)
        return (struct release_seen){0};
    return seen;
}

void operator_takeover_plan(struct call *call, struct provider *provider, const struct operator_model *model,
                            struct resource_plan *plan) {
    struct arena *arena = call->arena;
    struct release_seen seen = look(call, provider, model);
    if (!seen.revision)
        return;
    struct value_entry noted[] = {{"revision", value_int(seen.revision)},
                                  {"status", value_string(arena, seen.status)}};
    struct value notes = plan->planned.private;
    if (value_is_null(notes))
        notes = value_map(arena, NULL, 0);
    plan->planned.private = value_with(arena, notes, "seen", value_map(arena, noted, 2));
    call_warn(
        call, subject_of(release_text(arena, model->namespace, model->name)),
        "Existing Helm release is taken over:",
        "The Helm release \"%s\" in namespace %s exists: revision %d (%s), made by \"%s\". Applying this "
        "plan goes on with it as its next revision.\n\n%s",
        model->name, model->namespace, seen.revision, seen.status, seen.maker, FIRST);
}

void operator_takeover_import(struct call *call, struct provider *provider,
                              const struct operator_model *model) {
    struct release_seen seen = look(call, provider, model);
    if (seen.revision)
        call_warn(call, subject_of(release_text(call->arena, model->namespace, model->name)),
                  "Imported Helm release was made by others:",
                  "The Helm release \"%s\" in namespace %s, revision %d (%s), was made by \"%s\".\n\n%s",
                  model->name, model->namespace, seen.revision, seen.status, seen.maker, FIRST);
}

struct release_seen operator_takeover_seen(struct value private) {
    struct value seen = value_get(private, "seen");
    const char *status = value_dig_string(seen, "status", NULL);
    return (struct release_seen){(int)value_get_int(value_get(seen, "revision")), status ? status : "", NULL};
}
