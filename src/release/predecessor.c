// SPDX-License-Identifier: Apache-2.0
// A release that somebody else made and that we go on with, while he may be uninstalling it: a helm_release
// of the same configuration goes at the same time. Helm marks the newest record "uninstalling", deletes the
// objects, and then the records that it had found when it began; nothing locks it out.
#include "release/private.h"

#include <string.h>

static bool made_by_others(const struct run *run, const struct stored *stored) {
    struct history one = {(struct stored *)stored, 1};
    return !history_is_ours(&one, run->manager);
}

static bool refuse(const struct run *run, const char *what, struct err *err) {
    const char *name = run->spec->name, *namespace = run->spec->namespace;
    return err_set(
        err, ERR_CONFLICT,
        "the Helm release \"%s\" in namespace %s %s. Something uninstalls or changes it while it is "
        "taken over, such as a helm_release that goes in the same apply: that has to be taken out of "
        "its configuration and state first, without uninstalling. See what is left of the release "
        "(helm history %s --namespace %s); where it stays half uninstalled, helm uninstall ends it. "
        "Then plan again",
        name, namespace, what, name, namespace);
}

bool predecessor_check(const struct run *run, struct err *err) {
    struct arena *arena = run->call->arena;
    const struct release_seen *seen = &run->spec->seen;
    const struct stored *newest = history_newest(&run->history);
    const char *then = arena_printf(arena, "was at revision %d (%s) a moment ago and", seen->revision,
                                    seen->revision ? seen->status : "");
    if (seen->revision && !newest)
        return refuse(run, arena_printf(arena, "%s is gone", then), err);
    if (newest && !strcmp(newest->release.status, "uninstalling") && made_by_others(run, newest))
        return refuse(run, "is being uninstalled", err);
    if (seen->revision &&
        (newest->release.revision != seen->revision || strcmp(newest->release.status, seen->status) != 0))
        return refuse(run,
                      arena_printf(arena, "%s is at revision %d (%s)", then, newest->release.revision,
                                   newest->release.status),
                      err);
    return true;
}

// Pruning may have deleted any record but the last deployed one.
static bool is_disturbed(const struct run *run, const struct stored *stored) {
    struct value secret;
    struct err unread = err_in(run->call->arena);
    struct kube_ref ref =
        KUBE_REF("v1", "Secret", stored->release.namespace,
                 record_secret_name(run->call->arena, stored->release.name, stored->release.revision));
    if (!kube_find(run->call, run->kube, &ref, &secret, &unread))
        return false;
    if (value_is_null(secret))
        return stored == history_deployed(&run->history);
    return value_is_text(value_dig(secret, "metadata", "labels", "status", NULL), "uninstalling");
}

bool predecessor_undisturbed(const struct run *run, struct err *err) {
    const struct stored *newest = history_newest(&run->history), *deployed = history_deployed(&run->history);
    if (!newest || !made_by_others(run, newest) || !strcmp(newest->release.status, "uninstalling"))
        return true;
    if (!is_disturbed(run, newest) && (!deployed || deployed == newest || !is_disturbed(run, deployed)))
        return true;
    return refuse(run, "was uninstalled meanwhile", err);
}
