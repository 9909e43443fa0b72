// SPDX-License-Identifier: Apache-2.0
// Shared inside src/template only: hashed map access, Unicode classes, UTF-8.
#ifndef TEMPLATE_PRIVATE_H
#define TEMPLATE_PRIVATE_H

#include "base/unicode.h"
#include "template/runtime.h"

// A key's hash, so that a name looked up many times is hashed once.
uint32_t rmap_hash(const char *key, size_t len);
bool rmap_get_hashed(const struct rmap *map, const char *key, size_t len, uint32_t hash, struct rv *out);
// Says that a walk's snapshot is needed no longer.
void rmap_walk_end(struct rmap *map, struct rmap_walk walk);

// Decodes one code point; `*size` is 1 and the result 0xFFFD for a broken byte. `len` > 0.
int32_t rune_at(const char *text, size_t len, size_t *size);
// Appends a code point; those that are none become U+FFFD.
void rune_add(struct buf *out, int32_t rune);
size_t rune_count(const char *text, size_t len); // code points, broken bytes count one each

// More of Go's unicode classes than base/unicode.h has.
bool unicode_is_space(int32_t rune);
bool unicode_is_upper(int32_t rune);
bool unicode_is_lower(int32_t rune);
int32_t unicode_to_upper(int32_t rune);
int32_t unicode_to_lower(int32_t rune);
int32_t unicode_to_title(int32_t rune);

#endif
