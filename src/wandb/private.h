// SPDX-License-Identifier: Apache-2.0
// Shared inside src/wandb only.
#ifndef WANDB_PRIVATE_H
#define WANDB_PRIVATE_H

#include "wandb/readiness.h"

// True for an instance that an operator 2.x reconciles: written as v2, or as v1 where the cluster serves v2.
bool instance_is_v2(struct call *call, struct kube_client *kube, const struct kube_ref *ref);

// What an instance, read as v2, still lacks; NULL when it has come as far as wanted.
const char *readiness_v2_missing(struct arena *arena, struct value live, enum readiness wanted);

#endif
