// SPDX-License-Identifier: Apache-2.0
// A wandb_instance of what another provider wrote: the release wandb-cr of W&B's module, or a manifest.
#ifndef PROVIDER_INSTANCE_MOVE_H
#define PROVIDER_INSTANCE_MOVE_H

#include "provider/provider.h"

// The `move` of resource_impl. The state holds what was written, without its secrets, whose hashes are noted
// as if they had been given: what the cluster has by now is compared with it by the read that follows.
bool instance_move(struct call *call, struct provider *provider, const struct resource_source *source,
                   struct resource_state *state, struct err *err);

#endif
