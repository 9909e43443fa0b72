// SPDX-License-Identifier: Apache-2.0
#include "go/rune.h"

#include "base/utf8.h"

int32_t rune_at(const char *text, size_t len, size_t *size) {
    uint32_t rune;
    *size = utf8_decode(text, len, &rune);
    return (int32_t)rune;
}

void rune_add(struct buf *out, int32_t rune) {
    char bytes[4];
    buf_add(out, bytes, utf8_put((uint32_t)rune, bytes));
}

size_t rune_count(const char *text, size_t len) {
    size_t count = 0, size;
    for (size_t at = 0; at < len; at += size, count++)
        rune_at(text + at, len - at, &size);
    return count;
}
