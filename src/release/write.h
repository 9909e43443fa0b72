// SPDX-License-Identifier: Apache-2.0
// How one object of a release gets into the cluster. Private to src/release.
//   0. What belongs to controllers is left out of it (kube/controllers.h); what the user ignores is said as
//      it is, where it is ours (kube/ignored.h).
//   1. It is applied by the server (server-side apply), by force: a release's objects are its own.
//   2. What the server refuses is written by an update that is merged here (kube/merge.h): an object that
//      has the other half of an either-or field, whatever the profile; with profile 3 also one that has no
//      typed form, or that says what only the server writes, with a warning.
//   3. What earlier installers own in it, is handed over to us.
//      Ours by then is also what they had of what the user ignores.
//   4. Labels and annotations that an earlier revision had and this one has not, are taken away.
#ifndef RELEASE_WRITE_H
#define RELEASE_WRITE_H

#include "kube/controllers.h"
#include "release/private.h"

struct write {
    struct release_object object;
    struct value whole;                // the same before what the user ignores was taken out
    struct kube_ignored ignored;       // that
    struct kube_controlled controlled; // what step 0 knew
    struct kube_answer answer;         // of the last request
    bool merged;                       // not applied, but written by an update that was merged here
};

struct kube_request apply_request(const struct run *run, const struct release_object *object);

// Writes objects of one kind, all at once.
bool apply_batch(struct run *run, const struct release_object *objects, size_t count, struct err *err);

// Step 0. Fails where an object cannot be read of which the user ignores something: it would be overwritten.
bool leave_to_others(struct run *run, struct write *writes, size_t count, struct err *err);

// What the user ignores is taken out of the object again, which lives now as `live`.
void leave_ignored(const struct run *run, struct write *write, struct value live);

// Step 2: `err` is why not. Helm 4's profile refuses what has no typed form, with ERR_REFUSED.
bool apply_refused(struct run *run, struct write *write, struct err *err);

// Step 3, for an object as it is after our apply, which is in the answer before and afterwards; what we wrote
// ourselves by other means is handed over, too.
bool take_over(struct run *run, struct write *write, struct err *err);

// Step 4.
bool take_dropped(struct run *run, const struct write *write, struct err *err);

#endif
