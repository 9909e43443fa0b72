// SPDX-License-Identifier: Apache-2.0
// What a wandb_instance leaves to others: `ignore_drift` where its object is the only one.
#ifndef PROVIDER_INSTANCE_IGNORE_H
#define PROVIDER_INSTANCE_IGNORE_H

#include "kube/ignored.h"
#include "provider/instance_model.h"
#include "provider/provider.h"
#include "provider/secret_plan.h"

// That every pattern speaks of this instance, as far as its name is known, and of no secret that the
// configuration gives. ERR_INVALID at the pattern's place.
bool instance_ignore_check(struct call *call, const struct instance_model *model, struct value config,
                           const struct secrets *given, struct err *err);

// What a planned object ignores, whose model this is.
struct kube_ignored instance_ignore_of(struct arena *arena, const struct instance_model *model,
                                       struct value planned);

// Whether labels, annotations and spec are planned to differ from the state by more than what is ignored.
bool instance_ignore_differs(struct arena *arena, const struct instance_model *model, struct value before,
                             struct value planned);

// Warns where a plan says something else at ignored places than the state: it is not written.
void instance_ignore_tell(struct call *call, const struct instance_model *model,
                          const struct resource_plan *plan);

#endif
