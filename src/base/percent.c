// SPDX-License-Identifier: Apache-2.0
#include "base/percent.h"

#include "base/hex.h"

int percent_byte(const char *at) {
    int high = *at == '%' ? hex_digit(at[1]) : -1, low = high < 0 ? -1 : hex_digit(at[2]);
    return low < 0 ? -1 : high * 16 + low;
}

const char *percent_decode(struct arena *arena, const char *text, size_t len) {
    char *out = arena_strndup(arena, text, len), *to = out;
    for (const char *c = out; *c; c++) {
        int byte = percent_byte(c);
        *to++ = byte < 0 ? *c : (char)byte;
        c += byte < 0 ? 0 : 2;
    }
    *to = '\0';
    return out;
}
