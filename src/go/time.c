// SPDX-License-Identifier: Apache-2.0
#include "go/time.h"

#include "go/time_layout.h"

#include <stdio.h>
#include <string.h>

enum { DAY = 86400, SECOND = 1000000000 };

const char *const go_time_months[12] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
const char *const go_time_weekdays[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday"};

struct go_time_fields go_time_fields(struct go_time m) {
    struct time_zone_span span = time_zone_at(m.zone, m.seconds);
    struct go_time_fields f = {.abbreviation = span.abbreviation, .offset = span.offset};
    int64_t local;
    if (__builtin_add_overflow(m.seconds, (int64_t)span.offset, &local))
        local = m.seconds;
    int64_t days = go_time_floor(local, DAY);
    int second = (int)(local - days * DAY);
    go_time_date(days, &f.year, &f.month, &f.day);
    f.year_day = (int)(days - go_time_days(f.year, 1, 1)) + 1;
    f.weekday = go_time_weekday(days);
    f.hour = second / 3600;
    f.minute = second / 60 % 60;
    f.second = second % 60;
    return f;
}

// A clock's time that the zone skips or repeats means what Go's time.Date makes of it.
struct go_time go_time_at(const struct go_time_fields *clock, int32_t nanoseconds,
                          const struct time_zone *zone) {
    int64_t seconds = go_time_days(clock->year, clock->month, clock->day) * DAY + clock->hour * 3600 +
                      clock->minute * 60 + clock->second;
    struct time_zone_span span = time_zone_at(zone, seconds);
    if (span.offset) {
        int64_t guess = seconds - span.offset;
        if (guess < span.start || guess >= span.end)
            span = time_zone_at(zone, guess);
        seconds -= span.offset;
    }
    return (struct go_time){.seconds = seconds, .nanoseconds = nanoseconds, .zone = zone};
}

int go_time_compare(struct go_time a, struct go_time b) {
    if (a.seconds != b.seconds)
        return a.seconds < b.seconds ? -1 : 1;
    return (a.nanoseconds > b.nanoseconds) - (a.nanoseconds < b.nanoseconds);
}

struct go_time go_time_add(struct go_time m, int64_t nanoseconds) {
    int64_t seconds = nanoseconds / SECOND, nanos = m.nanoseconds + nanoseconds % SECOND;
    if (nanos >= SECOND || nanos < 0) {
        seconds += nanos < 0 ? -1 : 1;
        nanos += nanos < 0 ? SECOND : -SECOND;
    }
    m.seconds = (int64_t)((uint64_t)m.seconds + (uint64_t)seconds);
    m.nanoseconds = (int32_t)nanos;
    if (m.monotonic)
        m.monotonic += nanoseconds;
    return m;
}

int64_t go_time_since(struct go_time from, struct go_time to) {
    int64_t seconds, total;
    if (!__builtin_sub_overflow(to.seconds, from.seconds, &seconds) &&
        !__builtin_mul_overflow(seconds, SECOND, &total) &&
        !__builtin_add_overflow(total, (int64_t)to.nanoseconds - from.nanoseconds, &total))
        return total;
    return go_time_compare(to, from) < 0 ? INT64_MIN : INT64_MAX;
}

// A number with at least `width` digits; the sign comes before the zeros.
static void add_int(struct buf *out, int64_t n, int width) {
    buf_printf(out, "%s%0*lld", n < 0 ? "-" : "", width, (long long)(n < 0 ? -n : n));
}

static void add_spaced(struct buf *out, int n, int width) {
    buf_printf(out, "%*d", width, n);
}

static void add_zone(struct buf *out, int32_t offset, unsigned flags) {
    if (!offset && flags & TIME_LAYOUT_ZULU) {
        buf_char(out, 'Z');
        return;
    }
    const char *colon = flags & TIME_LAYOUT_COLON ? ":" : "";
    int minutes = offset / 60, absolute = offset;
    buf_char(out, minutes < 0 ? '-' : '+');
    if (minutes < 0) {
        minutes = -minutes;
        absolute = -absolute;
    }
    buf_printf(out, "%02d", minutes / 60);
    if (!(flags & TIME_LAYOUT_HOURS_ONLY))
        buf_printf(out, "%s%02d", colon, minutes % 60);
    if (flags & TIME_LAYOUT_SECONDS)
        buf_printf(out, "%s%02d", colon, absolute % 60);
}

static void add_fraction(struct buf *out, int32_t nanoseconds, char point, struct time_layout_element e) {
    char digits[16];
    size_t len = e.digits < 9 ? e.digits : 9;
    bool cut = e.item == TIME_LAYOUT_FRACTION_9;
    if (cut && !nanoseconds)
        return;
    snprintf(digits, sizeof digits, "%09d", (int)nanoseconds);
    while (cut && len && digits[len - 1] == '0')
        len--;
    if (cut && !len)
        return;
    buf_char(out, point);
    buf_add(out, digits, len);
}

static void add_element(struct buf *out, const struct go_time_fields *f, struct time_layout_element e) {
    int hour12 = f->hour % 12 ? f->hour % 12 : 12;
    int64_t year = f->year < 0 ? -f->year : f->year;
    switch (e.item) {
    case TIME_LAYOUT_LONG_MONTH: buf_str(out, go_time_months[f->month - 1]); break;
    case TIME_LAYOUT_MONTH: buf_add(out, go_time_months[f->month - 1], 3); break;
    case TIME_LAYOUT_NUM_MONTH: add_int(out, f->month, 0); break;
    case TIME_LAYOUT_ZERO_MONTH: add_int(out, f->month, 2); break;
    case TIME_LAYOUT_LONG_WEEKDAY: buf_str(out, go_time_weekdays[f->weekday]); break;
    case TIME_LAYOUT_WEEKDAY: buf_add(out, go_time_weekdays[f->weekday], 3); break;
    case TIME_LAYOUT_DAY: add_int(out, f->day, 0); break;
    case TIME_LAYOUT_UNDER_DAY: add_spaced(out, f->day, 2); break;
    case TIME_LAYOUT_ZERO_DAY: add_int(out, f->day, 2); break;
    case TIME_LAYOUT_UNDER_YEAR_DAY: add_spaced(out, f->year_day, 3); break;
    case TIME_LAYOUT_ZERO_YEAR_DAY: add_int(out, f->year_day, 3); break;
    case TIME_LAYOUT_HOUR: add_int(out, f->hour, 2); break;
    case TIME_LAYOUT_HOUR12: add_int(out, hour12, 0); break;
    case TIME_LAYOUT_ZERO_HOUR12: add_int(out, hour12, 2); break;
    case TIME_LAYOUT_MINUTE: add_int(out, f->minute, 0); break;
    case TIME_LAYOUT_ZERO_MINUTE: add_int(out, f->minute, 2); break;
    case TIME_LAYOUT_SECOND: add_int(out, f->second, 0); break;
    case TIME_LAYOUT_ZERO_SECOND: add_int(out, f->second, 2); break;
    case TIME_LAYOUT_LONG_YEAR: add_int(out, f->year, 4); break;
    case TIME_LAYOUT_YEAR: add_int(out, year % 100, 2); break;
    case TIME_LAYOUT_PM: buf_str(out, f->hour >= 12 ? "PM" : "AM"); break;
    case TIME_LAYOUT_PM_LOWER: buf_str(out, f->hour >= 12 ? "pm" : "am"); break;
    case TIME_LAYOUT_ZONE: add_zone(out, f->offset, e.flags); break;
    case TIME_LAYOUT_ZONE_NAME:
        if (*f->abbreviation)
            buf_str(out, f->abbreviation);
        else
            add_zone(out, f->offset, 0);
        break;
    default: break;
    }
}

void go_time_format(struct buf *out, struct go_time m, const char *layout, size_t len) {
    struct go_time_fields f = go_time_fields(m);
    while (len) {
        struct time_layout_element e = time_layout_next(layout, len);
        buf_add(out, layout, e.prefix);
        if (e.item == TIME_LAYOUT_FRACTION_0 || e.item == TIME_LAYOUT_FRACTION_9)
            add_fraction(out, m.nanoseconds, layout[e.prefix], e);
        else
            add_element(out, &f, e);
        layout += e.prefix + e.len;
        len -= e.prefix + e.len;
    }
}

void go_time_string(struct buf *out, struct go_time m) {
    const char *layout = "2006-01-02 15:04:05.999999999 -0700 MST";
    go_time_format(out, m, layout, strlen(layout));
    if (m.monotonic)
        buf_printf(out, " m=%c%lld.%09lld", m.monotonic < 0 ? '-' : '+',
                   (long long)(m.monotonic < 0 ? -m.monotonic : m.monotonic) / SECOND,
                   (long long)(m.monotonic < 0 ? -m.monotonic : m.monotonic) % SECOND);
}
