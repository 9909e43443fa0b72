// SPDX-License-Identifier: Apache-2.0
#include "release/private.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { STALE_AFTER_S = 15 * 60 };

static bool is_pending(const struct release *release) {
    return !strncmp(release->status, "pending-", 8);
}

// Who wrote the record: the field manager of the Secret.
static bool written_by(struct value secret, const char *manager) {
    struct value fields = value_dig(secret, "metadata", "managedFields", NULL);
    for (size_t i = 0; i < value_len(fields); i++) {
        const char *name = value_dig_string(value_at(fields, i), "manager", NULL);
        if (name && !strcmp(name, manager))
            return true;
    }
    return false;
}

static long age_of(const struct release *release) {
    struct tm tm = {0};
    if (!strptime(release->last_deployed, "%Y-%m-%dT%H:%M:%S", &tm))
        return STALE_AFTER_S + 1;
    // A local offset may follow; at most a day off, which only matters for records of other writers.
    const char *zone = release->last_deployed + strlen(release->last_deployed);
    while (zone > release->last_deployed + 19 && *zone != '+' && *zone != '-')
        zone--;
    int hours = 0, minutes = 0;
    if (zone > release->last_deployed + 19)
        sscanf(zone + 1, "%d:%d", &hours, &minutes);
    long offset = (hours * 60 + minutes) * 60 * (*zone == '-' ? -1 : 1);
    return (long)(time(NULL) - (timegm(&tm) - offset));
}

// Whoever calls us holds a lock that keeps two of our runs apart, so a pending record of ours is what a crash
// left behind. Another writer's may be at work: it is given a quarter of an hour.
bool recover_pending(struct run *run, struct stored *last, struct err *err) {
    struct arena *arena = run->call->arena;
    const struct release *release = &last->release;
    if (!is_pending(release))
        return true;
    long age = age_of(release);
    if (!written_by(last->secret, run->manager) && age < STALE_AFTER_S)
        return err_set(err, ERR_CONFLICT,
                       "another operation on this release is in progress: revision %d is %s since %ld s. Wait for it; when "
                       "nothing is running any more, try again after %d minutes or delete the Secret %s/%s",
                       release->revision, release->status, age, STALE_AFTER_S / 60, release->namespace,
                       record_secret_name(arena, release->name, release->revision));
    call_warn(run->call, NULL, "Interrupted release recovered",
              "Revision %d of release \"%s\" was left %s by an operation that ended early. It is marked failed, and this "
              "run goes on from there.",
              release->revision, release->name, release->status);
    if (!store_mark(run, last, "failed", "interrupted", err))
        return false;
    last->release.status = "failed";
    return true;
}

static struct stored *newest_deployed(struct stored *records, size_t count) {
    for (size_t i = count; i-- > 0;)
        if (!strcmp(records[i].release.status, "deployed"))
            return &records[i];
    return &records[count - 1];
}

static bool work(struct run *run, const struct release_objects *old, const struct release_objects *new,
                 struct err *err) {
    struct release_objects gone = objects_minus(run->call->arena, old, new);
    return run_hooks(run, "pre-upgrade", err) && apply_objects(run, new, err) &&
           delete_objects(run, &gone, false, err) && (!run->spec->wait || wait_objects(run, new, err)) &&
           run_hooks(run, "post-upgrade", err);
}

static bool failed(struct run *run, bool had_deployed, struct release *out, struct err *err) {
    struct arena *arena = run->call->arena;
    struct err also = err_in(arena);
    store_status(run, "failed", arena_printf(arena, "Upgrade \"%s\" failed: %s", run->release.name, err->msg),
                 &also);
    *out = run->release;
    if (!run->spec->atomic || !had_deployed)
        return false;
    struct release_target target = {run->release.name, run->release.namespace, run->manager, false,
                                    run->spec->max_history};
    struct call cleaning = *run->call;
    cleaning.stop[0] = cleaning.stop[1] = NULL;
    cleaning.deadline = call_now() + 60000;
    if (!release_rollback(&cleaning, run->kube, &target, 0, out, &also))
        return err_wrap(err, "(and it could not be rolled back: %s)", also.msg);
    return err_wrap(err, "rolled back, as atomic = true asks");
}

static bool supersede(struct run *run, struct stored *records, size_t count, struct err *err) {
    for (size_t i = 0; i < count; i++)
        if (!strcmp(records[i].release.status, "deployed") &&
            !store_mark(run, &records[i], "superseded", records[i].release.description, err))
            return false;
    return true;
}

static bool prepare(struct run *run, struct stored *records, size_t count, struct release_objects *old,
                    struct release_objects *new, struct err *err) {
    struct helm_rendered rendered;
    const struct release *last = &records[count - 1].release;
    if (!recover_pending(run, &records[count - 1], err) || !build_render(run, last->revision + 1, true, &rendered, err) ||
        !build_record(run, &rendered, last->revision + 1, "pending-upgrade", "Preparing upgrade",
                      records[0].release.first_deployed, err) ||
        !apply_crds(run, &rendered.crds, err) ||
        !objects_parse(run->call, run->kube, &newest_deployed(records, count)->release, old, err) ||
        !objects_parse(run->call, run->kube, &run->release, new, err))
        return false;
    struct release_objects added = objects_minus(run->call->arena, new, old);
    return objects_check_owner(run, &added, err) && store_create(run, err);
}

bool release_upgrade(struct call *call, struct kube_client *kube, const struct release_spec *spec,
                     struct release *out, struct err *err) {
    struct run run = {.call = call, .kube = kube, .spec = spec, .manager = spec->manager};
    struct release_objects old, new;
    struct stored *records;
    size_t count;
    *out = (struct release){0};
    if (!store_list(call, kube, spec->namespace, spec->name, &records, &count, err))
        return false;
    if (!count)
        return err_set(err, ERR_NOT_FOUND, "release \"%s\" is gone from namespace %s", spec->name, spec->namespace);
    *out = records[count - 1].release;
    if (!prepare(&run, records, count, &old, &new, err))
        return err_wrap(err, "upgrade release \"%s\"", spec->name);
    *out = run.release;
    if (!work(&run, &old, &new, err)) {
        bool had_deployed = !strcmp(newest_deployed(records, count)->release.status, "deployed");
        err_wrap(err, "upgrade release \"%s\"", spec->name);
        return failed(&run, had_deployed, out, err);
    }
    bool stored = store_status(&run, "deployed", "Upgrade complete", err) && supersede(&run, records, count, err) &&
                  store_prune(&run, spec->max_history, err);
    *out = run.release;
    return stored;
}
