// SPDX-License-Identifier: Apache-2.0
#include "release/private.h"

#include "base/log.h"
#include "kube/ready.h"
#include "kube/watch.h"

#include <string.h>

// Objects of one kind go together, kinds one after the other in Helm's order.
static size_t run_of_kind(const struct release_objects *objects, size_t from) {
    size_t to = from + 1;
    while (to < objects->count && !strcmp(objects->items[from].ref.kind, objects->items[to].ref.kind))
        to++;
    return to;
}

static struct kube_request apply_request(const struct run *run, const struct release_object *object, bool force) {
    return (struct kube_request){
        .verb = KUBE_APPLY, .ref = object->ref, .body = object->object, .manager = run->manager, .force = force};
}

static bool is_helm_update(struct value entry) {
    const char *manager = value_dig_string(entry, "manager", NULL);
    const char *operation = value_dig_string(entry, "operation", NULL);
    return manager && operation && !strcmp(manager, "helm") && !strcmp(operation, "Update") &&
           !value_has(entry, "subresource");
}

static bool is_ours(const struct run *run, struct value entry) {
    const char *manager = value_dig_string(entry, "manager", NULL);
    const char *operation = value_dig_string(entry, "operation", NULL);
    return manager && operation && !strcmp(manager, run->manager) && !strcmp(operation, "Apply");
}

static struct value union_of(struct arena *arena, struct value a, struct value b) {
    for (size_t i = 0; i < value_len(b); i++) {
        const struct value_entry *entry = value_entry_at(b, i);
        struct value both = value_has(a, entry->key) ? union_of(arena, value_get(a, entry->key), entry->value)
                                                     : entry->value;
        a = value_with(arena, a, entry->key, both);
    }
    return a;
}

// managedFields with what helm's client-side apply owned handed to our own apply entry; null when
// helm owned nothing. Without this a field that the new manifest drops would stay for ever.
static struct value without_helm(const struct run *run, struct value live) {
    struct arena *arena = run->call->arena;
    struct value fields = value_dig(live, "metadata", "managedFields", NULL), kept = value_list(arena, NULL, 0);
    struct value helms = value_null(), ours = value_null();
    for (size_t i = 0; i < value_len(fields); i++) {
        struct value entry = value_at(fields, i);
        if (is_helm_update(entry))
            helms = entry;
        else if (is_ours(run, entry))
            ours = entry;
        else
            kept = value_append(arena, kept, entry);
    }
    if (value_is_null(helms) || value_is_null(ours))
        return value_null();
    struct value both = union_of(arena, value_get(ours, "fieldsV1"), value_get(helms, "fieldsV1"));
    return value_append(arena, kept, value_with(arena, ours, "fieldsV1", both));
}

static bool take_helm_fields(struct run *run, const struct release_object *object, struct value live,
                             struct err *err) {
    struct arena *arena = run->call->arena;
    struct value fields = without_helm(run, live);
    if (value_is_null(fields))
        return true;
    struct value_entry replace[] = {{"op", value_string_ref("replace")},
                                    {"path", value_string_ref("/metadata/managedFields")},
                                    {"value", fields}};
    struct value_entry current[] = {{"op", value_string_ref("replace")},
                                    {"path", value_string_ref("/metadata/resourceVersion")},
                                    {"value", value_dig(live, "metadata", "resourceVersion", NULL)}};
    struct value patch[] = {value_map(arena, replace, 3), value_map(arena, current, 3)};
    struct kube_request hand_over = {.verb = KUBE_PATCH_JSON,
                                     .ref = object->ref,
                                     .body = value_list(arena, patch, 2),
                                     .manager = run->manager};
    struct kube_request again = apply_request(run, object, true);
    return kube_do(run->call, run->kube, &hand_over, NULL, err) && kube_do(run->call, run->kube, &again, NULL, err);
}

// A release's objects are its own: what others edited in them is put back, so force is right here.
static bool apply_kind(struct run *run, const struct release_object *objects, size_t count, struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_request *requests = arena_array(arena, count, sizeof *requests);
    struct kube_answer *answers = arena_array(arena, count, sizeof *answers);
    for (size_t i = 0; i < count; i++)
        requests[i] = apply_request(run, &objects[i], true);
    kube_do_many(run->call, run->kube, requests, count, answers, err);
    for (size_t i = 0; i < count; i++) {
        const char *text = kube_ref_text(arena, &objects[i].ref);
        if (answers[i].failure.kind != ERR_NONE) {
            *err = answers[i].failure;
            return err_wrap(err, "apply %s", text);
        }
        if (!take_helm_fields(run, &objects[i], answers[i].object, err))
            return err_wrap(err, "take %s over from helm", text);
    }
    return true;
}

