// SPDX-License-Identifier: Apache-2.0
// Stepping over text rune by rune as Go's range does: a broken byte is one U+FFFD of width 1.
#ifndef GO_RUNE_H
#define GO_RUNE_H

#include "base/buf.h"

#include <stdint.h>

// Decodes one code point; `*size` is 1 and the result 0xFFFD for a broken byte. `len` > 0.
int32_t rune_at(const char *text, size_t len, size_t *size);
// Appends a code point; those that are none become U+FFFD.
void rune_add(struct buf *out, int32_t rune);
size_t rune_count(const char *text, size_t len); // code points, broken bytes count one each

// Bytes of the rune at `text`; `len` must not be 0.
static inline size_t rune_width(const char *text, size_t len) {
    size_t width;
    rune_at(text, len, &width);
    return width;
}

#endif
