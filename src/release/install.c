// SPDX-License-Identifier: Apache-2.0
#include "release/private.h"

#include <string.h>

// A name that was uninstalled is free, and so is one where only our own interrupted attempts are: nothing of
// it ever worked, and no state knows of it any more.
static bool check_free(const struct run *run, struct err *err) {
    const struct release_spec *spec = run->spec;
    const struct stored *newest = history_newest(&run->history);
    if (!newest || spec->adopt || spec->known)
        return true;
    if (history_is_new(&run->history) &&
        (!strcmp(newest->release.status, "uninstalled") || history_is_ours(&run->history, run->manager)))
        return true;
    const struct release *last = &newest->release;
    return err_set(
        err, ERR_CONFLICT,
        "a Helm release \"%s\" exists already in namespace %s (revision %d of chart %s-%s, %s). Set adopt = "
        "true to take it over, import it, or choose another name. Nothing else, such as a helm_release that "
        "goes, may uninstall it in the apply that takes it over%s",
        spec->name, spec->namespace, last->revision, last->chart_name, last->chart_version, last->status,
        last->owner ? ".\n\nIf it is what this is to replace: with create_before_destroy, of its own or of a "
                      "resource that depends on it, a release cannot be replaced under its own name. Remove "
                      "create_before_destroy; or keep the release with `terraform untaint ADDRESS` or "
                      "without -replace. Nothing was changed"
                    : "");
}

bool release_install(struct call *call, struct kube_client *kube, const struct release_spec *spec,
                     struct release *out, struct err *err) {
    struct run run = {
        .call = call, .kube = kube, .spec = spec, .manager = spec->manager, .ignored = spec->ignored};
    *out = (struct release){0};
    bool done = store_list(call, kube, spec->namespace, spec->name, &run.history, err) &&
                check_free(&run, err) && predecessor_check(&run, err) && deploy(&run, out, err);
    // What worked before must not be given to a caller that would delete a half-made thing.
    if (!done && !history_is_new(&run.history))
        *out = (struct release){0};
    return done || err_wrap(err, "install release \"%s\"", spec->name);
}
