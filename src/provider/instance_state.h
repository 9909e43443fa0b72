// SPDX-License-Identifier: Apache-2.0
// What the state of a wandb_instance says of the live object.
#ifndef PROVIDER_INSTANCE_STATE_H
#define PROVIDER_INSTANCE_STATE_H

#include "kube/client.h"
#include "provider/provider.h"

// `state` with the computed attributes that the object itself tells.
struct value instance_state_live(struct arena *arena, struct value state, struct value live);

// Fills in what its operator has made of it: active_chart and overrides from the levels, `ready` as it is
// measured.
bool instance_state_operator(struct call *call, struct provider *provider, const struct kube_ref *ref,
                             struct value live, struct resource_state *state, struct err *err);

// The `read` of resource_impl.
bool instance_read(struct call *call, struct provider *provider, struct resource_state *state,
                   struct err *err);

#endif
