// SPDX-License-Identifier: Apache-2.0
#ifndef BASE_HEX_H
#define BASE_HEX_H

// What a hexadecimal digit of either case counts, -1 for any other character.
static inline int hex_digit(int c) {
    int letter = c | 0x20;
    return c >= '0' && c <= '9' ? c - '0' : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

#endif
