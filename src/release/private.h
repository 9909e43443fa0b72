// SPDX-License-Identifier: Apache-2.0
// Shared inside src/release only.
#ifndef RELEASE_PRIVATE_H
#define RELEASE_PRIVATE_H

#include "release/release.h"

// One run of a verb. The record is written through it, so that every step sees the newest.
struct run {
    struct call *call;
    struct kube_client *kube;
    const struct release_spec *spec; // NULL for rollback and uninstall
    const char *manager;
    struct release release;
    struct value labels; // the user's own on the record's Secret
};

// ---- store.c: records in the cluster ----
struct stored {
    struct release release;
    struct value secret;
};
bool store_list(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                struct stored **out, size_t *count, struct err *err);
bool store_create(struct run *run, struct err *err);
bool store_status(struct run *run, const char *status, const char *description, struct err *err);
// Writes another record's status (superseding an older revision).
bool store_mark(struct run *run, const struct stored *stored, const char *status, const char *description,
                struct err *err);
bool store_delete(struct run *run, const struct stored *records, size_t count, struct err *err);
// Deletes the oldest revisions beyond `keep`, never the last deployed one.
bool store_prune(struct run *run, int keep, struct err *err);

// ---- build.c: a chart becomes a record ----
bool build_render(struct run *run, int revision, bool is_upgrade, struct helm_rendered *out, struct err *err);
bool build_record(struct run *run, const struct helm_rendered *rendered, int revision, const char *status,
                  const char *description, const char *first_deployed, struct err *err);

// ---- objects.c ----
bool objects_parse(struct call *call, struct kube_client *kube, const struct release *release,
                   struct release_objects *out, struct err *err);
// Objects of `a` that `b` does not have.
struct release_objects objects_minus(struct arena *arena, const struct release_objects *a,
                                     const struct release_objects *b);
// ERR_CONFLICT naming every object that exists and is not this release's.
bool objects_check_owner(struct run *run, const struct release_objects *objects, struct err *err);

// ---- apply.c ----
bool apply_objects(struct run *run, const struct release_objects *objects, struct err *err);
bool delete_objects(struct run *run, const struct release_objects *objects, bool wait, struct err *err);
bool wait_objects(struct run *run, const struct release_objects *objects, struct err *err);
bool ensure_namespace(struct run *run, struct err *err);

// ---- crds.c ----
bool apply_crds(struct run *run, const struct helm_crds *crds, struct err *err);

// ---- hooks.c ----
bool run_hooks(struct run *run, const char *event, struct err *err);

// ---- upgrade.c ----
// Marks a revision that nobody works on any more as failed; ERR_CONFLICT when somebody may.
bool recover_pending(struct run *run, struct stored *last, struct err *err);

#endif
