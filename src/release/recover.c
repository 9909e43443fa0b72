// SPDX-License-Identifier: Apache-2.0
// A revision that nobody works on any more: left pending by a process that is gone, or too long ago.
#include "release/private.h"

#include "base/rfc3339.h"

#include <string.h>
#include <time.h>

enum { STALE_AFTER_S = 15 * 60 };

static long age_of(const struct release *release) {
    int64_t then;
    return rfc3339_parse(release->last_deployed, &then) ? (long)(time(NULL) - then) : STALE_AFTER_S + 1;
}

// A process that runs is at work. One that is gone from this machine is not. Of one elsewhere, and of other
// writers, we cannot tell: a caller whose state holds the release has Terraform's lock on it, which our own
// kind would hold too; anybody else is given a quarter of an hour.
static bool may_be_at_work(const struct run *run, const struct stored *stored, long age) {
    switch (holder_state(run->call->arena, stored->secret)) {
    case HOLDER_ALIVE: return true;
    case HOLDER_GONE: return false;
    default: return age < STALE_AFTER_S && !(run->spec->known && history_wrote(stored, run->manager));
    }
}

bool history_recover(struct run *run, struct err *err) {
    struct stored *last = history_newest(&run->history);
    if (!last || strncmp(last->release.status, "pending-", 8) != 0)
        return true;
    const struct release *release = &last->release;
    long age = age_of(release);
    if (may_be_at_work(run, last, age))
        return err_set(err, ERR_CONFLICT,
                       "another operation on this release is in progress: revision %d is %s since %ld s. "
                       "Wait for it; when "
                       "nothing is running any more, try again after %d minutes or delete the Secret %s/%s",
                       release->revision, release->status, age, STALE_AFTER_S / 60, release->namespace,
                       record_secret_name(run->call->arena, release->name, release->revision));
    call_warn(run->call, subject_of(release_text(run->call->arena, release->namespace, release->name)),
              "Interrupted release recovered:",
              "Revision %d of release \"%s\" was left %s by an operation that ended early. It is marked "
              "failed, and this "
              "run goes on from there.",
              release->revision, release->name, release->status);
    if (!store_mark(run, last, "failed", "interrupted", err))
        return false;
    last->release.status = "failed";
    return true;
}
