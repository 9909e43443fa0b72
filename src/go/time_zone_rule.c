// SPDX-License-Identifier: Apache-2.0
#include "go/time_zone_rule.h"

#include "go/time.h"
#include "go/time_calendar.h"
#include "go/time_zone.h"

#include <string.h>

enum { HOUR = 3600, DAY = 24 * HOUR };

static bool scan_number(const char **at, int min, int max, int *out) {
    const char *start = *at;
    *out = 0;
    while (**at >= '0' && **at <= '9') {
        *out = *out * 10 + (*(*at)++ - '0');
        if (*out > max)
            return false;
    }
    return *at > start && *out >= min;
}

// [+-]hh[:mm[:ss]] in seconds.
static bool scan_offset(const char **at, int *out) {
    int sign = **at == '-' ? -1 : 1, part, scale = 60;
    *at += **at == '-' || **at == '+';
    if (!scan_number(at, 0, 24 * 7, &part))
        return false;
    *out = part * HOUR;
    for (; **at == ':' && scale; scale /= 60) {
        ++*at;
        if (!scan_number(at, 0, 59, &part))
            return false;
        *out += part * scale;
    }
    *out *= sign;
    return true;
}

static bool scan_name(struct arena *arena, const char **at, const char **out) {
    bool quoted = **at == '<';
    const char *start = *at + quoted;
    size_t len = strcspn(start, quoted ? ">" : "0123456789,+-");
    if (quoted ? !start[len] : len < 3)
        return false;
    *out = arena_strndup(arena, start, len);
    *at = start + len + quoted;
    return true;
}

static bool scan_day(const char **at, struct time_zone_change *c) {
    if (**at == 'J') {
        c->kind = *(*at)++;
        return scan_number(at, 1, 365, &c->day);
    }
    if (**at != 'M') {
        c->kind = 'D';
        return scan_number(at, 0, 365, &c->day);
    }
    c->kind = *(*at)++;
    return scan_number(at, 1, 12, &c->month) && *(*at)++ == '.' && scan_number(at, 1, 5, &c->week) &&
           *(*at)++ == '.' && scan_number(at, 0, 6, &c->day);
}

static bool scan_change(const char **at, struct time_zone_change *c) {
    c->time = 2 * HOUR;
    if (!scan_day(at, c))
        return false;
    if (**at != '/')
        return true;
    ++*at;
    return scan_offset(at, &c->time);
}

bool time_zone_rule_parse(struct arena *arena, const char *text, struct time_zone_rule *out) {
    *out = (struct time_zone_rule){0};
    const char *at = text;
    if (!scan_name(arena, &at, &out->names[0]) || !scan_offset(&at, &out->offsets[0]))
        return false;
    out->offsets[0] = -out->offsets[0]; // written as what to add to get UTC
    if (!*at)
        return true;
    out->has_dst = true;
    if (!scan_name(arena, &at, &out->names[1]))
        return false;
    out->offsets[1] = out->offsets[0] + HOUR;
    if (*at && *at != ',') {
        if (!scan_offset(&at, &out->offsets[1]))
            return false;
        out->offsets[1] = -out->offsets[1];
    }
    if (!*at)
        at = ",M3.2.0,M11.1.0"; // what tzcode assumes
    return *at++ == ',' && scan_change(&at, &out->changes[0]) && *at++ == ',' &&
           scan_change(&at, &out->changes[1]) && !*at;
}

// Seconds from the year's start in UTC to the change, made by clocks `offset` ahead.
static int64_t change_time(const struct time_zone_change *c, int64_t year, int offset) {
    int64_t start = go_time_days(year, 1, 1), day;
    if (c->kind == 'J') {
        day = c->day - 1 + (go_time_is_leap(year) && c->day >= 60);
    } else if (c->kind == 'D') {
        day = c->day;
    } else {
        int64_t first = go_time_days(year, c->month, 1);
        int in_month = (c->day - go_time_weekday(first) + 7) % 7;
        for (int week = 1; week < c->week && in_month + 7 < go_time_month_len(year, c->month); week++)
            in_month += 7;
        day = first - start + in_month;
    }
    return day * DAY + c->time - offset;
}

struct time_zone_span time_zone_rule_at(const struct time_zone_rule *rule, int64_t since, int64_t seconds) {
    if (!rule->has_dst)
        return (struct time_zone_span){rule->names[0], rule->offsets[0], false, since, INT64_MAX};
    int month, day;
    int64_t year;
    go_time_date(go_time_floor(seconds, DAY), &year, &month, &day);
    int64_t year_start = go_time_days(year, 1, 1) * DAY, at = seconds - year_start;
    int64_t to_dst = change_time(&rule->changes[0], year, rule->offsets[0]);
    int64_t to_std = change_time(&rule->changes[1], year, rule->offsets[1]);
    bool south = to_std < to_dst; // there, daylight time holds around the new year
    int64_t first = south ? to_std : to_dst, second = south ? to_dst : to_std;
    bool inside = at >= first && at < second;
    int which = inside != south;
    struct time_zone_span span = {rule->names[which], rule->offsets[which], which, year_start + first,
                                  year_start + second};
    if (at < first) {
        span.start = year_start;
        span.end = year_start + first;
    } else if (at >= second) {
        span.start = year_start + second;
        span.end = go_time_days(year + 1, 1, 1) * DAY;
    }
    return span;
}
