// SPDX-License-Identifier: Apache-2.0
// What runs for an instance. An operator 1.x installs a Helm release; an operator 2.x makes Applications,
// which own what runs for them.
#include "release/release.h"
#include "wandb/instance.h"
#include "wandb/private.h"

#include <string.h>

static const struct {
    const char *api_version, *kind;
} KINDS[] = {
    {"batch/v1", "Job"}, {"apps/v1", "Deployment"}, {"apps/v1", "StatefulSet"}, {"apps/v1", "DaemonSet"}};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

static bool is_workload(const char *kind) {
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (!strcmp(kind, KINDS[i].kind))
            return true;
    return false;
}

static bool of_release(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                       struct readiness_workloads *out, struct err *err) {
    struct release release;
    struct release_objects objects;
    if (!release_latest(call, kube, instance->namespace, instance->name, &release, err)) {
        bool none = err->kind == ERR_NOT_FOUND;
        err->kind = none ? ERR_NONE : err->kind;
        return none;
    }
    if (!release_objects_of(call, kube, &release, &objects, err))
        return false;
    out->items = arena_array(call->arena, objects.count + 1, sizeof *out->items);
    for (size_t i = 0; i < objects.count; i++)
        if (is_workload(objects.items[i].ref.kind))
            out->items[out->count++] = objects.items[i].ref;
    return true;
}

// True when one of the object's owners is in the list of uids.
static bool is_owned(struct value object, struct value uids) {
    struct value owners = value_dig(object, "metadata", "ownerReferences", NULL);
    for (size_t i = 0; i < value_len(owners); i++)
        for (size_t j = 0; j < value_len(uids); j++)
            if (value_equal(value_get(value_at(owners, i), "uid"), value_at(uids, j)))
                return true;
    return false;
}

static struct value uids_of_owned(struct arena *arena, struct value objects, struct value uids) {
    struct value all = uids;
    for (size_t i = 0; i < value_len(objects); i++)
        if (is_owned(value_at(objects, i), uids))
            all = value_append(arena, all, value_dig(value_at(objects, i), "metadata", "uid", NULL));
    return all;
}

static bool of_applications(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                            struct readiness_workloads *out, struct err *err) {
    struct arena *arena = call->arena;
    struct kube_request requests[1 + KIND_COUNT] = {
        {.verb = KUBE_LIST, .ref = {INSTANCE_V2, "Application", instance->namespace, NULL}}};
    struct kube_answer answers[1 + KIND_COUNT];
    struct value live;
    size_t count = 0;
    if (!instance_get(call, kube, instance, &live, err))
        return false;
    for (size_t i = 0; i < KIND_COUNT; i++)
        requests[1 + i] = (struct kube_request){
            .verb = KUBE_LIST, .ref = {KINDS[i].api_version, KINDS[i].kind, instance->namespace, NULL}};
    kube_do_many(call, kube, requests, 1 + KIND_COUNT, answers, err);
    err->kind = ERR_NONE;
    for (size_t i = 0; i <= KIND_COUNT && !err->kind; i++)
        if (i || answers[i].failure.kind != ERR_NOT_FOUND) // a cluster without Applications has none
            *err = answers[i].failure;
    if (err->kind)
        return false;
    struct value uid = value_dig(live, "metadata", "uid", NULL);
    struct value uids = uids_of_owned(arena, answers[0].object, value_list(arena, &uid, 1));
    for (size_t i = 1; i <= KIND_COUNT; i++)
        count += value_len(answers[i].object);
    out->items = arena_array(arena, count + 1, sizeof *out->items);
    for (size_t i = 1; i <= KIND_COUNT; i++)
        for (size_t j = 0; j < value_len(answers[i].object); j++)
            if (is_owned(value_at(answers[i].object, j), uids))
                out->items[out->count++] = kube_ref_of(value_at(answers[i].object, j));
    return true;
}

bool readiness_workloads(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                         struct readiness_workloads *out, struct err *err) {
    *out = (struct readiness_workloads){0};
    return instance_is_v2(call, kube, instance) ? of_applications(call, kube, instance, out, err)
                                                : of_release(call, kube, instance, out, err);
}
