// SPDX-License-Identifier: Apache-2.0
#include "provider/operator_secrets.h"

#include "provider/config.h"
#include "release/release.h"

#include <string.h>

enum { LOOK_MS = 5000 };

// The documents of values_yaml, composed. What is not known, or no document, decides nothing yet.
static struct value documents(struct call *call, struct value object) {
    struct value list = value_get(object, "values_yaml"), out;
    const char *profile = value_dig_string(object, "profile", NULL);
    struct err ignored = err_in(call->arena);
    size_t count = value_len(list);
    if (value_is_null(list))
        return value_null();
    if (!value_is_known(list))
        return value_unknown();
    struct helm_input *inputs = arena_array(call->arena, count + 1, sizeof *inputs);
    for (size_t i = 0; i < count; i++)
        inputs[i] = (struct helm_input){
            .kind = HELM_INPUT_FILE, .name = "values_yaml", .text = value_get_string(value_at(list, i))};
    return helm_values_compose(call, inputs, count, profile && *profile == '4' ? HELM_4 : HELM_3, &out,
                               &ignored)
               ? out
               : value_unknown();
}

struct secret_config operator_secrets(struct call *call, struct value object, struct value config,
                                      struct value note) {
    struct value values_wo = value_get(config, "values_wo");
    struct secret_config secrets = {
        .claims = {.trees = {value_get(object, "values"), documents(call, object), values_wo},
                   .count = 3,
                   .noted = secrets_noted(note)}};
    secrets_add_tree(call->arena, &secrets.given, values_wo);
    return secrets;
}

struct value operator_secrets_plain(struct call *call, struct value object) {
    struct value documented = documents(call, object), values = value_untyped(value_get(object, "values"));
    if (!value_is_known(documented) || !value_is_known(values))
        return value_null();
    return value_is_null(values) ? documented : helm_values_merge(call->arena, documented, values);
}

struct value operator_secrets_keep(struct call *call, struct value values, struct value config,
                                   const void *context) {
    const struct secret_config *secrets = context;
    struct secrets kept = secrets_kept(call->arena, config, &secrets->claims);
    secrets_hide_values(call, &kept);
    return secrets_keep(call->arena, values, chart_source_values(call->arena, config), &secrets->claims);
}

struct value operator_secrets_read(struct call *call, struct value config, bool imported,
                                   struct resource_state *state) {
    struct arena *arena = call->arena;
    struct value note = value_get(state->private, "secrets");
    struct secret_config stored = operator_secrets(call, state->value, value_null(), note);
    struct secrets_live live = {config, config};
    struct secrets_seen seen = secrets_look(arena, note, &live, &stored.claims, imported);
    secrets_hide(call, seen.note, config);
    state->private = value_is_null(seen.note) ? value_without(arena, state->private, "secrets")
                                              : value_with(arena, state->private, "secrets", seen.note);
    struct value versions = secret_versions_read(arena, value_get(state->value, "secret_versions"), &seen);
    state->value = value_with(arena, state->value, "secret_versions", versions);
    return seen.rest;
}

static struct secret_words words_of(struct arena *arena, const char *namespace, const char *name) {
    return (struct secret_words){.object = arena_printf(arena, "Release/%s/%s", namespace, name),
                                 .prefix = "",
                                 .attribute = "values_wo",
                                 .plain = "values"};
}

void operator_secrets_warn(struct call *call, const struct resource_plan *plan,
                           const struct secret_texts *kept) {
    struct value prior = plan->prior.value;
    if (!kept->count)
        return;
    struct secret_words words = words_of(call->arena, value_dig_string(prior, "namespace", NULL),
                                         value_dig_string(prior, "name", NULL));
    if (plan->replace.count)
        secret_plan_warn_replaced(call, &words, kept);
    else
        secret_plan_warn_kept(call, &words, kept);
}

// As with an instance: one that belongs to a resource may be what this create is to replace.
void operator_secrets_warn_met(struct call *call, struct provider *provider,
                               const struct operator_model *model, const struct secret_config *secrets) {
    struct arena *arena = call->arena;
    struct err ignored = err_in(arena);
    struct release release;
    if (!model->name || !model->namespace || !provider_knows(provider, "kubernetes", &ignored))
        return;
    struct kube_client *kube = provider_kube(call, provider, &ignored);
    struct call within = call_within(call, LOOK_MS);
    if (!kube || !release_latest(&within, kube, model->namespace, model->name, &release, &ignored) ||
        !strcmp(release.status, "uninstalled"))
        return;
    struct secrets kept = secrets_kept(arena, release.config, &secrets->claims);
    struct secret_texts paths = secret_paths_of(arena, &kept);
    struct secret_words words = words_of(arena, model->namespace, model->name);
    words.replaced = release.owner != NULL;
    if (model->adopt)
        secret_plan_warn_kept(call, &words, &paths);
    else if (words.replaced)
        secret_plan_warn_replaced(call, &words, &paths);
}
