// SPDX-License-Identifier: Apache-2.0
#include "release/private.h"

#include <string.h>

static bool check_free(struct run *run, bool *exists, struct err *err) {
    const struct release_spec *spec = run->spec;
    struct stored *records;
    size_t count;
    if (!store_list(run->call, run->kube, spec->namespace, spec->name, &records, &count, err))
        return false;
    *exists = count > 0;
    if (!count || spec->adopt)
        return true;
    const struct release *last = &records[count - 1].release;
    return err_set(err, ERR_CONFLICT,
                   "a Helm release \"%s\" exists already in namespace %s (revision %d of chart %s-%s, %s). Set adopt = "
                   "true to take it over, import it, or choose another name",
                   spec->name, spec->namespace, last->revision, last->chart_name, last->chart_version, last->status);
}

static bool work(struct run *run, const struct release_objects *objects, struct err *err) {
    return run_hooks(run, "pre-install", err) && apply_objects(run, objects, err) &&
           (!run->spec->wait || wait_objects(run, objects, err)) && run_hooks(run, "post-install", err);
}

// With atomic, nothing of a failed install stays; the record says why it failed otherwise.
static bool failed(struct run *run, struct release *out, struct err *err) {
    struct arena *arena = run->call->arena;
    struct err also = err_in(arena);
    store_status(run, "failed", arena_printf(arena, "Release \"%s\" failed: %s", run->release.name, err->msg),
                 &also);
    *out = run->release;
    if (!run->spec->atomic)
        return false;
    struct release_target target = {run->release.name, run->release.namespace, run->manager, false, 0};
    struct call cleaning = *run->call;
    cleaning.stop[0] = cleaning.stop[1] = NULL;
    cleaning.deadline = call_now() + 60000;
    if (!release_uninstall(&cleaning, run->kube, &target, &also))
        return err_wrap(err, "(and it could not be uninstalled: %s)", also.msg);
    *out = (struct release){0};
    return err_wrap(err, "uninstalled again, as atomic = true asks");
}

bool release_install(struct call *call, struct kube_client *kube, const struct release_spec *spec,
                     struct release *out, struct err *err) {
    struct run run = {.call = call, .kube = kube, .spec = spec, .manager = spec->manager};
    struct helm_rendered rendered;
    struct release_objects objects;
    bool exists;
    *out = (struct release){0};
    if (!check_free(&run, &exists, err))
        return err_wrap(err, "install release \"%s\"", spec->name);
    if (exists)
        return release_upgrade(call, kube, spec, out, err);
    if (!build_render(&run, 1, false, &rendered, err) ||
        !build_record(&run, &rendered, 1, "pending-install", "Initial install underway", NULL, err) ||
        !apply_crds(&run, &rendered.crds, err) || !objects_parse(call, kube, &run.release, &objects, err) ||
        !objects_check_owner(&run, &objects, err) || !ensure_namespace(&run, err) || !store_create(&run, err))
        return err_wrap(err, "install release \"%s\"", spec->name);
    *out = run.release;
    if (!work(&run, &objects, err)) {
        err_wrap(err, "install release \"%s\"", spec->name);
        return failed(&run, out, err);
    }
    bool stored = store_status(&run, "deployed", "Install complete", err);
    *out = run.release;
    return stored;
}
