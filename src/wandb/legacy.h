// SPDX-License-Identifier: Apache-2.0
// W&B from before the operator: one Deployment, made by the module wandb/wandb/kubernetes (1.x) or the
// Helm chart "wandb" (0.3), turned into values for the chart operator-wandb that give its pods the same
// environment. Sources: terraform-kubernetes-wandb v1.12.0 and v1.14.1, chart wandb 0.3.9, chart
// operator-wandb 0.43.8.
#ifndef WANDB_LEGACY_H
#define WANDB_LEGACY_H

#include "base/call.h"
#include "kube/client.h"
#include "value/value.h"

// The objects that say what the old pod gets.
struct legacy_objects {
    struct value deployment;
    struct value secrets;     // name -> its data as texts, null for one that is not there; those it refers to
    struct value config_maps; // likewise
    struct value service_account; // null for none
};

struct legacy {
    struct value values;        // for spec.values of the instance; holds no secret
    struct value secret_values; // the rest of them, secrets only
    struct value unmapped;      // list of {"what", "why", "todo": texts, "blocks": bool}
    struct value notes;         // list of texts: what is different afterwards and needs no work
    bool ready;                 // nothing unmapped blocks: with these values the new pods find the same data
    const char *image;          // of the old container
};

// Reads the Deployment and what its container refers to. ERR_NOT_FOUND when there is no Deployment.
bool legacy_read(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                 struct legacy_objects *out, struct err *err);

// Maps them. Pure. ERR_INVALID when the Deployment has no container "wandb" and more than one other.
bool legacy_map(struct arena *arena, const struct legacy_objects *objects, struct legacy *out,
                struct err *err);

#endif
