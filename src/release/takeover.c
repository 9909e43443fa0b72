// SPDX-License-Identifier: Apache-2.0
// Fields of a former installer. helm (client-side or server-side apply) and everything built on it own the
// fields they wrote; a field that the new manifest drops stays in the object as long as they do. Who they are
// is told by the managedFields of the release's own records: whoever wrote those installed the objects.
#include "release/private.h"

#include <string.h>

enum { TRIES = 6 };

static bool is_predecessor(const struct run *run, struct value entry) {
    const char *manager = value_text_or(value_get(entry, "manager"), "");
    return !value_has(entry, "subresource") &&
           (!strcmp(manager, "helm") || history_has_manager(run, manager)) &&
           strcmp(manager, run->manager) != 0;
}

static bool is_ours(const struct run *run, struct value entry) {
    return value_is_text(value_get(entry, "manager"), run->manager) &&
           value_is_text(value_get(entry, "operation"), "Apply") && !value_has(entry, "subresource");
}

static struct value union_of(struct arena *arena, struct value a, struct value b) {
    for (size_t i = 0; i < value_len(b); i++) {
        const struct value_entry *entry = value_entry_at(b, i);
        struct value both =
            value_has(a, entry->key) ? union_of(arena, value_get(a, entry->key), entry->value) : entry->value;
        a = value_with(arena, a, entry->key, both);
    }
    return a;
}

// managedFields with the predecessors' entries merged into our own; null when there are none.
static struct value handed_over(const struct run *run, struct value live) {
    struct arena *arena = run->call->arena;
    struct value fields = value_dig(live, "metadata", "managedFields", NULL),
                 kept = value_list(arena, NULL, 0);
    struct value theirs = value_map(arena, NULL, 0), ours = value_null();
    for (size_t i = 0; i < value_len(fields); i++) {
        struct value entry = value_at(fields, i);
        if (is_predecessor(run, entry))
            theirs = union_of(arena, theirs, value_get(entry, "fieldsV1"));
        else if (is_ours(run, entry))
            ours = entry;
        else
            kept = value_append(arena, kept, entry);
    }
    if (!value_len(theirs) || value_is_null(ours))
        return value_null();
    struct value both = union_of(arena, value_get(ours, "fieldsV1"), theirs);
    return value_append(arena, kept, value_with(arena, ours, "fieldsV1", both));
}

// Guarded by the resourceVersion: a controller may have written the object's status in between.
bool take_over(struct run *run, const struct release_object *object, struct value live, struct err *err) {
    struct arena *arena = run->call->arena;
    for (int i = 0; i < TRIES; i++) {
        struct value fields = handed_over(run, live);
        if (value_is_null(fields)) {
            err->kind = ERR_NONE;
            return true;
        }
        struct value patch[] = {kube_patch_operation(arena, "replace", "/metadata/managedFields", fields),
                                kube_patch_operation(arena, "replace", "/metadata/resourceVersion",
                                                     value_dig(live, "metadata", "resourceVersion", NULL))};
        struct kube_request hand_over = {.verb = KUBE_PATCH_JSON,
                                         .ref = object->ref,
                                         .body = value_list(arena, patch, 2),
                                         .manager = run->manager};
        struct kube_request again = apply_request(run, object);
        if (kube_do(run->call, run->kube, &hand_over, NULL, err)) {
            err->kind = ERR_NONE;
            return kube_do(run->call, run->kube, &again, NULL, err);
        }
        if (err->kind != ERR_CONFLICT || !kube_get(run->call, run->kube, &object->ref, &live, err))
            return false;
    }
    return err_set(err, ERR_CONFLICT, "it changed %d times while its fields were handed over", TRIES);
}
