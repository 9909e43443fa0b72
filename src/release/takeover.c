// SPDX-License-Identifier: Apache-2.0
// Fields of a former installer. helm (client-side or server-side apply) and everything built on it own the
// fields they wrote; a field that the new manifest drops stays in the object as long as they do. Who they are
// is told by the managedFields of the release's own records: whoever wrote those installed the objects.
#include "kube/fields.h"
#include "release/write.h"

#include <string.h>

enum { TRIES = 6 };

static bool is_predecessor(const void *context, struct value entry) {
    const struct run *run = context;
    const char *manager = value_text_or(value_get(entry, "manager"), "");
    if (!strcmp(manager, run->manager)) // an update of ours; the apply is not asked about
        return true;
    return !strcmp(manager, "helm") || history_has_manager(run, manager);
}

// Guarded by the resourceVersion: a controller may have written the object's status in between.
bool take_over(struct run *run, struct write *write, struct err *err) {
    struct arena *arena = run->call->arena;
    struct value *live = &write->answer.object;
    for (int i = 0; i < TRIES; i++) {
        struct value fields = kube_fields_handed_over(arena, *live, run->manager, is_predecessor, run);
        if (value_is_null(fields)) {
            err->kind = ERR_NONE;
            return true;
        }
        struct value patch[] = {kube_patch_operation(arena, "replace", "/metadata/managedFields", fields),
                                kube_patch_operation(arena, "replace", "/metadata/resourceVersion",
                                                     value_dig(*live, "metadata", "resourceVersion", NULL))};
        struct kube_request hand_over = {.verb = KUBE_PATCH_JSON,
                                         .ref = write->object.ref,
                                         .body = value_list(arena, patch, 2),
                                         .manager = run->manager};
        struct kube_answer handed;
        if (kube_do(run->call, run->kube, &hand_over, &handed, err)) {
            err->kind = ERR_NONE;
            leave_ignored(run, write, handed.object);
            struct kube_request again = apply_request(run, &write->object);
            return kube_do(run->call, run->kube, &again, &write->answer, err);
        }
        if (err->kind != ERR_CONFLICT || !kube_get(run->call, run->kube, &write->object.ref, live, err))
            return false;
    }
    return err_set(err, ERR_CONFLICT, "it changed %d times while its fields were handed over", TRIES);
}
