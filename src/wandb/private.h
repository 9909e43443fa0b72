// SPDX-License-Identifier: Apache-2.0
// Shared inside src/wandb only.
#ifndef WANDB_PRIVATE_H
#define WANDB_PRIVATE_H

#include "wandb/readiness.h"

// True for an instance that an operator 2.x reconciles: written as v2, or as v1 where the cluster serves v2.
bool instance_is_v2(struct call *call, struct kube_client *kube, const struct kube_ref *ref);

// What an operator 1.x has yet to take of `spec`; NULL when its active spec is what the levels merge to.
const char *readiness_v1_missing(struct arena *arena, struct value spec, const struct levels *levels);

// Whether an operator 1.x says that it could not have or install the chart, of this spec or the one before.
bool readiness_v1_refused(struct value live);

// What an instance, read as v2, still lacks; NULL when it has come as far as wanted.
const char *readiness_v2_missing(struct arena *arena, struct value live, enum readiness wanted);

// Why an accepted instance without a Helm release is not ready.
const char *readiness_v1_uninstalled(struct arena *arena, const struct kube_ref *instance);

// readiness_workloads for an instance that an operator 1.x runs.
bool readiness_workloads_v1(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                            struct readiness_workloads *out, struct err *err);

#endif
