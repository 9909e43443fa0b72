// SPDX-License-Identifier: Apache-2.0
// What runs in a namespace, listed once for all who ask at about the same time: looking at a hundred
// instances of a namespace takes as many requests as looking at one. Safe to use from many threads at once.
#ifndef WANDB_ROLLOUTS_H
#define WANDB_ROLLOUTS_H

#include "base/call.h"
#include "kube/client.h"
#include "kube/ready.h"

struct rollouts;

struct rollouts *rollouts_create(void);
void rollouts_destroy(struct rollouts *rollouts); // nobody may be asking; takes NULL

// After a write of one's own: what was listed before is not used any more.
void rollouts_forget(struct rollouts *rollouts);

// Whether a kind is one of those that are looked at.
bool rollout_is(const char *kind);

// The rules by which readiness judges an object: a Job has to complete, everything else to be rolled out.
enum kube_rules rollout_rules(const char *kind);

// One Deployment, StatefulSet, DaemonSet or Job, and how far it is.
struct rollout {
    struct kube_ref ref;
    struct kube_status status;
};

struct rollout_list {
    struct rollout *items;
    size_t count;
};

// Which of a namespace are asked for: those of a Helm release (what helm installs names it in its
// annotations), or those that an object of that uid owns, itself or through Applications.
struct rollout_query {
    struct kube_client *kube;
    struct rollouts *rollouts; // NULL: list now, for this alone
    const char *namespace;
    const char *release, *owner; // one of them
};

// What belongs there, listed no longer than some seconds ago. A failure is shared as well for as long: where
// nothing may be listed, or nobody answers in time, one asks for all.
bool rollouts_find(struct call *call, const struct rollout_query *query, struct rollout_list *out,
                   struct err *err);

#endif