bool apply_objects(struct run *run, const struct release_objects *objects, struct err *err) {
    for (size_t from = 0, to; from < objects->count; from = to) {
        to = run_of_kind(objects, from);
        if (!call_alive(run->call, err) || !apply_kind(run, objects->items + from, to - from, err))
            return false;
    }
    return true;
}

static bool delete_kind(struct run *run, const struct kube_ref *refs, size_t count, struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_request *requests = arena_array(arena, count, sizeof *requests);
    struct kube_answer *answers = arena_array(arena, count, sizeof *answers);
    for (size_t i = 0; i < count; i++)
        requests[i] = (struct kube_request){.verb = KUBE_DELETE, .ref = refs[i]};
    kube_do_many(run->call, run->kube, requests, count, answers, err);
    for (size_t i = 0; i < count; i++)
        if (answers[i].failure.kind != ERR_NONE && answers[i].failure.kind != ERR_NOT_FOUND) {
            *err = answers[i].failure;
            return err_wrap(err, "delete %s", kube_ref_text(arena, &refs[i]));
        }
    err->kind = ERR_NONE;
    return true;
}

static void say_kept(struct run *run, const struct release_object *object) {
    call_warn(run->call, NULL, "Object kept",
              "%s stays in the cluster: it carries the annotation helm.sh/resource-policy: keep. Delete it yourself "
              "when it is no longer needed.",
              kube_ref_text(run->call->arena, &object->ref));
}

bool delete_objects(struct run *run, const struct release_objects *objects, bool wait, struct err *err) {
    struct kube_ref *refs = arena_array(run->call->arena, objects->count + 1, sizeof *refs);
    size_t total = 0;
    for (size_t from = 0, to; from < objects->count; from = to) {
        size_t first = total;
        to = run_of_kind(objects, from);
        for (size_t i = from; i < to; i++) {
            if (objects->items[i].keep)
                say_kept(run, &objects->items[i]);
            else
                refs[total++] = objects->items[i].ref;
        }
        if (!call_alive(run->call, err) || !delete_kind(run, refs + first, total - first, err))
            return false;
    }
    if (wait && total && !kube_wait_gone(run->call, run->kube, refs, total, err))
        return err_wrap(err, "wait until the objects are gone");
    return true;
}

static void log_progress(void *data, const struct kube_ref *ref, const struct kube_status *status) {
    struct run *run = data;
    log_to(run->call, LOG_INFO, "release", "waiting for %s: %s", kube_ref_text(run->call->arena, ref),
           status->reason ? status->reason : "ready");
}

bool wait_objects(struct run *run, const struct release_objects *objects, struct err *err) {
    struct kube_ref *refs = arena_array(run->call->arena, objects->count + 1, sizeof *refs);
    for (size_t i = 0; i < objects->count; i++)
        refs[i] = objects->items[i].ref;
    struct kube_wait wait = {.rules = KUBE_RULES_HELM3, .progress = log_progress, .data = run};
    if (!kube_wait_ready(run->call, run->kube, refs, objects->count, &wait, err))
        return err_wrap(err, "wait for release \"%s\"", run->release.name);
    return true;
}

bool ensure_namespace(struct run *run, struct err *err) {
    struct arena *arena = run->call->arena;
    const char *name = run->spec->namespace;
    if (!run->spec->create_namespace)
        return true;
    struct value_entry labels[] = {{"kubernetes.io/metadata.name", value_string(arena, name)},
                                   {"name", value_string(arena, name)}};
    struct value_entry metadata[] = {{"labels", value_map(arena, labels, 2)}, {"name", value_string(arena, name)}};
    struct value_entry object[] = {{"apiVersion", value_string_ref("v1")},
                                   {"kind", value_string_ref("Namespace")},
                                   {"metadata", value_map(arena, metadata, 2)}};
    if (kube_create(run->call, run->kube, value_map(arena, object, 3), run->manager, NULL, err) ||
        err->kind == ERR_CONFLICT)
        return true;
    return err_wrap(err, "create namespace %s", name);
}
