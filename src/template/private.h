// SPDX-License-Identifier: Apache-2.0
// Shared inside src/template only: hashed map access.
#ifndef TEMPLATE_PRIVATE_H
#define TEMPLATE_PRIVATE_H

#include "template/runtime.h"

// A key's hash, so that a name looked up many times is hashed once.
uint32_t rmap_hash(const char *key, size_t len);
bool rmap_get_hashed(const struct rmap *map, const char *key, size_t len, uint32_t hash, struct rv *out);
// Says that a walk's snapshot is needed no longer.
void rmap_walk_end(struct rmap *map, struct rmap_walk walk);

#endif
