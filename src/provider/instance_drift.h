// SPDX-License-Identifier: Apache-2.0
// A live instance against what its state says was written: the warning, and what the state says afterwards.
#ifndef PROVIDER_INSTANCE_DRIFT_H
#define PROVIDER_INSTANCE_DRIFT_H

#include "drift/drift.h"
#include "provider/provider.h"
#include "provider/secret_plan.h"
#include "provider/secrets.h"

struct instance_reading {
    struct value live;
    const char *manager; // field manager of our writes
    struct kube_ignored ignored;
    bool report; // drift = "report"
};

// Brings spec, labels, annotations, secret_versions and drift_found of the state up to date with the live
// object, and warns of what differs. With `report` the first three stay as they were written. A state without
// spec is an import: it takes the live one. Secrets are noted in private state and stay out of the state.
void instance_drift_read(struct call *call, const struct instance_reading *reading,
                         struct resource_state *state);

// What a read found to have drifted (drift_found of `state`), held against a plan: the part that writing
// `planned` puts back, or the part that is `left` since it says what is there (lifecycle { ignore_changes },
// ignore_drift, or a configuration that followed). What a state does not show (secrets, nulls, a new uid) is
// left by ignore_drift alone.
struct drift instance_drift_part(struct arena *arena, struct value state, struct value planned, bool left);

// Warns of what applying does about drift where Terraform's own differences do not tell it.
void instance_drift_tell(struct call *call, const struct resource_plan *plan, bool writes);

// Warns of what writing `planned` will change in an object that somebody else made.
void instance_drift_adoption(struct call *call, const struct instance_reading *reading, struct value planned,
                             const struct secret_config *secrets);

#endif
