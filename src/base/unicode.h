// SPDX-License-Identifier: Apache-2.0
// Unicode classes as Go's package unicode has them (Unicode 15).
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

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

#endif
