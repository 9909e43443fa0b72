// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

enum { REPLACEMENT = 0xfffd };

// The length that the first byte announces, 0 for a byte that begins nothing.
static size_t announced(unsigned char first) {
    return first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

size_t utf8_decode(const char *text, size_t len, uint32_t *rune) {
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    *rune = REPLACEMENT;
    if (!len)
        return 0;
    unsigned char first = (unsigned char)*text;
    size_t width = announced(first);
    if (!width || width > len)
        return 1;
    uint32_t value = width == 1 ? first : first & (0x7fu >> width);
    for (size_t i = 1; i < width; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 1;
        value = value << 6 | ((unsigned char)text[i] & 0x3f);
    }
    if (value < smallest[width] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 1;
    *rune = value;
    return width;
}

size_t utf8_put(uint32_t rune, char out[4]) {
    if (rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
        rune = REPLACEMENT;
    if (rune < 0x80) {
        out[0] = (char)rune;
        return 1;
    }
    size_t width = rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
    for (size_t i = width - 1; i > 0; i--, rune >>= 6)
        out[i] = (char)(0x80 | (rune & 0x3f));
    out[0] = (char)((0xf00u >> width & 0xff) | rune);
    return width;
}

size_t utf8_valid_prefix(const char *text, size_t len) {
    size_t at = 0;
    uint32_t rune;
    while (at < len) {
        size_t width = utf8_decode(text + at, len - at, &rune);
        if (utf8_is_broken(rune, width))
            break;
        at += width;
    }
    return at;
}
