// SPDX-License-Identifier: Apache-2.0
// Two maps at once, key by key in order:
//     for (struct map_walk at = map_walk(wanted, found); map_walk_next(&at);)
#ifndef VALUE_WALK_H
#define VALUE_WALK_H

#include "value/value.h"

struct map_walk {
    const char *key;
    const struct value_entry *left, *right; // of that key; NULL on the side that has none

    struct value maps[2]; // how far it is, nobody else's business
    size_t next[2];
};

// What is no map has no keys.
struct map_walk map_walk(struct value left, struct value right);

// False after the last key.
bool map_walk_next(struct map_walk *walk);

#endif
