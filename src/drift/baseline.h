// SPDX-License-Identifier: Apache-2.0
// The memory of what a server, a webhook or an operator made of our own write. It is kept in private state,
// and what was filled in may be a secret: only keyed hashes are kept, under a salt of the object's own.
#ifndef DRIFT_BASELINE_H
#define DRIFT_BASELINE_H

#include "value/diff.h"
#include "value/value.h"

// {"known": {path: hash of what was found there}, "salt"}: the differences added to those of `before` under
// its salt; null when there are none in either.
struct value baseline_note(struct arena *arena, const struct difference *items, size_t count,
                           struct value before);

// True when the baseline (null for none) has the difference's path with the same found value.
bool baseline_knows(struct arena *arena, struct value baseline, const struct difference *difference);

// Earlier state holds a list of {path, found: FNV-1a of the value}, from which a value can be guessed. The
// same knowledge in today's form: those hashes are hashed again, and "over": "fnv" says so. Today's form
// comes back as it is.
struct value baseline_salted(struct arena *arena, struct value baseline);

#endif
