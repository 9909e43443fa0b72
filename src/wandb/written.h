// SPDX-License-Identifier: Apache-2.0
// What of a live object somebody wrote, by its managedFields: the rest are defaults of the server, or what a
// webhook filled in. Pure functions; results live in the arena.
#ifndef WANDB_WRITTEN_H
#define WANDB_WRITTEN_H

#include "base/arena.h"
#include "value/value.h"

// Whether the manager applied the object in the version it is read in.
bool written_by(struct value live, const char *manager);

// The spec without the members that nobody wrote; as it is where the manager did not apply the object, since
// managedFields do not tell then what was filled in.
struct value written_spec(struct arena *arena, struct value live, const char *manager);

#endif
