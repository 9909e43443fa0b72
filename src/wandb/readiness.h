// SPDX-License-Identifier: Apache-2.0
// When an instance runs as it was asked to. The operator's phase is early and stale (it says Completed
// before pods are ready, and keeps saying so when a later spec cannot be taken), so it is not asked.
#ifndef WANDB_READINESS_H
#define WANDB_READINESS_H

#include "base/call.h"
#include "kube/client.h"
#include "value/value.h"

enum readiness {
    READINESS_NONE,
    READINESS_ACCEPTED, // v1: the active spec is what the levels merge to; v2: the status observes this
                        // generation
    READINESS_READY,    // and every workload of the instance is rolled out (v2: and Ready is true, and the
                        // migration at the version that is wanted)
};

// Waits, through watches, until the instance `live` (as just written) has come so far. Every change on the
// way is logged. ERR_INVALID at once when the levels cannot be merged (the operator would stop for ever);
// ERR_TIMEOUT says what is missing: paths of the active spec that differ, the operator's last
// events, or workload, pod and reason. `live` is refreshed.
bool readiness_wait(struct call *call, struct kube_client *kube, struct value *live, enum readiness wanted,
                    struct err *err);

// The Deployments, StatefulSets, DaemonSets and Jobs of the instance: those of the Helm release that an
// operator 1.x made, or those that the Applications of an operator 2.x own. None when there is neither.
struct readiness_workloads {
    struct kube_ref *items;
    size_t count;
};
bool readiness_workloads(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                         struct readiness_workloads *out, struct err *err);

#endif
