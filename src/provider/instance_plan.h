// SPDX-License-Identifier: Apache-2.0
// What a plan of a wandb_instance says before anything is written.
#ifndef PROVIDER_INSTANCE_PLAN_H
#define PROVIDER_INSTANCE_PLAN_H

#include "provider/instance_model.h"
#include "provider/provider.h"
#include "provider/secrets.h"

// The `plan` of resource_impl.
bool instance_plan(struct call *call, struct provider *provider, struct resource_plan *plan, struct err *err);

// The version that the object was written in, where that is another than the planned one; else NULL.
const char *instance_plan_converted(struct value prior, const struct instance_model *model);

// Whether a change is about anything that is written to the cluster, rather than about how to go about it.
// With drift = "report" that is what the configuration says anew, not what others changed.
bool instance_plan_writes(struct arena *arena, const struct resource_state *prior, struct value planned,
                          const struct instance_model *model, bool new_secrets);

#endif
