// SPDX-License-Identifier: Apache-2.0
// What install and upgrade have in common. A release of which nothing was ever deployed is installed, with
// install hooks, however many attempts there were.
#include "release/private.h"

#include <string.h>

struct verb {
    const char *pending, *underway; // status and description of the record while it is worked on
    const char *before, *after;     // hooks
    const char *done, *failed;      // descriptions, as helm words them
    bool is_upgrade;
};

static const struct verb INSTALL = {"pending-install",
                                    "Initial install underway",
                                    "pre-install",
                                    "post-install",
                                    "Install complete",
                                    "Release",
                                    false};
static const struct verb UPGRADE = {"pending-upgrade",  "Preparing upgrade", "pre-upgrade", "post-upgrade",
                                    "Upgrade complete", "Upgrade",           true};

// For cleaning up after a failure: nothing stops it, but it is short.
static struct call cleaning_call(const struct call *call, const struct err *failure) {
    struct call cleaning = *call;
    cleaning.stop[0] = cleaning.stop[1] = NULL;
    cleaning.deadline = call_now() + (failure->kind == ERR_CANCELLED ? 10000 : 60000);
    return cleaning;
}

// What is kept comes from the revision that works, and from a newer one that does not.
static void keep_values(struct run *run) {
    const struct stored *from[] = {history_deployed(&run->history), history_newest(&run->history)};
    run->values = run->spec->values;
    for (size_t i = 0; run->spec->keep && i < sizeof from / sizeof *from; i++)
        if (from[i] && strcmp(from[i]->release.status, "uninstalled") != 0)
            run->values =
                run->spec->keep(run->call, run->values, from[i]->release.config, run->spec->keep_context);
}

// From here on whoever uninstalls the release sees our record as the newest. Who began before does not: then
// it is taken back, for nothing has been done.
static bool begin(struct run *run, struct err *err) {
    struct err also = err_in(run->call->arena);
    struct stored ours = {.release = run->release};
    if (predecessor_undisturbed(run, err))
        return true;
    store_delete(run, &ours, 1, &also);
    return false;
}

// What may be there of earlier revisions, CRDs included; of a record that cannot be read they are left out.
static void note_old(struct run *run, const struct release_objects *objects) {
    const struct stored *deployed = history_deployed(&run->history);
    struct release_objects crds;
    struct err unread = err_in(run->call->arena);
    run->old = *objects;
    if (deployed && release_crds_stored(run->call->arena, &deployed->release, &crds, &unread))
        objects_add(run->call->arena, &run->old, &crds);
}

// Everything that can be found wrong is found here, before the record exists; of the cluster only CRDs and
// the namespace change.
static bool prepare(struct run *run, const struct verb *verb, struct release_objects *old,
                    struct release_objects *new, struct err *err) {
    struct helm_rendered rendered;
    struct arena *arena = run->call->arena;
    const struct stored *newest = history_newest(&run->history);
    const char *const events[] = {verb->before, verb->after};
    int revision = newest ? newest->release.revision + 1 : 1;
    if (newest)
        run->labels = store_user_labels(arena, newest->secret);
    if (run->spec->owner)
        run->labels = value_with(arena, run->labels, RELEASE_OWNER, value_string(arena, run->spec->owner));
    keep_values(run);
    if (!history_recover(run, err) || !build_render(run, revision, verb->is_upgrade, &rendered, err) ||
        !documents_check(arena, &rendered, events, err) ||
        !build_record(run, &rendered, revision, verb->pending, verb->underway, err) ||
        !history_objects(run, old, err) ||
        !objects_parse(run->call, run->kube, &run->release, false, new, err))
        return false;
    struct release_objects added = objects_minus(arena, new, old);
    if (!ownership_check(run, &added, err) || !apply_crds(run, &rendered.crds, err) ||
        (rendered.crds.count && !history_objects(run, old, err))) // in a version that is still served
        return false;
    note_old(run, old);
    return objects_parse(run->call, run->kube, &run->release, true, new, err) && ensure_namespace(run, err) &&
           store_create(run, run->spec->max_history, err) && begin(run, err);
}

static bool work(struct run *run, const struct verb *verb, const struct release_objects *old,
                 const struct release_objects *new, struct err *err) {
    struct release_objects gone = objects_minus(run->call->arena, old, new);
    run->objects = *new;
    run->gone = gone;
    return run_hooks(run, verb->before, err) && apply_objects(run, new, err) &&
           delete_objects(run, &gone, false, err) && (!run->spec->wait || wait_objects(run, new, err)) &&
           run_hooks(run, verb->after, err);
}

// With atomic: nothing of a failed first install stays, a failed upgrade is rolled back.
static bool undo(struct run *run, struct release *out, struct err *err) {
    struct err also = err_in(run->call->arena);
    struct call cleaning = cleaning_call(run->call, err);
    struct release_target target = {
        run->release.name, run->release.namespace, run->manager, false, run->spec->max_history, run->ignored};
    bool back = history_deployed(&run->history) != NULL;
    bool done = back ? release_rollback(&cleaning, run->kube, &target, 0, out, &also)
                     : release_uninstall(&cleaning, run->kube, &target, &also);
    call_join(run->call, &cleaning);
    if (!done)
        return err_wrap(err, "(and it could not be %s: %s)", back ? "rolled back" : "uninstalled", also.msg);
    if (!back)
        *out = (struct release){0};
    return err_wrap(err, "%s, as atomic = true asks", back ? "rolled back" : "uninstalled again");
}

static bool failed(struct run *run, const struct verb *verb, struct release *out, struct err *err) {
    struct arena *arena = run->call->arena;
    struct err also = err_in(arena), disturbance = err_in(arena);
    // What there was before is not rolled back to while somebody uninstalls it.
    bool disturbed = !predecessor_undisturbed(run, &disturbance);
    if (disturbed)
        *err = disturbance;
    store_status(run, "failed",
                 arena_printf(arena, "%s \"%s\" failed: %s", verb->failed, run->release.name, err->msg),
                 &also);
    *out = run->release;
    return run->spec->atomic && !disturbed ? undo(run, out, err) : false;
}

bool deploy(struct run *run, struct release *out, struct err *err) {
    struct release_objects old, new;
    const struct verb *verb = history_is_new(&run->history) ? &INSTALL : &UPGRADE;
    if (!prepare(run, verb, &old, &new, err))
        return false;
    *out = run->release;
    if (!work(run, verb, &old, &new, err) || !predecessor_undisturbed(run, err))
        return failed(run, verb, out, err);
    bool stored = store_status(run, "deployed", verb->done, err) && store_supersede(run, err);
    *out = run->release;
    return stored;
}
