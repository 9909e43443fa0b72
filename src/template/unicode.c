// SPDX-License-Identifier: Apache-2.0
#include "template/private.h"
#include "template/unicode_tables.inc"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool in_ranges(const struct range *ranges, size_t count, int32_t rune) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rune > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && rune >= ranges[low].first;
}

static int32_t shifted(const struct shift *shifts, size_t count, int32_t rune) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rune > shifts[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count || rune < shifts[low].first || (rune - shifts[low].first) % shifts[low].step)
        return rune;
    return rune + shifts[low].by;
}

bool unicode_is_print(int32_t rune) {
    if (rune < 0x7f)
        return rune >= 0x20;
    return in_ranges(print_ranges, COUNT(print_ranges), rune);
}

bool unicode_is_letter(int32_t rune) {
    if (rune < 0x80)
        return (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z');
    return in_ranges(letter_ranges, COUNT(letter_ranges), rune);
}

bool unicode_is_digit(int32_t rune) {
    if (rune < 0x80)
        return rune >= '0' && rune <= '9';
    return in_ranges(digit_ranges, COUNT(digit_ranges), rune);
}

bool unicode_is_space(int32_t rune) {
    return in_ranges(space_ranges, COUNT(space_ranges), rune);
}

bool unicode_is_upper(int32_t rune) {
    return in_ranges(upper_ranges, COUNT(upper_ranges), rune);
}

bool unicode_is_lower(int32_t rune) {
    return in_ranges(lower_ranges, COUNT(lower_ranges), rune);
}

int32_t unicode_to_upper(int32_t rune) {
    return shifted(to_upper, COUNT(to_upper), rune);
}

int32_t unicode_to_lower(int32_t rune) {
    return shifted(to_lower, COUNT(to_lower), rune);
}

int32_t unicode_to_title(int32_t rune) {
    return shifted(to_title, COUNT(to_title), rune);
}

static bool tail(const char *text, size_t size, int32_t *rune) {
    for (size_t i = 1; i < size; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return false;
        *rune = *rune << 6 | ((unsigned char)text[i] & 0x3f);
    }
    return true;
}

int32_t utf8_decode(const char *text, size_t len, size_t *size) {
    static const int32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    *size = 1;
    if (first < 0x80)
        return first;
    size_t want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    int32_t rune = first & (0x7f >> want);
    if (first < 0xc2 || first > 0xf4 || want > len || !tail(text, want, &rune))
        return 0xfffd;
    if (rune < lowest[want] || rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
        return 0xfffd;
    *size = want;
    return rune;
}

void utf8_add(struct buf *out, int32_t rune) {
    if (rune < 0 || rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
        rune = 0xfffd;
    char bytes[4];
    size_t size;
    if (rune < 0x80) {
        buf_char(out, (char)rune);
        return;
    }
    if (rune < 0x800) {
        size = 2;
        bytes[0] = (char)(0xc0 | rune >> 6);
    } else if (rune < 0x10000) {
        size = 3;
        bytes[0] = (char)(0xe0 | rune >> 12);
    } else {
        size = 4;
        bytes[0] = (char)(0xf0 | rune >> 18);
    }
    for (size_t i = 1; i < size; i++)
        bytes[i] = (char)(0x80 | (rune >> (6 * (size - 1 - i)) & 0x3f));
    buf_add(out, bytes, size);
}

size_t utf8_count(const char *text, size_t len) {
    size_t count = 0, size;
    for (size_t at = 0; at < len; at += size, count++)
        utf8_decode(text + at, len - at, &size);
    return count;
}
