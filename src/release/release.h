// SPDX-License-Identifier: Apache-2.0
// Helm releases in a cluster: what `helm install`, `upgrade`, `rollback` and `uninstall` do, with
// server-side apply. What is stored is a Helm release in every respect, so helm itself can take
// over at any time. Results live in the call's arena.
#ifndef RELEASE_RELEASE_H
#define RELEASE_RELEASE_H

#include "helm/render.h"
#include "kube/ignored.h"
#include "release/record.h"

enum release_crds {
    RELEASE_CRDS_UPGRADE, // applied at every install and upgrade
    RELEASE_CRDS_INSTALL, // created where absent, as Helm does
    RELEASE_CRDS_SKIP,
};

// The values to install instead of `values`, over a release with this `config`.
typedef struct value release_keep(struct call *call, struct value values, struct value config,
                                  const void *context);

// What the labels of a release's newest record say.
struct release_seen {
    int revision; // 0: there is none
    const char *status;
    const char *maker; // a field manager that wrote it, other than the one who asks; NULL for none
};

struct release_spec {
    const char *name, *namespace;
    bool create_namespace;
    struct helm_chart *chart; // rendering prepares it: load it anew for the next release
    struct value values;      // what the user gives
    release_keep *keep;       // NULL: these alone
    const void *keep_context;
    enum release_crds crds;
    bool wait;                // until every object is ready, by the rules of the chart's profile
    bool atomic;              // a failed install is uninstalled, a failed upgrade rolled back
    bool adopt;               // take over objects (and a release) that exist already
    struct release_seen seen; // what release_look found when it was decided to take it over; or nothing
    bool known;      // the caller's state holds this release, and a lock that keeps others of its kind away
    int max_history; // revisions kept; 0 keeps all
    const char *manager;                // field manager of our writes
    helm_fetch *fetch;                  // for schemas that refer to URLs; NULL: they are refused
    const char *owner;                  // the caller's token, noted on the record; NULL: as it was
    const struct kube_ignored *ignored; // what of objects that exist is left as it is; NULL for nothing
};

// Installs; `out` is filled as soon as a record exists in the cluster, also on failure (out->name is
// NULL before that, and when what was there before had worked: it is not a half-made thing of ours).
// ERR_CONFLICT: the name is in use (with `adopt` it becomes an upgrade, unless somebody uninstalls the
// release), or objects exist that are not this release's (with `adopt` only those of another one that lives).
// What only our own interrupted attempts left behind is gone on from. Nothing is changed when the chart does
// not render.
bool release_install(struct call *call, struct kube_client *kube, const struct release_spec *spec,
                     struct release *out, struct err *err);

// Upgrades the newest revision to `spec`. `out` is the newest record, also on failure (rolled back with
// `atomic`: status "deployed" again). A revision left pending by a process that is gone, or more than 15
// minutes ago, is marked failed first. Objects that unfinished revisions left are updated or deleted too.
bool release_upgrade(struct call *call, struct kube_client *kube, const struct release_spec *spec,
                     struct release *out, struct err *err);

struct release_target {
    const char *name, *namespace;
    const char *manager;
    bool wait;
    int max_history;
    const struct kube_ignored *ignored; // as release_spec's
};

// Makes a new revision of what `revision` was (0: the newest that was deployed before the last one).
bool release_rollback(struct call *call, struct kube_client *kube, const struct release_target *target,
                      int revision, struct release *out, struct err *err);

// Deletes the objects, in uninstall order, and every revision. Objects with a resource policy stay and are
// named in a notice. A release that is absent is success.
bool release_uninstall(struct call *call, struct kube_client *kube, const struct release_target *target,
                       struct err *err);

// The newest revision. ERR_NOT_FOUND when there is none.
bool release_latest(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                    struct release *out, struct err *err);

// The same, cheaper when revision `known` (0: none) is still the newest: then two small requests.
bool release_find(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                  int known, struct release *out, struct err *err);

// What the labels of the newest record in the namespace's Secrets say. `target->manager` is who asks.
bool release_look(struct call *call, struct kube_client *kube, const struct release_target *target,
                  struct release_seen *out, struct err *err);

// The annotation helm.sh/resource-policy.
enum release_policy {
    RELEASE_POLICY_NONE,
    RELEASE_POLICY_KEEP,
    RELEASE_POLICY_OTHER, // a word that Helm does not know: uninstalling leaves the object alone
};

// The token of whoever has the release: `release_spec.owner` of the last write that worked. NULL for
// nobody's, also where there is no release.
bool release_owner(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                   const char **out, struct err *err);

// One object of a release, as it is applied: namespace filled in, ownership stamped.
struct release_object {
    struct value object;
    // `grouped` where the release has its kind of another API group, too. Of an object that is stored, where
    // the server serves its kind under another version only, `object` and `ref` say that one.
    struct kube_ref ref;
    enum release_policy policy; // as the manifest says, in the object or in the list that holds it
    bool unserved;              // the server does not know its kind (any more): there is no such object
};

struct release_objects {
    struct release_object *items; // in install order
    size_t count;
};

// The objects of a stored release (hooks and CRDs are not among them).
bool release_objects_of(struct call *call, struct kube_client *kube, const struct release *release,
                        struct release_objects *out, struct err *err);

// The CRDs of a chart's crds/ folders as objects. ERR_INVALID names the file with one that says not what it
// is.
bool release_crds_of(struct arena *arena, const struct helm_crds *crds, struct release_objects *out,
                     struct err *err);

// The CRDs that a stored release's chart and its subcharts brought, each once. A record that helm wrote holds
// those of the root chart alone. A file that holds none is passed over: nothing of it was applied.
bool release_crds_stored(struct arena *arena, const struct release *release, struct release_objects *out,
                         struct err *err);

#endif
