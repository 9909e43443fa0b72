// SPDX-License-Identifier: Apache-2.0
#include "go/unicode.h"

#include "go/unicode_tables.inc"

#define COUNT(array) (sizeof(array) / sizeof *(array))

bool unicode_in(const struct rune_range *ranges, size_t count, uint32_t rune) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rune > ranges[middle].last)
            low = middle + 1;
        else if (rune < ranges[middle].first)
            high = middle;
        else
            return true;
    }
    return false;
}

bool unicode_is_letter(uint32_t rune) {
    if (rune < 0x80)
        return (rune | 0x20) >= 'a' && (rune | 0x20) <= 'z';
    return unicode_in(letter_ranges, COUNT(letter_ranges), rune);
}

bool unicode_is_digit(uint32_t rune) {
    if (rune < 0x80)
        return rune >= '0' && rune <= '9';
    return unicode_in(digit_ranges, COUNT(digit_ranges), rune);
}

bool unicode_is_print(uint32_t rune) {
    if (rune < 0x7f)
        return rune >= 0x20;
    return unicode_in(print_ranges, COUNT(print_ranges), rune);
}
