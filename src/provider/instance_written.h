// SPDX-License-Identifier: Apache-2.0
// What was written last of an instance. While nobody changes it the state says that; a read that finds drift
// lets the state say what is there instead, and keeps it in private state, so that a configuration that says
// by then drift = "report" can be told from one that wants something else.
#ifndef PROVIDER_INSTANCE_WRITTEN_H
#define PROVIDER_INSTANCE_WRITTEN_H

#include "provider/provider.h"

// Keeps spec, labels and annotations of `before`, a state of this instance, in the private part of `state`
// where that says otherwise by now. What was kept earlier stays.
void instance_written_keep(struct arena *arena, struct value before, struct resource_state *state);

// `private` once the state says again what was written.
struct value instance_written_drop(struct arena *arena, struct value private);

// Whether `planned` asks for something that is neither what was written nor what is there.
bool instance_written_differs(const struct resource_state *prior, struct value planned);

#endif
