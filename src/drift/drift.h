// SPDX-License-Identifier: Apache-2.0
// What in the cluster is not as it was written: path, wanted, found, who wrote it and when.
#ifndef DRIFT_DRIFT_H
#define DRIFT_DRIFT_H

#include "base/call.h"
#include "kube/ignored.h"
#include "value/diff.h"
#include "value/value.h"

struct drift_item {
    enum diff_kind kind;
    const char *object;  // "Deployment/wandb/wandb-controller-manager"
    const char *path;    // below the object: spec.values.global.host; "" for the object itself
    const char *wanted;  // JSON, masked where secret; "absent" when it should not be there
    const char *found;   // likewise
    const char *manager; // field manager of the last writer, "" when the server does not say
    const char *time;    // RFC 3339, "" when the server does not say
};

struct drift {
    const char *manager;   // our own field manager: what it owns is not somebody else's addition
    struct hidden *hidden; // secrets that no item shows wherever they stand, or NULL
    struct drift_item *items;
    size_t count;
};

// Which additions by others count.
enum drift_additions {
    DRIFT_ADDITIONS_ALL,   // everything: the subtree is owned as a whole
    DRIFT_ADDITIONS_OWNED, // what another manager is recorded to own: a server's defaults have no owner
};

// A part of an object: what was written there and what there is.
struct drift_part {
    const char *object; // "Deployment/wandb/wandb-controller-manager"
    const char *path;   // "spec"; "" for the object itself
    struct value wanted, found;
    struct value live;     // the whole object, for managedFields; or null
    struct value baseline; // drift_baseline, null for none: differences that it knows with the same found
                           // value are the server's own doing, and none
    enum drift_additions additions;
    const struct kube_ignored *ignored; // what is left to others of this object, and never counts; or NULL
};

// Adds what differs.
void drift_compare(struct arena *arena, struct drift *drift, const struct drift_part *part);

// Removes from the cluster what others added to a part (a JSON patch guarded by its resourceVersion), where
// `found` and `live` of the part do not count: `live` is the object, and its new self afterwards.
struct drift_removal {
    struct kube_client *kube;
    struct kube_ref ref;
    const char *manager;
    struct drift_part part;
};
bool drift_remove_additions(struct call *call, const struct drift_removal *removal, struct value *live,
                            struct err *err);

// Adds one item for a whole object that is gone.
void drift_missing(struct arena *arena, struct drift *drift, const char *object);

// Adds one item for a secret value, which is never shown.
void drift_secret(struct arena *arena, struct drift *drift, const char *object, const char *path,
                  struct value live);

// The differences right after our own write: defaults, normalised numbers, what a webhook filled in, added to
// the part's baseline so far. drift/baseline.h says what it is; null when there are none at all.
struct value drift_baseline(struct arena *arena, const struct drift_part *part);

// The same where others wrote the object: `found` and `live` are what the server would make of `wanted` now
// (the answer of a dry run). What is added there was filled in at their write where nobody but `writers`
// (names of field managers, a list) is recorded to own it; the rest is left out, and so is drift. Without a
// dry run they are what there is, and `only_additions` of that kind are known.
struct value drift_baseline_of_others(struct arena *arena, const struct drift_part *part,
                                      struct value writers, bool only_additions);

// `found` as a state may show it: without what the baseline knows, and at places that are secret or ignored
// with what was wanted instead of what is there.
struct value drift_presentable(struct arena *arena, const struct drift_part *part);

// One line a path, sorted; more than 100 are counted.
const char *drift_lines(struct arena *arena, const struct drift *drift);

// Warns with those lines, if any: `what` as call_warn has it, and what becomes of them as the last sentence.
// A read does not know the configuration that decides this: DRIFT_FOUND and DRIFT_OUTLOOK are its words.
#define DRIFT_FOUND "Drift in"
#define DRIFT_OUTLOOK                                                                                        \
    "With drift = \"enforce\" the next apply puts it back, except what ignore_changes or ignore_drift "      \
    "covers; with drift = "                                                                                  \
    "\"report\" it stays as it is."
void drift_warn(struct call *call, const struct drift *drift, const char *object, const char *what,
                const char *outlook);

// As a sorted list of maps with the members of struct drift_item (strings).
struct value drift_to_value(struct arena *arena, const struct drift *drift);

// Such a list again. What is not in it, as after an import, is no drift.
struct drift drift_of_value(struct arena *arena, struct value list);

// Whether an item hides what it is about.
bool drift_hides(const struct drift_item *item);

// The same for a leaf whose value is known: a text may also give a secret away itself. Null never is one.
bool drift_is_secret_leaf(const char *object, const char *path, struct value leaf);

#endif
