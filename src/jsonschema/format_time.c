// SPDX-License-Identifier: Apache-2.0
// RFC 3339: dates, times, durations, periods.
#include "jsonschema/formats.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

// Two digits, or -1.
static int two(const char *text) {
    if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]))
        return -1;
    return (text[0] - '0') * 10 + text[1] - '0';
}

static bool is_leap(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

// In the words of Go's time.Parse for the layout 2006-01-02.
const char *format_date(struct arena *arena, const char *text) {
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const struct {
        size_t at, len;
        const char *layout;
    } parts[] = {{0, 4, "2006"}, {4, 1, "-"}, {5, 2, "01"}, {7, 1, "-"}, {8, 2, "02"}};
    size_t len = strlen(text);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        bool ok = len >= parts[i].at + parts[i].len;
        for (size_t j = 0; ok && j < parts[i].len; j++)
            ok = parts[i].len == 1 ? text[parts[i].at] == '-' : isdigit((unsigned char)text[parts[i].at + j]);
        if (!ok)
            return arena_printf(arena, "parsing time \"%s\" as \"2006-01-02\": cannot parse \"%s\" as \"%s\"",
                                text, len > parts[i].at ? text + parts[i].at : "", parts[i].layout);
    }
    int year = two(text) * 100 + two(text + 2), month = two(text + 5), day = two(text + 8);
    if (len > 10)
        return arena_printf(arena, "parsing time \"%s\": extra text: \"%s\"", text, text + 10);
    if (month < 1 || month > 12)
        return arena_printf(arena, "parsing time \"%s\": month out of range", text);
    if (day < 1 || day > days[month - 1] || (month == 2 && day == 29 && !is_leap(year)))
        return arena_printf(arena, "parsing time \"%s\": day out of range", text);
    return NULL;
}

// "+hh:mm" in minutes to add for UTC; `problem` when it is none.
static int offset_minutes(const char *text, const char **problem) {
    if (strlen(text) != 6)
        *problem = "offset must be 6 characters long";
    else if (*text != '+' && *text != '-')
        *problem = "offset must begin with plus/minus";
    else if (text[3] != ':')
        *problem = "missing colon in offset in correct place";
    else if (two(text + 1) < 0 || two(text + 4) < 0)
        *problem = "invalid hour/min in offset";
    else if (two(text + 1) > 23 || two(text + 4) > 59)
        *problem = "hour/min in offset out of range";
    else
        return (*text == '+' ? -1 : 1) * (two(text + 1) * 60 + two(text + 4));
    return 0;
}

const char *format_time(struct arena *arena, const char *text) {
    (void)arena;
    if (strlen(text) < 9)
        return "less than 9 characters long";
    if (text[2] != ':' || text[5] != ':')
        return "missing colon in correct place";
    int hour = two(text), minute = two(text + 3), second = two(text + 6);
    if (hour < 0 || minute < 0 || second < 0)
        return "invalid hour/min/sec";
    if (hour > 23 || minute > 59 || second > 60)
        return "hour/min/sec out of range";
    text += 8;
    if (*text == '.') {
        size_t digits = strspn(text + 1, "0123456789");
        if (!digits)
            return "no digits in second fraction";
        text += 1 + digits;
    }
    const char *problem = NULL;
    int minutes = hour * 60 + minute;
    if (strcmp(text, "z") != 0 && strcmp(text, "Z") != 0)
        minutes += offset_minutes(text, &problem);
    if (problem)
        return problem;
    if (minutes < 0)
        minutes += 24 * 60;
    return second == 60 && minutes != 23 * 60 + 59 ? "invalid leap second" : NULL;
}

const char *format_date_time(struct arena *arena, const char *text) {
    if (strlen(text) < 20)
        return "less than 20 characters long";
    if (text[10] != 't' && text[10] != 'T')
        return "11th character must be t or T";
    const char *problem = format_date(arena, arena_strndup(arena, text, 10));
    if (problem)
        return arena_printf(arena, "invalid date element: %s", problem);
    problem = format_time(arena, text + 11);
    return problem ? arena_printf(arena, "invalid time element: %s", problem) : NULL;
}

// Numbers with units in the order of `units`, up to a T or the end.
static const char *elements(struct arena *arena, const char **text, const char *units) {
    const char *all = units;
    while (**text && **text != 'T') {
        size_t digits = strspn(*text, "0123456789");
        if (!digits)
            return "missing number";
        *text += digits;
        if (!**text || **text == 'T')
            return "missing unit";
        const char *unit = strchr(units, **text);
        if (!unit)
            return arena_printf(arena, strchr(all, **text) ? "unit '%c' out of order" : "invalid unit '%c'",
                                **text);
        units = unit + 1;
        ++*text;
    }
    return NULL;
}

const char *format_duration(struct arena *arena, const char *text) {
    if (*text != 'P')
        return "must start with P";
    if (!*++text)
        return "nothing after P";
    size_t len = strlen(text);
    if (text[len - 1] == 'W')
        return len == 1 ? "no number in week" : strspn(text, "0123456789") == len - 1 ? NULL : "invalid week";
    const char *problem = elements(arena, &text, "YMD");
    if (problem || !*text)
        return problem;
    if (!*++text)
        return "no time elements";
    problem = elements(arena, &text, "HMS");
    if (problem || !*text)
        return problem;
    return text[1] ? "more than one T" : "no time elements";
}

static const char *labelled(struct arena *arena, const char *label, const char *problem) {
    return problem ? arena_printf(arena, "invalid %s: %s", label, problem) : NULL;
}

const char *format_period(struct arena *arena, const char *text) {
    const char *slash = strchr(text, '/');
    if (!slash)
        return "missing slash";
    const char *start = arena_strndup(arena, text, (size_t)(slash - text)), *end = slash + 1;
    const char *problem = *start == 'P' ? labelled(arena, "start duration", format_duration(arena, start))
                                        : labelled(arena, "start date-time", format_date_time(arena, start));
    if (problem)
        return problem;
    if (*start != 'P' && *end == 'P')
        return labelled(arena, "end duration", format_duration(arena, end));
    return labelled(arena, "end date-time", format_date_time(arena, end));
}
