// SPDX-License-Identifier: Apache-2.0
#include "release/private.h"

#include <string.h>

// In Helm's order of deleting; objects of one kind stay as they stand.
static void sort_for_uninstall(struct release_objects *objects) {
    for (size_t i = 1; i < objects->count; i++) {
        struct release_object moving = objects->items[i];
        size_t j = i;
        for (; j && helm_kind_compare_uninstall(HELM_3, objects->items[j - 1].ref.kind, moving.ref.kind) > 0;
             j--)
            objects->items[j] = objects->items[j - 1];
        objects->items[j] = moving;
    }
}

bool release_uninstall(struct call *call, struct kube_client *kube, const struct release_target *target,
                       struct err *err) {
    struct run run = {.call = call, .kube = kube, .manager = target->manager, .uninstalling = true};
    if (!store_list(call, kube, target->namespace, target->name, &run.history, err))
        return err_wrap(err, "uninstall release \"%s\"", target->name);
    if (!run.history.count)
        return true;
    run.release = history_newest(&run.history)->release;
    run.labels = store_user_labels(call->arena, history_newest(&run.history)->secret);
    if (!history_objects(&run, &run.objects, err))
        return err_wrap(err, "uninstall release \"%s\"", target->name);
    sort_for_uninstall(&run.objects);
    bool done = store_status(&run, "uninstalling", "Deletion in progress (or silently failed)", err) &&
                run_hooks(&run, "pre-delete", err) && delete_objects(&run, &run.objects, target->wait, err) &&
                run_hooks(&run, "post-delete", err) &&
                store_delete(&run, run.history.items, run.history.count, err);
    return done || err_wrap(err, "uninstall release \"%s\"", target->name);
}
