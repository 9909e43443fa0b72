// SPDX-License-Identifier: Apache-2.0
// Go's time layouts, cut into their elements. Shared by writing and reading.
#ifndef TEMPLATE_LAYOUT_H
#define TEMPLATE_LAYOUT_H

#include <stddef.h>

// clang-format off
enum layout_item {
    LAYOUT_END, // no more elements: the rest is text
    LAYOUT_LONG_MONTH, LAYOUT_MONTH, LAYOUT_NUM_MONTH, LAYOUT_ZERO_MONTH,
    LAYOUT_LONG_WEEKDAY, LAYOUT_WEEKDAY,
    LAYOUT_DAY, LAYOUT_UNDER_DAY, LAYOUT_ZERO_DAY, LAYOUT_UNDER_YEAR_DAY, LAYOUT_ZERO_YEAR_DAY,
    LAYOUT_HOUR, LAYOUT_HOUR12, LAYOUT_ZERO_HOUR12, LAYOUT_MINUTE, LAYOUT_ZERO_MINUTE,
    LAYOUT_SECOND, LAYOUT_ZERO_SECOND, LAYOUT_LONG_YEAR, LAYOUT_YEAR, LAYOUT_PM, LAYOUT_PM_LOWER,
    LAYOUT_ZONE_NAME,
    LAYOUT_ZONE, // numeric, see its flags
    LAYOUT_FRACTION_0, LAYOUT_FRACTION_9,
};
enum { LAYOUT_ZULU = 1, LAYOUT_COLON = 2, LAYOUT_HOURS_ONLY = 4, LAYOUT_SECONDS = 8 };
// clang-format on

struct layout_element {
    enum layout_item item;
    unsigned flags; // LAYOUT_ZONE
    size_t digits;  // fractions
    size_t prefix;  // bytes of text before the element
    size_t len;     // bytes of the element
};

// The first element of the layout.
struct layout_element layout_next(const char *layout, size_t len);

#endif
