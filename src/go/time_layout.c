// SPDX-License-Identifier: Apache-2.0
#include "go/time_layout.h"

#include <stdbool.h>
#include <string.h>

struct word {
    const char *text;
    enum time_layout_item item;
    unsigned flags;
    bool whole; // not when a small letter follows
};

// Of words that start alike, the first that fits is meant.
static const struct word words[] = {
    {"January", TIME_LAYOUT_LONG_MONTH, 0, false},
    {"Jan", TIME_LAYOUT_MONTH, 0, true},
    {"Monday", TIME_LAYOUT_LONG_WEEKDAY, 0, false},
    {"Mon", TIME_LAYOUT_WEEKDAY, 0, true},
    {"MST", TIME_LAYOUT_ZONE_NAME, 0, false},
    {"01", TIME_LAYOUT_ZERO_MONTH, 0, false},
    {"02", TIME_LAYOUT_ZERO_DAY, 0, false},
    {"03", TIME_LAYOUT_ZERO_HOUR12, 0, false},
    {"04", TIME_LAYOUT_ZERO_MINUTE, 0, false},
    {"05", TIME_LAYOUT_ZERO_SECOND, 0, false},
    {"06", TIME_LAYOUT_YEAR, 0, false},
    {"002", TIME_LAYOUT_ZERO_YEAR_DAY, 0, false},
    {"15", TIME_LAYOUT_HOUR, 0, false},
    {"1", TIME_LAYOUT_NUM_MONTH, 0, false},
    {"2006", TIME_LAYOUT_LONG_YEAR, 0, false},
    {"2", TIME_LAYOUT_DAY, 0, false},
    {"_2006", TIME_LAYOUT_LONG_YEAR, 0, false}, // the underscore is text
    {"_2", TIME_LAYOUT_UNDER_DAY, 0, false},
    {"__2", TIME_LAYOUT_UNDER_YEAR_DAY, 0, false},
    {"3", TIME_LAYOUT_HOUR12, 0, false},
    {"4", TIME_LAYOUT_MINUTE, 0, false},
    {"5", TIME_LAYOUT_SECOND, 0, false},
    {"PM", TIME_LAYOUT_PM, 0, false},
    {"pm", TIME_LAYOUT_PM_LOWER, 0, false},
    {"-070000", TIME_LAYOUT_ZONE, TIME_LAYOUT_SECONDS, false},
    {"-07:00:00", TIME_LAYOUT_ZONE, TIME_LAYOUT_SECONDS | TIME_LAYOUT_COLON, false},
    {"-0700", TIME_LAYOUT_ZONE, 0, false},
    {"-07:00", TIME_LAYOUT_ZONE, TIME_LAYOUT_COLON, false},
    {"-07", TIME_LAYOUT_ZONE, TIME_LAYOUT_HOURS_ONLY, false},
    {"Z070000", TIME_LAYOUT_ZONE, TIME_LAYOUT_ZULU | TIME_LAYOUT_SECONDS, false},
    {"Z07:00:00", TIME_LAYOUT_ZONE, TIME_LAYOUT_ZULU | TIME_LAYOUT_SECONDS | TIME_LAYOUT_COLON, false},
    {"Z0700", TIME_LAYOUT_ZONE, TIME_LAYOUT_ZULU, false},
    {"Z07:00", TIME_LAYOUT_ZONE, TIME_LAYOUT_ZULU | TIME_LAYOUT_COLON, false},
    {"Z07", TIME_LAYOUT_ZONE, TIME_LAYOUT_ZULU | TIME_LAYOUT_HOURS_ONLY, false},
};

static const struct word *word_at(const char *at, size_t left) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i].text);
        if (len > left || memcmp(at, words[i].text, len) != 0)
            continue;
        if (!words[i].whole || len == left || at[len] < 'a' || at[len] > 'z')
            return &words[i];
    }
    return NULL;
}

// `.000` or `,999`: one digit repeated, with no other digit after it. How many; 0 when it is none.
static size_t fraction_at(const char *at, size_t left) {
    size_t end = 1;
    if (left < 2 || (at[0] != '.' && at[0] != ',') || (at[1] != '0' && at[1] != '9'))
        return 0;
    while (end < left && at[end] == at[1])
        end++;
    return end < left && at[end] >= '0' && at[end] <= '9' ? 0 : end - 1;
}

struct time_layout_element time_layout_next(const char *layout, size_t len) {
    for (size_t i = 0; i < len; i++) {
        const struct word *word = word_at(layout + i, len - i);
        size_t digits = fraction_at(layout + i, len - i);
        if (word) {
            size_t text = !strcmp(word->text, "_2006");
            return (struct time_layout_element){word->item, word->flags, 0, i + text,
                                                strlen(word->text) - text};
        }
        if (digits)
            return (struct time_layout_element){layout[i + 1] == '0' ? TIME_LAYOUT_FRACTION_0
                                                                     : TIME_LAYOUT_FRACTION_9,
                                                0, digits, i, digits + 1};
    }
    return (struct time_layout_element){.prefix = len};
}
