// SPDX-License-Identifier: Apache-2.0
// Walking text rune by rune as Go's range does: a broken byte is one U+FFFD of width 1.
#ifndef TEMPLATE_RUNE_H
#define TEMPLATE_RUNE_H

#include "template/private.h"

// The rune at `text`; `len` must not be 0.
static inline int32_t rune_at(const char *text, size_t len, size_t *width) {
    return utf8_decode(text, len, width);
}

static inline size_t rune_width(const char *text, size_t len) {
    size_t width;
    rune_at(text, len, &width);
    return width;
}

static inline void rune_add(struct buf *out, int32_t rune) {
    utf8_add(out, rune);
}

#endif
