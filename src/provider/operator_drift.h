// SPDX-License-Identifier: Apache-2.0
// Drift of a Helm release: every object and CRD of it, field by field, against what is live.
#ifndef PROVIDER_OPERATOR_DRIFT_H
#define PROVIDER_OPERATOR_DRIFT_H

#include "kube/client.h"
#include "provider/provider.h"
#include "release/release.h"

extern const struct schema_attr drift_attrs[]; // of the computed list drift_found

struct operator_reading {
    struct kube_client *kube;
    const char *manager;                // field manager of our writes
    const struct kube_ignored *ignored; // by this configuration or state
    bool first;                         // no read or write of this resource was before
};

// After a write: removes what others added to the objects, notes how the server stores them
// (private "baseline"), and fills `objects` and `drift_found` of the state.
bool operator_drift_settle(struct call *call, const struct operator_reading *reading,
                           const struct release *release, struct resource_state *state, struct err *err);

// While reading: compares, warns, and fills `objects` and `drift_found` of the state. Of a release that
// others wrote (`first`: read for the first time, and no baseline is noted) the server tells in a dry run how
// it stores the objects; where that may not be asked, less is known, and what helm normalises may show as
// drift.
bool operator_drift_read(struct call *call, const struct operator_reading *reading,
                         const struct release *release, struct resource_state *state, struct err *err);

#endif
