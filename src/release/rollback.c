// SPDX-License-Identifier: Apache-2.0
#include "release/private.h"

#include "base/rfc3339.h"

#include <string.h>

static const struct stored *choose(const struct history *history, int revision) {
    for (size_t i = history->count; i-- > 0;) {
        const struct stored *stored = &history->items[i];
        const char *status = stored->release.status;
        if (revision
                ? stored->release.revision == revision
                : i + 1 < history->count && (!strcmp(status, "deployed") || !strcmp(status, "superseded")))
            return stored;
    }
    return NULL;
}

// The chosen revision's content under the next number.
static bool copy_record(struct run *run, const struct stored *target, const char *description,
                        struct err *err) {
    struct arena *arena = run->call->arena;
    int revision = history_newest(&run->history)->release.revision + 1;
    struct value info = value_get(target->release.record, "info");
    info = value_with(arena, info, "status", value_string_ref("pending-rollback"));
    info = value_with(arena, info, "description", value_string(arena, description));
    info = value_with(arena, info, "last_deployed", value_string(arena, rfc3339_now(arena)));
    struct value record = value_with(arena, target->release.record, "info", info);
    record = value_with(arena, record, "version", value_int(revision));
    const char *owner = history_owner(&run->history);
    run->labels = value_without(arena, store_user_labels(arena, target->secret), RELEASE_OWNER);
    if (owner)
        run->labels = value_with(arena, run->labels, RELEASE_OWNER, value_string(arena, owner));
    return record_decode(arena, record, &run->release, err);
}

static bool work(struct run *run, bool wait, struct err *err) {
    struct release_objects old, new;
    if (!history_objects(run, &old, err) ||
        !objects_parse(run->call, run->kube, &run->release, true, &new, err))
        return false;
    struct release_objects gone = objects_minus(run->call->arena, &old, &new);
    run->objects = new;
    run->old = old;
    run->gone = gone;
    return run_hooks(run, "pre-rollback", err) && apply_objects(run, &new, err) &&
           delete_objects(run, &gone, false, err) && (!wait || wait_objects(run, &new, err)) &&
           run_hooks(run, "post-rollback", err);
}

bool release_rollback(struct call *call, struct kube_client *kube, const struct release_target *target,
                      int revision, struct release *out, struct err *err) {
    struct run run = {.call = call, .kube = kube, .manager = target->manager, .ignored = target->ignored};
    if (!store_list(call, kube, target->namespace, target->name, &run.history, err))
        return err_wrap(err, "roll back release \"%s\"", target->name);
    const struct stored *chosen = choose(&run.history, revision);
    if (!chosen)
        return err_set(err, ERR_NOT_FOUND, "release \"%s\" has no revision to roll back to", target->name);
    const char *description = arena_printf(call->arena, "Rollback to %d", chosen->release.revision);
    if (!copy_record(&run, chosen, description, err) || !store_create(&run, target->max_history, err))
        return err_wrap(err, "roll back release \"%s\"", target->name);
    bool worked = work(&run, target->wait, err);
    if (!worked) {
        struct err also = err_in(call->arena);
        store_status(&run, "failed", arena_printf(call->arena, "%s failed: %s", description, err->msg),
                     &also);
    }
    worked = worked && store_status(&run, "deployed", description, err) && store_supersede(&run, err);
    *out = run.release;
    return worked || err_wrap(err, "roll back release \"%s\"", target->name);
}
