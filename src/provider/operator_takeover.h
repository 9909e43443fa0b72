// SPDX-License-Identifier: Apache-2.0
// Going on with a Helm release of the same name that somebody else made: helm, or the helm provider.
#ifndef PROVIDER_OPERATOR_TAKEOVER_H
#define PROVIDER_OPERATOR_TAKEOVER_H

#include "kube/client.h"
#include "provider/operator_model.h"
#include "provider/provider.h"
#include "release/release.h"

// While planning to create with `adopt`: warns of the release that is taken over, and notes in private state
// what it is like now. What the cluster does not answer in a few seconds is left to the apply.
void operator_takeover_plan(struct call *call, struct provider *provider, const struct operator_model *model,
                            struct resource_plan *plan);

// The same warning when it is imported.
void operator_takeover_import(struct call *call, struct provider *provider,
                              const struct operator_model *model);

// What was noted: nothing where nothing is taken over.
struct release_seen operator_takeover_seen(struct value private);

#endif
