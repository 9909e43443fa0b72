// SPDX-License-Identifier: Apache-2.0
// Which Helm release an object belongs to by the marks that Helm leaves on it, and whether that release
// lives: whoever uninstalls one that does deletes the object. The annotations decide: Helm adds the label to
// all its objects, but others set it, too. Source: helm pkg/action/validate.go, pkg/storage/driver.
#ifndef RELEASE_CLAIM_H
#define RELEASE_CLAIM_H

#include "kube/client.h"
#include "release/release.h"

#define CLAIM_LABEL "app.kubernetes.io/managed-by" // "Helm"
#define CLAIM_NAME "meta.helm.sh/release-name"
#define CLAIM_NAMESPACE "meta.helm.sh/release-namespace"

enum claim_state {
    CLAIM_NONE,   // it carries no marks
    CLAIM_STALE,  // of a release that is gone or uninstalled
    CLAIM_LIVING, // of one that is there; or nobody can tell
};

struct release_claim {
    enum claim_state state;
    const char *name, *namespace; // of the release; NULL without marks
    const char *object;  // as kubectl takes it: "weightsandbiases.apps.wandb.com/wandb --namespace default"
    const char *kept_in; // "secret" or "configmap": where its records are
    struct release_seen seen; // nothing where `unread` says why it is taken for living all the same
    const char *unread;
};

// The marks of a live object; `name` and `namespace` alone.
struct release_claim release_claim_marks(struct value live);

// The same, with a look at the release's records: in Secrets, else in ConfigMaps. Those that may not be read,
// or that are in a database (HELM_DRIVER=sql), make a release that lives.
bool release_claim_of(struct call *call, struct kube_client *kube, struct value live,
                      struct release_claim *out, struct err *err);

// "the Helm release "wandb-cr" in namespace default (revision 3, deployed)"
const char *release_claim_text(struct arena *arena, const struct release_claim *claim);

// Whether the release is the one of this name, "NAMESPACE/NAME"; false for NULL.
bool release_claim_is(const struct release_claim *claim, const char *name);

// Deletes the records of a release that lives, and none of its objects: whoever uninstalls it from then on
// finds nothing. ERR_CONFLICT while something installs, changes or uninstalls it; ERR_FORBIDDEN where its
// records were not read.
bool release_claim_retire(struct call *call, struct kube_client *kube, const struct release_claim *claim,
                          struct err *err);

// How that release lets go of the object without deleting it, step by step.
const char *release_claim_way_out(struct arena *arena, const struct release_claim *claim);

// A merge patch that takes the marks off, but for what `labels` and `annotations` want; null when there is
// nothing to take off.
struct value release_claim_removal(struct arena *arena, struct value live, struct value labels,
                                   struct value annotations);

#endif
