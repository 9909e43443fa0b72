// SPDX-License-Identifier: Apache-2.0
// Unicode classes as Go's package unicode has them (Unicode 15).
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

// Category L.
bool unicode_is_letter(uint32_t rune);

// Category Nd.
bool unicode_is_digit(uint32_t rune);

#endif
