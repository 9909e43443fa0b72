// SPDX-License-Identifier: Apache-2.0
// A W&B instance: the custom resource WeightsAndBiases (apps.wandb.com) that the operator's
// controller turns into a running server.
#ifndef WANDB_INSTANCE_H
#define WANDB_INSTANCE_H

#include "base/call.h"
#include "kube/ignored.h"
#include "value/value.h"
#include "wandb/secret_paths.h"

#define INSTANCE_KIND "WeightsAndBiases"
#define INSTANCE_V1 "apps.wandb.com/v1"
#define INSTANCE_V2 "apps.wandb.com/v2"

// The phase in which an operator 1.x says that it could not install what it merged.
#define INSTANCE_REFUSED "Invalid Config"

// The annotation with the token of whoever wrote the object last.
#define INSTANCE_OWNER "terraform-provider-wandb/owner"
#define INSTANCE_OWNER_POINTER "terraform-provider-wandb~1owner" // the same in a JSON pointer

// What is wanted. Maps may be null for none.
struct instance {
    const char *api_version, *name, *namespace;
    struct value labels, annotations;               // string maps
    struct value spec;                              // what is configured, secrets merged in
    struct value former_labels, former_annotations; // as labels and annotations, at the last write; or null
    struct secret_claims claims; // what is configured, to tell what else of `found` is kept
    struct value found;          // the live object in this version, as it is before; null for none
    const char *manager;         // field manager of our writes
    const char *owner;           // our token
    bool force;                  // take fields over that another manager applies
    struct value predecessors;   // texts, field managers whose fields become ours before; or null
    const char *converted;       // the version that it was written in before, NULL for the same
    struct kube_ignored ignored; // what of the live object is left as it is
};

struct kube_ref instance_ref(const struct instance *instance);

// The live object, null when it or its kind is confirmed absent.
bool instance_get(struct call *call, struct kube_client *kube, const struct kube_ref *ref, struct value *live,
                  struct err *err);

// What the predecessors wrote of the live object becomes ours, so that applying neither conflicts with it nor
// leaves any of it behind. `metadata`: what else of the metadata changes with it, a merge patch, or null.
// `found` is the object, and its new self afterwards; null where there is none, or none any more.
bool instance_hand_over(struct call *call, struct kube_client *kube, const struct instance *instance,
                        struct value metadata, struct value *found, struct err *err);

// Writes it by server-side apply, after it was handed over. Fields that others changed by hand (kubectl edit,
// patch) are put back; fields that another manager applies are an ERR_CONFLICT naming it unless `force`.
// Members of the spec that are not wanted are removed, with `converted` also those that a conversion made of
// the old spec, and so are labels and annotations that are no more wanted, whoever changed them; finalizers
// and other metadata stay, and so do secrets that the claims leave unclaimed (wandb/secret_paths.h). `live`
// is the result; it is set as soon as the object is written, also where something fails after that.
bool instance_apply(struct call *call, struct kube_client *kube, const struct instance *instance,
                    struct value *live, struct err *err);

// Before an instance is created: waits until the Secret in which the operator remembers a former one of this
// name is gone, a minute at most. ERR_TIMEOUT says what to do.
bool instance_await_leftovers(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                              struct err *err);

// Deletes it and waits until it is gone. ERR_TIMEOUT says which finalizers are waited for and who serves
// them. Where the operator can never finish (levels that do not merge, a chart that never installed) it
// is ERR_CONFLICT with the way out; with `finish` the Helm release is uninstalled here, in the operator's
// stead, and its finalizer removed, with a warning.
bool instance_delete(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                     const char *manager, bool finish, struct err *err);

// After it was deleted: the names of the Secrets in its namespace that its chart has Helm keep, in the
// server's order. None is the garbage collector's to delete.
bool instance_left_secrets(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                           struct value *names, struct err *err);

// The same from a list of Secrets.
struct value instance_left_of(struct arena *arena, struct value secrets, const struct kube_ref *instance);

// The instance's address from its values, or NULL (v1: values.global.host, v2: wandb.hostname).
const char *instance_url(struct arena *arena, struct value spec);

// Takes the token out of a live object: it is nobody's from then on. One without a token stays as it is.
bool instance_disown(struct call *call, struct kube_client *kube, struct value live, const char *manager,
                     struct err *err);

// The secrets of `found` that a write of `instance` keeps: those that somebody wrote and that the claims
// leave unclaimed. With `converted` those of them that were there in that version too, by their values: it is
// asked for.
bool instance_kept(struct call *call, struct kube_client *kube, const struct instance *instance,
                   struct secrets *out, struct err *err);

// The token in a live object, or NULL; whether it is being deleted.
const char *instance_owner(struct value live);
bool instance_is_going(struct value live);

// status.phase (v1), "" when there is none.
const char *instance_phase(struct value live);

// All instances of a namespace, or with NULL of the cluster; empty when the kind is absent.
bool instance_list(struct call *call, struct kube_client *kube, const char *namespace, struct value *list,
                   struct err *err);

#endif
