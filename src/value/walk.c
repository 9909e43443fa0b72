// SPDX-License-Identifier: Apache-2.0
#include "value/walk.h"

#include <string.h>

struct map_walk map_walk(struct value left, struct value right) {
    return (struct map_walk){.maps = {left, right}};
}

// Both maps are sorted, so one pass meets every key once.
bool map_walk_next(struct map_walk *walk) {
    const struct value_entry *left = value_entry_at(walk->maps[0], walk->next[0]);
    const struct value_entry *right = value_entry_at(walk->maps[1], walk->next[1]);
    if (!left && !right)
        return false;
    int order = !left ? 1 : !right ? -1 : strcmp(left->key, right->key);
    walk->left = order <= 0 ? left : NULL;
    walk->right = order >= 0 ? right : NULL;
    walk->key = order <= 0 ? left->key : right->key;
    walk->next[0] += order <= 0;
    walk->next[1] += order >= 0;
    return true;
}
