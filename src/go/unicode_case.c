// SPDX-License-Identifier: Apache-2.0
#include "go/unicode.h"
#include "go/unicode_case_tables.inc"

#define COUNT(array) (sizeof(array) / sizeof *(array))

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

bool unicode_is_space(int32_t rune) {
    return unicode_in(space_ranges, COUNT(space_ranges), (uint32_t)rune);
}

bool unicode_is_upper(int32_t rune) {
    return unicode_in(upper_ranges, COUNT(upper_ranges), (uint32_t)rune);
}

bool unicode_is_lower(int32_t rune) {
    return unicode_in(lower_ranges, COUNT(lower_ranges), (uint32_t)rune);
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
