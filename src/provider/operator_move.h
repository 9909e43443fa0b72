// SPDX-License-Identifier: Apache-2.0
// A wandb_operator of a helm_release of the operator's chart: it goes on with the release.
#ifndef PROVIDER_OPERATOR_MOVE_H
#define PROVIDER_OPERATOR_MOVE_H

#include "provider/provider.h"

// The `move` of resource_impl. The read that follows takes the values from the release's own record, as after
// an import; what was given as a secret stays out of them.
bool operator_move(struct call *call, struct provider *provider, const struct resource_source *source,
                   struct resource_state *state, struct err *err);

#endif
