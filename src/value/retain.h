// SPDX-License-Identifier: Apache-2.0
// Telling what an API server gave back from what really changed. A server stores JSON: a set
// comes back as a list, a typed null is gone, 1e30 is a double. Where live data says the same
// as what was stored before, the earlier value is kept to the letter, so that reading an
// untouched object changes nothing.
#ifndef VALUE_RETAIN_H
#define VALUE_RETAIN_H

#include "value/type.h"
#include "value/value.h"

// True when a server that stores JSON (int64 and double numbers) would give `live` back for
// `prior`: null members equal absent ones, numbers beyond int64 compare as doubles, and where
// `type` (may be NULL) says set, order does not matter.
bool value_same_stored(const struct type *type, struct value prior, struct value live);

// `live` in prior's clothes: equal parts are prior's own, the rest is live's. When prior is typed
// the result is too: prior's type where it still fits, else the nearest (type_near).
struct value value_retain(struct arena *arena, struct value prior, struct value live);

#endif
