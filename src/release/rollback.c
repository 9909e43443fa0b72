// SPDX-License-Identifier: Apache-2.0
#include "release/private.h"

#include <string.h>

static struct stored *choose(struct stored *records, size_t count, int revision) {
    for (size_t i = count; i-- > 0;) {
        const struct release *release = &records[i].release;
        if (revision ? release->revision == revision
                     : i + 1 < count && (!strcmp(release->status, "deployed") || !strcmp(release->status, "superseded")))
            return &records[i];
    }
    return NULL;
}

// The chosen revision's content under the next number.
static bool copy_record(struct run *run, const struct release *target, int revision, struct err *err) {
    struct arena *arena = run->call->arena;
    struct value info = value_get(target->record, "info");
    info = value_with(arena, info, "status", value_string_ref("pending-rollback"));
    info = value_with(arena, info, "description",
                      value_string(arena, arena_printf(arena, "Rollback to %d", target->revision)));
    info = value_with(arena, info, "last_deployed", value_string(arena, record_time(arena)));
    struct value record = value_with(arena, target->record, "info", info);
    record = value_with(arena, record, "version", value_int(revision));
    return record_decode(arena, record, &run->release, err);
}

static bool work(struct run *run, const struct release *current, bool wait, struct err *err) {
    struct release_objects old, new;
    if (!objects_parse(run->call, run->kube, current, &old, err) ||
        !objects_parse(run->call, run->kube, &run->release, &new, err))
        return false;
    struct release_objects gone = objects_minus(run->call->arena, &old, &new);
    return run_hooks(run, "pre-rollback", err) && apply_objects(run, &new, err) &&
           delete_objects(run, &gone, false, err) && (!wait || wait_objects(run, &new, err)) &&
           run_hooks(run, "post-rollback", err);
}

static bool finish(struct run *run, struct stored *records, size_t count, const char *description, int max_history,
                   struct err *err) {
    for (size_t i = 0; i < count; i++)
        if (!strcmp(records[i].release.status, "deployed") &&
            !store_mark(run, &records[i], "superseded", records[i].release.description, err))
            return false;
    return store_status(run, "deployed", description, err) && store_prune(run, max_history, err);
}

bool release_rollback(struct call *call, struct kube_client *kube, const struct release_target *target, int revision,
                      struct release *out, struct err *err) {
    struct run run = {.call = call, .kube = kube, .manager = target->manager};
    struct stored *records, *chosen;
    size_t count;
    if (!store_list(call, kube, target->namespace, target->name, &records, &count, err))
        return false;
    chosen = choose(records, count, revision);
    if (!chosen)
        return err_set(err, ERR_NOT_FOUND, "release \"%s\" has no revision to roll back to", target->name);
    const struct release *current = &records[count - 1].release;
    if (!copy_record(&run, &chosen->release, current->revision + 1, err) || !store_create(&run, err))
        return err_wrap(err, "roll back release \"%s\"", target->name);
    *out = run.release;
    const char *description = arena_printf(call->arena, "Rollback to %d", chosen->release.revision);
    bool worked = work(&run, current, target->wait, err);
    if (!worked) {
        struct err also = err_in(call->arena);
        store_status(&run, "failed", arena_printf(call->arena, "%s failed: %s", description, err->msg), &also);
    }
    worked = worked && finish(&run, records, count, description, target->max_history, err);
    *out = run.release;
    return worked || err_wrap(err, "roll back release \"%s\"", target->name);
}
