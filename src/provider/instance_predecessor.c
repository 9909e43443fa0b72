// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_predecessor.h"

#include "kube/fields.h"
#include "provider/config.h"
#include "provider/resource_owner.h"
#include "release/claim.h"
#include "wandb/instance.h"

#include <string.h>

#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

static const char NOTE[] = "predecessor", RELEASE[] = "helm_release",
                  APPLIED[] = "last_applied_configuration";

struct value instance_predecessor_note(struct arena *arena, const char *release,
                                       const char *const managers[2]) {
    struct value list = value_list(arena, NULL, 0), note = value_map(arena, NULL, 0);
    for (size_t i = 0; i < 2; i++)
        if (managers[i])
            list = value_append(arena, list, value_string(arena, managers[i]));
    note = value_with(arena, note, "managers", list);
    return release ? value_with(arena, note, "release", value_string(arena, release)) : note;
}

const char *instance_predecessor_release(const struct resource_state *prior,
                                         const struct instance_model *model) {
    const char *noted = value_dig_string(prior->private, NOTE, "release", NULL);
    return noted ? noted : model->retire_helm_release;
}

bool instance_predecessor_owed(const struct resource_state *prior, const struct instance_model *model) {
    const char *release = instance_predecessor_release(prior, model);
    bool applied = value_has(prior->private, NOTE) && !value_is_null(value_get(prior->value, APPLIED));
    return applied || (release && value_is_text(value_get(prior->value, RELEASE), release));
}

static struct value release_of(struct arena *arena, struct value live) {
    struct release_claim claim = release_claim_marks(live);
    return claim.name ? value_string(arena, arena_printf(arena, "%s/%s", claim.namespace, claim.name))
                      : value_null();
}

static struct value applied_of(struct value live) {
    bool there = !value_is_null(value_dig(live, "metadata", "annotations", LAST_APPLIED, NULL));
    return there ? value_bool(true) : value_null();
}

struct value instance_predecessor_read(struct arena *arena, struct value state, struct value live) {
    state = value_with(arena, state, RELEASE, release_of(arena, live));
    return value_with(arena, state, APPLIED, applied_of(live));
}

struct value instance_predecessor_written(struct arena *arena, struct value state, struct value planned,
                                          struct value live) {
    struct value release = value_get(planned, RELEASE), applied = value_get(planned, APPLIED);
    release = value_is_known(release) ? release : release_of(arena, live);
    applied = value_is_known(applied) ? applied : applied_of(live);
    return value_with(arena, value_with(arena, state, RELEASE, release), APPLIED, applied);
}

// A write takes the marks of a release that is gone off, too; whether it is, the apply sees.
struct value instance_predecessor_planned(struct arena *arena, const struct resource_plan *plan, bool owed,
                                          bool writes) {
    struct value release = value_get(plan->prior.value, RELEASE),
                 applied = value_get(plan->prior.value, APPLIED);
    struct value planned = plan->planned.value;
    if (value_is_null(plan->prior.value))
        return planned;
    if (owed)
        release = value_null();
    else if (writes && !value_is_null(release))
        release = value_unknown();
    if ((owed || writes) && value_has(plan->prior.private, NOTE))
        applied = value_null();
    planned = value_with(arena, planned, RELEASE, release);
    return value_with(arena, planned, APPLIED, applied);
}

static struct value add(struct arena *arena, struct value list, const char *manager) {
    for (size_t i = 0; i < value_len(list); i++)
        if (value_is_text(value_at(list, i), manager))
            return list;
    return value_append(arena, list, value_string(arena, manager));
}

struct value instance_predecessor_managers(struct arena *arena, const struct resource_state *prior,
                                           const struct instance_model *model, struct value live) {
    static const char *const MARKS[] = {CLAIM_NAME, LAST_APPLIED};
    struct value note = value_get(prior->private, NOTE), list = value_list(arena, NULL, 0);
    struct value noted = value_get(note, "managers");
    if (value_is_null(note) && !instance_predecessor_release(prior, model))
        return value_null();
    for (size_t i = 0; i < value_len(noted); i++)
        list = add(arena, list, value_text_or(value_at(noted, i), ""));
    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++) {
        struct path_step steps[] = {{.key = "metadata"}, {.key = "annotations"}, {.key = MARKS[i]}};
        struct kube_owners owners = kube_field_owners(arena, live, steps, 3);
        for (size_t j = 0; j < owners.count; j++)
            if (!owners.items[j].subresource)
                list = add(arena, list, owners.items[j].manager);
    }
    return list;
}

// ---- Letting go ----

// What goes off the object beside the fields, and our token.
static struct value metadata_patch(struct arena *arena, const struct instance *instance, struct value live) {
    struct value marks =
        value_get(release_claim_removal(arena, live, instance->labels, instance->annotations), "metadata");
    struct value patch = value_is_null(marks) ? value_map(arena, NULL, 0) : marks;
    struct value annotations = value_get(patch, "annotations");
    if (value_is_null(annotations))
        annotations = value_map(arena, NULL, 0);
    if (!value_is_null(applied_of(live)))
        annotations = value_with(arena, annotations, LAST_APPLIED, value_null());
    if (instance->owner)
        annotations = value_with(arena, annotations, INSTANCE_OWNER, value_string(arena, instance->owner));
    return value_with(arena, patch, "annotations", annotations);
}

bool instance_predecessor_let_go(struct call *call, struct provider *provider,
                                 const struct resource_state *prior, const struct instance_model *model,
                                 struct value live, struct err *err) {
    struct arena *arena = call->arena;
    struct kube_client *kube = provider_kube(call, provider, err);
    const struct instance instance = {
        .labels = value_untyped(model->labels),
        .annotations = value_untyped(model->annotations),
        .manager = provider_settings(provider)->field_manager,
        .owner = resource_owner_own(prior),
        .predecessors = instance_predecessor_managers(arena, prior, model, live),
    };
    return kube &&
           instance_hand_over(call, kube, &instance, metadata_patch(arena, &instance, live), &live, err);
}

struct value instance_predecessor_drop(struct arena *arena, struct value private) {
    return value_has(private, NOTE) ? value_without(arena, private, NOTE) : private;
}
