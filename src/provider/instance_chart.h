// SPDX-License-Identifier: Apache-2.0
// Which version of its chart an instance runs, and who decides that.
#ifndef PROVIDER_INSTANCE_CHART_H
#define PROVIDER_INSTANCE_CHART_H

#include "base/call.h"
#include "kube/client.h"
#include "wandb/levels.h"

// Whether a chart of a spec says by itself which version it is: an exact one, or an OCI tag or digest.
bool instance_chart_is_pinned(struct arena *arena, struct value chart);

// What a read found, beside what the state said before.
struct instance_chart_reading {
    struct kube_ref ref;
    struct value live; // the object
    const struct levels *levels;
    struct value before, now; // the attribute active_chart: {name, version}, null or unknown
};

// Warns that an instance whose spec pins no version runs another one than the state says.
void instance_chart_tell(struct call *call, const struct instance_chart_reading *reading);

#endif
