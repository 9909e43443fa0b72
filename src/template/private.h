// SPDX-License-Identifier: Apache-2.0
// Shared inside src/template only: hashed map access.
#ifndef TEMPLATE_PRIVATE_H
#define TEMPLATE_PRIVATE_H

#include "template/runtime.h"

// As rmap_get, for a name looked up many times that is hashed once.
bool rmap_get_hashed(const struct rmap *map, const char *key, size_t len, uint32_t hash, struct rv *out);
// Says that a walk's snapshot is needed no longer.
void rmap_walk_end(struct rmap *map, struct rmap_walk walk);

// What prints all of a chart's values asks for none of them: between the two no value counts as looked at.
// The first gives what the second takes.
bool *rv_dump_begin(struct rv map);
void rv_dump_end(struct rv map, bool *seen);

#endif
