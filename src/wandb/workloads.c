// SPDX-License-Identifier: Apache-2.0
// What runs for an instance. An operator 1.x installs a Helm release; an operator 2.x makes Applications,
// which own what runs for them.
#include "release/release.h"
#include "wandb/instance.h"
#include "wandb/private.h"
#include "wandb/rollouts.h"

#include <string.h>

bool readiness_workloads_v1(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                            struct readiness_workloads *out, struct err *err) {
    struct release release;
    struct release_objects objects;
    *out = (struct readiness_workloads){0};
    if (!release_latest(call, kube, instance->namespace, instance->name, &release, err)) {
        bool none = err->kind == ERR_NOT_FOUND;
        err->kind = none ? ERR_NONE : err->kind;
        out->uninstalled = none;
        return none;
    }
    if (!release_objects_of(call, kube, &release, &objects, err))
        return false;
    out->items = arena_array(call->arena, objects.count + 1, sizeof *out->items);
    for (size_t i = 0; i < objects.count; i++)
        if (rollout_is(objects.items[i].ref.kind))
            out->items[out->count++] = objects.items[i].ref;
    return true;
}

static bool of_applications(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                            struct readiness_workloads *out, struct err *err) {
    struct value live;
    struct rollout_list found;
    if (!instance_get(call, kube, instance, &live, err))
        return false;
    struct rollout_query query = {.kube = kube,
                                  .namespace = instance->namespace,
                                  .owner = value_dig_string(live, "metadata", "uid", NULL)};
    if (!rollouts_find(call, &query, &found, err))
        return false;
    out->items = arena_array(call->arena, found.count + 1, sizeof *out->items);
    for (size_t i = 0; i < found.count; i++)
        out->items[out->count++] = found.items[i].ref;
    return true;
}

bool readiness_workloads(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                         struct readiness_workloads *out, struct err *err) {
    *out = (struct readiness_workloads){0};
    return instance_is_v2(call, kube, instance) ? of_applications(call, kube, instance, out, err)
                                                : readiness_workloads_v1(call, kube, instance, out, err);
}
