// SPDX-License-Identifier: Apache-2.0
// Which version of its chart an instance runs or is to run, who decides that, and whether there is such a
// version.
#ifndef PROVIDER_INSTANCE_CHART_H
#define PROVIDER_INSTANCE_CHART_H

#include "base/call.h"
#include "kube/client.h"
#include "provider/provider.h"
#include "repo/repo.h"
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

// Where this process finds a chart of a spec. False for a path that is not here: it is one inside the
// operator's container.
bool instance_chart_find(const struct provider *provider, struct value chart, struct repo_options *options);

// The error of a spec whose chart its repository does not have (`why`, which says what there is instead).
bool instance_chart_refuse(const char *why, struct err *err);

// The same, found out: asks the repository of a spec that names a version. One that does not answer, or not
// to us, is a warning.
bool instance_chart_check(struct call *call, struct provider *provider, struct value spec, struct err *err);

// Adds to the error of an instance that its operator refused ("Invalid Config") that its chart, from
// whichever level, is not in its repository, where that is why.
void instance_chart_explain(struct call *call, struct provider *provider, struct value live, struct err *err);

#endif
