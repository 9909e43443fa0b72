// SPDX-License-Identifier: Apache-2.0
// Unicode classes as Go's package unicode has them (Unicode 15).
#ifndef GO_UNICODE_H
#define GO_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Both ends belong to it.
struct rune_range {
    uint32_t first, last;
};

// Whether one of the ranges, which ascend and do not overlap, holds the rune.
bool unicode_in(const struct rune_range *ranges, size_t count, uint32_t rune);

// Category L.
bool unicode_is_letter(uint32_t rune);

// Category Nd.
bool unicode_is_digit(uint32_t rune);

// As strconv.IsPrint: no space but U+0020.
bool unicode_is_print(uint32_t rune);

// White_Space; Lu; Ll. Runes in the other case, or themselves.
bool unicode_is_space(int32_t rune);
bool unicode_is_upper(int32_t rune);
bool unicode_is_lower(int32_t rune);
int32_t unicode_to_upper(int32_t rune);
int32_t unicode_to_lower(int32_t rune);
int32_t unicode_to_title(int32_t rune);

#endif
