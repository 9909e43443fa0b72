// SPDX-License-Identifier: Apache-2.0
// Shared inside src/release only.
#ifndef RELEASE_PRIVATE_H
#define RELEASE_PRIVATE_H

#include "release/claim.h"
#include "release/documents.h"
#include "release/release.h"

// One record in the cluster, with the Secret that holds it.
struct stored {
    struct release release;
    struct value secret;
};

// Every record of a release, oldest first.
struct history {
    struct stored *items;
    size_t count;
};

// One run of a verb. The record is written through it, so that every step sees the newest.
struct run {
    struct call *call;
    struct kube_client *kube;
    const struct release_spec *spec; // NULL for rollback and uninstall
    const char *manager;
    struct history history;         // as it was when the run began
    struct release release;         // the revision at work
    struct release_objects objects; // its objects, once its hooks run
    struct release_objects old;     // what there is of earlier revisions, while a newer one is written
    struct release_objects gone;    // those of them that the newer one has no more
    bool uninstalling;
    struct value values;                // the user's, with what is kept of the release that is there
    struct value labels;                // the user's own on the record's Secret
    const struct kube_ignored *ignored; // what of objects that exist is left as it is; NULL for nothing
};

// ---- store.c: records in the cluster ----
bool store_list(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                struct history *out, struct err *err);
// Creates the Secret of run->release, naming who holds it, and before it deletes the oldest revisions so
// that `keep` remain with it (0: all), never the last deployed one.
bool store_create(struct run *run, int keep, struct err *err);
bool store_status(struct run *run, const char *status, const char *description, struct err *err);
// Writes another record's status (superseding an older revision).
bool store_mark(struct run *run, const struct stored *stored, const char *status, const char *description,
                struct err *err);
// Marks every older revision that says "deployed" superseded.
bool store_supersede(struct run *run, struct err *err);
// The labels of a record's Secret that are the user's.
struct value store_user_labels(struct arena *arena, struct value secret);
bool store_delete(struct run *run, const struct stored *records, size_t count, struct err *err);

// ---- history.c: what records say together ----
struct stored *history_newest(const struct history *history);   // NULL when empty
struct stored *history_deployed(const struct history *history); // the newest that is deployed, or NULL
bool history_is_new(const struct history *history); // nothing was ever deployed, or all was uninstalled
// The field manager is the only one that ever wrote these records.
bool history_is_ours(const struct history *history, const char *manager);
// Field managers other than ours that wrote the records: whoever installed the objects so far.
bool history_has_manager(const struct run *run, const char *manager);
// Whose the release is: the token of the newest revision that has one. Attempts that came to nothing decide
// only where there is nothing else. NULL for nobody's.
const char *history_owner(const struct history *history);
// What may be in the cluster: the objects of the deployed revision and of all later, unfinished ones.
bool history_objects(struct run *run, struct release_objects *out, struct err *err);
// Whether a field manager wrote a record.
bool history_wrote(const struct stored *stored, const char *manager);

// ---- recover.c ----
// Marks a newest revision that nobody works on any more as failed; ERR_CONFLICT when somebody may.
bool history_recover(struct run *run, struct err *err);

// ---- holder.c: who works on a pending revision ----
#define HOLDER_ANNOTATION "terraform-provider-wandb/holder"
enum holder { HOLDER_UNKNOWN, HOLDER_ALIVE, HOLDER_GONE, HOLDER_ELSEWHERE };
const char *holder_self(struct arena *arena);
enum holder holder_state(struct arena *arena, struct value secret);

// ---- build.c: a chart becomes a record ----
bool build_render(struct run *run, int revision, bool is_upgrade, struct helm_rendered *out, struct err *err);
// The APIs ("group/version" and "group/version/kind") that the chart's own CRDs will add.
bool crds_apis(struct run *run, const char *const **out, size_t *count, struct err *err);
bool build_record(struct run *run, const struct helm_rendered *rendered, int revision, const char *status,
                  const char *description, struct err *err);

// ---- lookup.c: what a chart asks the cluster (the context is the run) ----
bool release_lookup(void *context, const char *api_version, const char *kind, const char *namespace,
                    const char *name, struct value *out, struct err *err);

// ---- predecessor.c: a release of others that is taken over ----
// ERR_CONFLICT when it is being uninstalled, or is no longer what `spec->seen` says.
bool predecessor_check(const struct run *run, struct err *err);
// ERR_CONFLICT when somebody began to uninstall it since the run began.
bool predecessor_undisturbed(const struct run *run, struct err *err);

// ---- deploy.c: what install and upgrade have in common ----
bool deploy(struct run *run, struct release *out, struct err *err);

// ---- policy.c ----
enum release_policy policy_of(struct arena *arena, struct value object);

// ---- objects.c ----
// The object in the namespace where it goes: the release's unless it names one, none where its kind has none.
// A kind that the server does not know is ERR_NOT_FOUND with `strict`, else the object is `unserved`; so is a
// version with `strict`, else the object is where the kind is served.
bool objects_place(struct run *run, struct value object, bool strict, struct release_object *out,
                   struct err *err);
// With `strict`, a kind that the server does not know is ERR_NOT_FOUND; else the object is `unserved`.
bool objects_parse(struct call *call, struct kube_client *kube, const struct release *release, bool strict,
                   struct release_objects *out, struct err *err);
// Objects of `a` that `b` does not have.
struct release_objects objects_minus(struct arena *arena, const struct release_objects *a,
                                     const struct release_objects *b);
void objects_add(struct arena *arena, struct release_objects *objects, const struct release_objects *more);
// The object of this name, whatever version of its API is named; NULL where there is none.
const struct release_object *objects_find(const struct release_objects *objects, const struct kube_ref *ref);

// ---- ownership.c: whose an object is ----
struct value ownership_stamp(struct arena *arena, struct value object, const struct release *release);
// What is missing for a live object to be the release's, as helm words it; "" when it is.
const char *ownership_problems(struct arena *arena, struct value live, const struct release *release);
// ERR_CONFLICT naming the first object that exists and is not this release's; with `adopt` only what another
// release that lives has.
bool ownership_check(struct run *run, const struct release_objects *objects, struct err *err);
// ERR_CONFLICT when another release that lives has the object, or one of our name that is not stored in
// Secrets. `known` is the claim looked up last.
bool ownership_refuse_living(struct run *run, struct value live, struct release_claim *known,
                             struct err *err);

// ---- apply.c, delete.c ----
bool apply_objects(struct run *run, const struct release_objects *objects, struct err *err);
// By kstatus's rules where the chart was loaded in Helm 4's profile, else by Helm 3's.
bool wait_objects(struct run *run, const struct release_objects *objects, struct err *err);
bool ensure_namespace(struct run *run, struct err *err);
// Deletes what is the release's own and not kept, kind by kind in the given order.
bool delete_objects(struct run *run, const struct release_objects *objects, bool wait, struct err *err);

// ---- crds.c ----
bool apply_crds(struct run *run, const struct helm_crds *crds, struct err *err);

// ---- hooks.c ----
bool run_hooks(struct run *run, const char *event, struct err *err);

#endif
