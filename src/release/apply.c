// SPDX-License-Identifier: Apache-2.0
#include "release/write.h"

#include "base/log.h"
#include "kube/ready.h"

#include <string.h>

// Objects of one kind go together, kinds one after the other in Helm's order.
static size_t run_of_kind(const struct release_objects *objects, size_t from) {
    size_t to = from + 1;
    while (to < objects->count && !strcmp(objects->items[from].ref.kind, objects->items[to].ref.kind))
        to++;
    return to;
}

static bool finish(struct run *run, struct write *write, struct err *err) {
    const char *text = kube_ref_text(run->call->arena, &write->object.ref);
    if (write->answer.failure.kind != ERR_NONE && !apply_refused(run, write, err))
        return err_wrap(err, "apply %s", text);
    if (!write->merged && !take_over(run, write, err))
        return err_wrap(err, "take %s over from its former installer", text);
    return take_dropped(run, write, err) || err_wrap(err, "take what the chart dropped from %s", text);
}

bool apply_batch(struct run *run, const struct release_object *objects, size_t count, struct err *err) {
    struct arena *arena = run->call->arena;
    struct write *writes = arena_array(arena, count + 1, sizeof *writes);
    struct kube_request *requests = arena_array(arena, count + 1, sizeof *requests);
    struct kube_answer *answers = arena_array(arena, count + 1, sizeof *answers);
    for (size_t i = 0; i < count; i++)
        writes[i].object = objects[i];
    if (!leave_to_others(run, writes, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        requests[i] = apply_request(run, &writes[i].object);
    struct err ignored = err_in(arena); // each answer carries its own
    kube_do_many(run->call, run->kube, requests, count, answers, &ignored);
    for (size_t i = 0; i < count; i++) {
        writes[i].answer = answers[i];
        if (!finish(run, &writes[i], err))
            return false;
    }
    return true;
}

bool apply_objects(struct run *run, const struct release_objects *objects, struct err *err) {
    for (size_t from = 0, to; from < objects->count; from = to) {
        to = run_of_kind(objects, from);
        if (!call_alive(run->call, err) || !apply_batch(run, objects->items + from, to - from, err))
            return false;
    }
    return true;
}

static void log_progress(void *data, const struct kube_ref *ref, const struct kube_status *status) {
    struct run *run = data;
    log_to(run->call, LOG_INFO, "release", "waiting for %s: %s", kube_ref_text(run->call->arena, ref),
           status->reason ? status->reason : "ready");
}

// Kinds that take time by Helm 3's rules; any other is ready as soon as it exists.
static bool takes_time(const struct release_object *object) {
    static const char *const kinds[] = {"Deployment",
                                        "StatefulSet",
                                        "DaemonSet",
                                        "ReplicaSet",
                                        "ReplicationController",
                                        "Pod",
                                        "PersistentVolumeClaim",
                                        "Service",
                                        "CustomResourceDefinition"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(object->ref.kind, kinds[i]))
            return true;
    return false;
}

// Helm 4 waits for whatever shows that it is under way, of any kind, but for nothing that is paused.
static bool goes_on(const struct release_object *object) {
    return strcmp(object->ref.kind, "Deployment") != 0 ||
           !value_get_bool(value_dig(object->object, "spec", "paused", NULL));
}

bool wait_objects(struct run *run, const struct release_objects *objects, struct err *err) {
    bool newer = run->spec && run->spec->chart->profile == HELM_4;
    bool (*is_waited_for)(const struct release_object *) = newer ? goes_on : takes_time;
    struct kube_ref *refs = arena_array(run->call->arena, objects->count + 1, sizeof *refs);
    size_t count = 0;
    for (size_t i = 0; i < objects->count; i++)
        if (is_waited_for(&objects->items[i]))
            refs[count++] = objects->items[i].ref;
    struct kube_wait wait = {.rules = newer ? KUBE_RULES_KSTATUS : KUBE_RULES_HELM3,
                             .pods = newer,
                             .progress = log_progress,
                             .data = run};
    if (count && !kube_wait_ready(run->call, run->kube, refs, count, &wait, err))
        return err_wrap(err, "wait for release \"%s\"", run->release.name);
    return true;
}

bool ensure_namespace(struct run *run, struct err *err) {
    struct arena *arena = run->call->arena;
    const char *name = run->spec->namespace;
    if (!run->spec->create_namespace || run->history.count) // records live in it
        return true;
    struct value_entry labels[] = {{"kubernetes.io/metadata.name", value_string(arena, name)},
                                   {"name", value_string(arena, name)}};
    struct value_entry metadata[] = {{"labels", value_map(arena, labels, 2)},
                                     {"name", value_string(arena, name)}};
    struct value_entry object[] = {{"apiVersion", value_string_ref("v1")},
                                   {"kind", value_string_ref("Namespace")},
                                   {"metadata", value_map(arena, metadata, 2)}};
    if (kube_create(run->call, run->kube, value_map(arena, object, 3), run->manager, NULL, err) ||
        err->kind == ERR_CONFLICT)
        return true;
    // Who may not create namespaces may still use one that exists.
    struct kube_ref ref = KUBE_REF("v1", "Namespace", NULL, name);
    struct err unseen = err_in(arena);
    if (err->kind == ERR_FORBIDDEN && kube_get(run->call, run->kube, &ref, NULL, &unseen)) {
        err->kind = ERR_NONE;
        return true;
    }
    return err_wrap(err, "create namespace %s", name);
}
