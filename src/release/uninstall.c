// SPDX-License-Identifier: Apache-2.0
#include "release/private.h"

#include <stdlib.h>
#include <string.h>

static int in_uninstall_order(const void *a, const void *b) {
    const struct release_object *x = a, *y = b;
    return helm_kind_compare_uninstall(HELM_3, x->ref.kind, y->ref.kind);
}

// The kinds of a release may be gone (a CRD that was deleted took its objects along); what cannot
// be named any more need not be deleted.
static bool objects_left(struct run *run, struct release_objects *out, struct err *err) {
    if (objects_parse(run->call, run->kube, &run->release, out, err))
        return true;
    if (err->kind != ERR_NOT_FOUND)
        return false;
    const struct helm_manifest *manifests;
    size_t count;
    if (!helm_manifest_split(run->call->arena, HELM_3, run->release.manifest, &manifests, &count, err))
        return false;
    *out = (struct release_objects){arena_array(run->call->arena, count + 1, sizeof *out->items), 0};
    for (size_t i = 0; i < count; i++) {
        struct release one = run->release;
        struct release_objects parsed;
        struct err ignored = err_in(run->call->arena);
        one.manifest = arena_printf(run->call->arena, "---\n%s\n", manifests[i].text);
        if (objects_parse(run->call, run->kube, &one, &parsed, &ignored) && parsed.count == 1)
            out->items[out->count++] = parsed.items[0];
    }
    return true;
}

bool release_uninstall(struct call *call, struct kube_client *kube, const struct release_target *target,
                       struct err *err) {
    struct run run = {.call = call, .kube = kube, .manager = target->manager};
    struct release_objects objects;
    struct stored *records;
    size_t count;
    if (!store_list(call, kube, target->namespace, target->name, &records, &count, err))
        return false;
    if (!count)
        return true;
    run.release = records[count - 1].release;
    if (!objects_left(&run, &objects, err))
        return err_wrap(err, "uninstall release \"%s\"", target->name);
    if (objects.count)
        qsort(objects.items, objects.count, sizeof *objects.items, in_uninstall_order);
    bool done = store_status(&run, "uninstalling", "Deletion in progress (or silently failed)", err) &&
                run_hooks(&run, "pre-delete", err) && delete_objects(&run, &objects, target->wait, err) &&
                run_hooks(&run, "post-delete", err) && store_delete(&run, records, count, err);
    return done || err_wrap(err, "uninstall release \"%s\"", target->name);
}
