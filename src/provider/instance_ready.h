// SPDX-License-Identifier: Apache-2.0
// How far a wandb_instance is. `ready` of its state is what was measured, and a spec that was never seen to
// be as far as wait_for asks is still to be waited for, however the wait for it ended.
#ifndef PROVIDER_INSTANCE_READY_H
#define PROVIDER_INSTANCE_READY_H

#include "provider/provider.h"
#include "provider/sightings.h"
#include "wandb/readiness.h"

// The word of wait_for.
enum readiness instance_ready_wanted(const char *wait_for);

// Notes (private "waited") that the spec of the live object's generation needs no waiting for, up to
// `reached`.
void instance_ready_note(struct arena *arena, struct value live, enum readiness reached,
                         struct resource_state *state);

// Whether `wait_for` asks for more than any wait or read has noted of the generation that the state is of.
bool instance_ready_owed(const struct resource_state *state, const char *wait_for);

// Looks how far the instance of `view` is, within some seconds: sets `ready` of the state, and notes what was
// reached and, in private "progress", what the next look at the same object need not ask again. What cannot
// be looked at is not ready. For the plan in the same process it leaves a sighting. False when the call was
// cancelled.
bool instance_ready_look(struct call *call, struct provider *provider, struct readiness_view *view,
                         struct resource_state *state, struct err *err);

// Warns, in the process that read the instance, of what it lacks of what `wait_for` asks for.
void instance_ready_tell(struct call *call, const struct sighting *seen, const char *wait_for,
                         const char *outlook);

#endif
