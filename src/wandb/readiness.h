// SPDX-License-Identifier: Apache-2.0
// When an instance runs as it was asked to. The operator's phase is early and stale (it says Completed
// before pods are ready, and keeps saying so when a later spec cannot be taken), so it is not asked.
#ifndef WANDB_READINESS_H
#define WANDB_READINESS_H

#include "base/call.h"
#include "kube/client.h"
#include "value/value.h"
#include "wandb/levels.h"
#include "wandb/rollouts.h"

enum readiness {
    READINESS_NONE,
    READINESS_ACCEPTED, // v1: the active spec is what the levels merge to; v2: the status observes this
                        // generation
    READINESS_READY,    // and every workload of the instance is rolled out (v2: and Ready is true, and the
                        // migration at the version that is wanted)
};

// What a wait is for.
struct readiness_goal {
    enum readiness wanted;
    bool written; // the instance has just been written: what its operator says may be about the spec before
};

// How far an instance is.
struct readiness_progress {
    enum readiness reached;
    const char *missing; // what keeps it from the next step, as text; NULL when it is ready
    bool v2;             // an operator 2.x runs it
    struct value
        workloads; // once accepted, of an operator 1.x: names of the workloads, "Deployment/team-a/app"
};

// What a look starts from.
struct readiness_view {
    struct kube_client *kube;
    struct rollouts *rollouts; // NULL: nothing is shared with others
    struct kube_ref ref;
    struct value live;           // the instance, as it was just read
    const struct levels *levels; // the operator's Secrets where they were just read; else NULL
    struct value workloads; // what an earlier look at this very object found, null for none: while these are
                            // ready, neither levels nor Helm release are read again
};

// Looks once how far the instance is, by the rules of a wait, without waiting. An error says what could not
// be looked at; nothing is claimed then. A Job that is gone has ended.
bool readiness_look(struct call *call, const struct readiness_view *view, struct readiness_progress *out,
                    struct err *err);

// Waits, through watches, until the instance `live` has come so far. Every change on the way is logged.
// ERR_INVALID at once when the levels cannot be merged (the operator would stop for ever), and after some
// seconds when it refuses the spec; ERR_TIMEOUT says what is missing: paths of the active spec that differ,
// the operator's last events, or workload, pod and reason. `live` is refreshed.
bool readiness_wait(struct call *call, struct kube_client *kube, struct value *live,
                    const struct readiness_goal *goal, struct err *err);

// The Deployments, StatefulSets, DaemonSets and Jobs of the instance: those of the Helm release that an
// operator 1.x made, or those that the Applications of an operator 2.x own. None when there is neither.
struct readiness_workloads {
    struct kube_ref *items;
    size_t count;
    bool uninstalled; // an operator 1.x has made no Helm release
};
bool readiness_workloads(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                         struct readiness_workloads *out, struct err *err);

#endif
