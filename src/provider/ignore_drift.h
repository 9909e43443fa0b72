// SPDX-License-Identifier: Apache-2.0
// The attribute `ignore_drift` of both resources (kube/ignored.h), and what it means for drift that was
// found.
#ifndef PROVIDER_IGNORE_DRIFT_H
#define PROVIDER_IGNORE_DRIFT_H

#include "drift/drift.h"
#include "kube/ignored.h"

// That a configuration's attribute holds patterns; unknown ones are passed over. ERR_INVALID at its place.
bool ignore_drift_check(struct arena *arena, struct value config, struct err *err);

// What a planned object or a state ignores.
struct kube_ignored ignore_drift_of(struct arena *arena, struct value object);

// Whether an item of drift is ignored.
bool ignore_drift_has(struct arena *arena, const struct kube_ignored *ignored, const struct drift_item *item);

// A list drift_found without what is ignored.
struct value ignore_drift_rest(struct arena *arena, const struct kube_ignored *ignored, struct value found);

#endif
