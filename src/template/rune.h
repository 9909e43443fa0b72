// SPDX-License-Identifier: Apache-2.0
// Stepping over text rune by rune as Go's range does: a broken byte is one U+FFFD of width 1.
#ifndef TEMPLATE_RUNE_H
#define TEMPLATE_RUNE_H

#include "template/private.h"

// Bytes of the rune at `text`; `len` must not be 0.
static inline size_t rune_width(const char *text, size_t len) {
    size_t width;
    rune_at(text, len, &width);
    return width;
}

#endif
