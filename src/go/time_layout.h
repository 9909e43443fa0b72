// SPDX-License-Identifier: Apache-2.0
// Go's time layouts, cut into their elements. Shared by writing and reading.
#ifndef GO_TIME_LAYOUT_H
#define GO_TIME_LAYOUT_H

#include <stddef.h>

// clang-format off
enum time_layout_item {
    TIME_LAYOUT_END, // no more elements: the rest is text
    TIME_LAYOUT_LONG_MONTH, TIME_LAYOUT_MONTH, TIME_LAYOUT_NUM_MONTH, TIME_LAYOUT_ZERO_MONTH,
    TIME_LAYOUT_LONG_WEEKDAY, TIME_LAYOUT_WEEKDAY,
    TIME_LAYOUT_DAY, TIME_LAYOUT_UNDER_DAY, TIME_LAYOUT_ZERO_DAY, TIME_LAYOUT_UNDER_YEAR_DAY, TIME_LAYOUT_ZERO_YEAR_DAY,
    TIME_LAYOUT_HOUR, TIME_LAYOUT_HOUR12, TIME_LAYOUT_ZERO_HOUR12, TIME_LAYOUT_MINUTE, TIME_LAYOUT_ZERO_MINUTE,
    TIME_LAYOUT_SECOND, TIME_LAYOUT_ZERO_SECOND, TIME_LAYOUT_LONG_YEAR, TIME_LAYOUT_YEAR, TIME_LAYOUT_PM, TIME_LAYOUT_PM_LOWER,
    TIME_LAYOUT_ZONE_NAME,
    TIME_LAYOUT_ZONE, // numeric, see its flags
    TIME_LAYOUT_FRACTION_0, TIME_LAYOUT_FRACTION_9,
};
enum { TIME_LAYOUT_ZULU = 1, TIME_LAYOUT_COLON = 2, TIME_LAYOUT_HOURS_ONLY = 4, TIME_LAYOUT_SECONDS = 8 };
// clang-format on

struct time_layout_element {
    enum time_layout_item item;
    unsigned flags; // TIME_LAYOUT_ZONE
    size_t digits;  // fractions
    size_t prefix;  // bytes of text before the element
    size_t len;     // bytes of the element
};

// The first element of the layout.
struct time_layout_element time_layout_next(const char *layout, size_t len);

#endif
