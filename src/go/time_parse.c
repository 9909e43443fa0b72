// SPDX-License-Identifier: Apache-2.0
#include "go/time.h"

#include "go/rune.h"
#include "go/time_layout.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

// What is left of a text.
struct rest {
    const char *at;
    size_t len;
};

// What has been read so far; -1 for what was not there.
struct parsed {
    int year, month, day, year_day;
    int hour, minute, second;
    int32_t nanoseconds;
    bool am, pm, utc, has_offset;
    int32_t offset;
    struct rest time_zone_name;
    const char *out_of_range; // what was, or NULL
};

void go_time_quote(struct buf *out, const char *text, size_t len) {
    buf_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x80 || c < ' ')
            buf_printf(out, "\\x%02x", c);
        else
            buf_printf(out, c == '"' || c == '\\' ? "\\%c" : "%c", c);
    }
    buf_char(out, '"');
}

static void skip(struct rest *r, size_t len) {
    r->at += len;
    r->len -= len;
}

static bool is_digit(struct rest r, size_t i) {
    return i < r.len && r.at[i] >= '0' && r.at[i] <= '9';
}

// One or two digits; exactly two when `fixed`.
static bool scan_number(struct rest *r, bool fixed, int *out) {
    if (!is_digit(*r, 0) || (fixed && !is_digit(*r, 1)))
        return false;
    size_t len = 1 + is_digit(*r, 1);
    *out = len == 1 ? r->at[0] - '0' : (r->at[0] - '0') * 10 + r->at[1] - '0';
    skip(r, len);
    return true;
}

static bool scan_digits(struct rest *r, size_t least, size_t most, int *out) {
    size_t len = 0;
    for (*out = 0; len < most && is_digit(*r, len); len++)
        *out = *out * 10 + r->at[len] - '0';
    if (len < least)
        return false;
    skip(r, len);
    return true;
}

// The number of the name the text starts with; `len` bytes of each name count, 0 for all.
static bool scan_name(struct rest *r, const char *const *names, int count, size_t len, int *out) {
    for (int i = 0; i < count; i++) {
        size_t need = len ? len : strlen(names[i]);
        if (r->len >= need && strncasecmp(r->at, names[i], need) == 0) {
            *out = i;
            skip(r, need);
            return true;
        }
    }
    return false;
}

// Text between elements must be there; spaces match any number of them, none at the end.
static bool scan_prefix(struct rest *r, struct rest prefix, struct rest *failed) {
    while (prefix.len) {
        *failed = prefix;
        if (*prefix.at == ' ') {
            if (r->len && *r->at != ' ')
                return false;
            while (prefix.len && *prefix.at == ' ')
                skip(&prefix, 1);
            while (r->len && *r->at == ' ')
                skip(r, 1);
            continue;
        }
        if (!r->len || *r->at != *prefix.at)
            return false;
        skip(&prefix, 1);
        skip(r, 1);
    }
    return true;
}

// A point or comma and `digits` digits, of which nine count.
static bool scan_fraction(struct rest *r, size_t digits, int32_t *out) {
    if (r->len < digits + 1 || (*r->at != '.' && *r->at != ','))
        return false;
    *out = 0;
    for (size_t i = 1; i < 10; i++) {
        if (i <= digits && !is_digit(*r, i))
            return false;
        *out = *out * 10 + (i <= digits ? r->at[i] - '0' : 0);
    }
    skip(r, digits + 1);
    return true;
}

static size_t count_digits(struct rest r, size_t from) {
    size_t end = from;
    while (is_digit(r, end))
        end++;
    return end - from;
}

// A second may be followed by a fraction that the layout does not mention.
static bool scan_second(struct rest *r, bool fixed, struct rest layout, struct parsed *p) {
    if (!scan_number(r, fixed, &p->second))
        return false;
    if (p->second >= 60) {
        p->out_of_range = "second";
        return true;
    }
    if (r->len < 2 || (*r->at != '.' && *r->at != ',') || !is_digit(*r, 1))
        return true;
    enum time_layout_item next = time_layout_next(layout.at, layout.len).item;
    if (next == TIME_LAYOUT_FRACTION_0 || next == TIME_LAYOUT_FRACTION_9)
        return true;
    return scan_fraction(r, count_digits(*r, 1), &p->nanoseconds);
}

static bool scan_half(struct rest *r, bool lower, struct parsed *p) {
    if (r->len < 2)
        return false;
    bool pm = !memcmp(r->at, lower ? "pm" : "PM", 2), am = !memcmp(r->at, lower ? "am" : "AM", 2);
    p->pm |= pm;
    p->am |= am;
    skip(r, 2);
    return pm || am;
}

// +hh, +hhmm, +hh:mm, +hhmmss, +hh:mm:ss, or Z where the layout allows it.
static bool scan_offset(struct rest *r, unsigned flags, struct parsed *p) {
    if (flags & TIME_LAYOUT_ZULU && r->len && *r->at == 'Z') {
        p->utc = true;
        skip(r, 1);
        return true;
    }
    int parts[3] = {0}, wanted = flags & TIME_LAYOUT_HOURS_ONLY ? 1 : flags & TIME_LAYOUT_SECONDS ? 3 : 2;
    size_t colon = (flags & TIME_LAYOUT_COLON) != 0,
           len = 1 + (size_t)wanted * 2 + colon * (size_t)(wanted - 1);
    struct rest text = *r;
    if (r->len < len)
        return false;
    skip(&text, 1);
    for (int i = 0; i < wanted; i++) {
        if (i && colon && *text.at != ':')
            return false;
        skip(&text, i ? colon : 0);
        if (!scan_number(&text, true, &parts[i]))
            return false;
    }
    static const char *const words[] = {"time zone offset hour", "time zone offset minute",
                                        "time zone offset second"};
    for (int i = 0; i < 3; i++)
        p->out_of_range = parts[i] > (i ? 60 : 24) ? words[i] : p->out_of_range;
    p->has_offset = true;
    p->offset = (parts[0] * 60 + parts[1]) * 60 + parts[2];
    if (*r->at == '-')
        p->offset = -p->offset;
    bool sign = *r->at == '-' || *r->at == '+';
    skip(r, len);
    return sign || p->out_of_range;
}

// "+08" or "-3" with at most 23 hours; 0 bytes when it is none.
static size_t signed_hours(struct rest r) {
    if (!r.len || (*r.at != '+' && *r.at != '-'))
        return 0;
    size_t digits = count_digits(r, 1);
    int hours = 0;
    for (size_t i = 1; i <= digits && hours <= 23; i++)
        hours = hours * 10 + r.at[i] - '0';
    return digits && hours <= 23 ? digits + 1 : 0;
}

// Bytes of the zone abbreviation at the front, by Go's guess at what one looks like.
static size_t abbreviation_len(struct rest r) {
    if (r.len < 3)
        return 0;
    if (r.len >= 4 && (!memcmp(r.at, "ChST", 4) || !memcmp(r.at, "MeST", 4)))
        return 4;
    if (!memcmp(r.at, "GMT", 3))
        return 3 + signed_hours((struct rest){r.at + 3, r.len - 3});
    if (*r.at == '+' || *r.at == '-')
        return signed_hours(r);
    size_t upper = 0;
    while (upper < 6 && upper < r.len && r.at[upper] >= 'A' && r.at[upper] <= 'Z')
        upper++;
    if (upper == 3 || (upper == 5 && r.at[4] == 'T') ||
        (upper == 4 && (r.at[3] == 'T' || !memcmp(r.at, "WITA", 4))))
        return upper;
    return 0;
}

static bool scan_zone_name(struct rest *r, struct parsed *p) {
    if (r->len >= 3 && !memcmp(r->at, "UTC", 3)) {
        p->utc = true;
        skip(r, 3);
        return true;
    }
    size_t len = abbreviation_len(*r);
    p->time_zone_name = (struct rest){r->at, len};
    skip(r, len);
    return len > 0;
}

static bool scan_year2(struct rest *r, struct parsed *p) {
    struct rest text = {r->at, 2};
    if (r->len < 2)
        return false;
    skip(r, 2);
    if (text.at[0] == '+' || text.at[0] == '-') {
        bool negative = text.at[0] == '-';
        if (!is_digit(text, 1))
            return false;
        p->year = 2000 + (negative ? '0' - text.at[1] : text.at[1] - '0');
        return true;
    }
    int year;
    if (!scan_number(&text, true, &year))
        return false;
    p->year = year >= 69 ? 1900 + year : 2000 + year;
    return true;
}

// A number that must be within bounds; one that is not is out of range, not unreadable.
struct bounded {
    const char *name;
    int min, max;
};
static const struct bounded MONTH = {"month", 1, 12}, HOUR = {"hour", 0, 23}, HOUR12 = {"hour", 0, 12},
                            MINUTE = {"minute", 0, 59};

static bool scan_bounded(struct rest *r, bool fixed, struct bounded number, struct parsed *p, int *out) {
    if (!scan_number(r, fixed, out))
        return false;
    if (*out < number.min || *out > number.max)
        p->out_of_range = number.name;
    return true;
}

static bool scan_padded(struct rest *r, size_t spaces) {
    while (spaces-- && r->len && *r->at == ' ')
        skip(r, 1);
    return true;
}

static bool scan_element(struct rest *r, struct time_layout_element e, struct rest layout, struct parsed *p) {
    int ignored;
    switch (e.item) {
    case TIME_LAYOUT_YEAR: return scan_year2(r, p);
    case TIME_LAYOUT_LONG_YEAR: return scan_digits(r, 4, 4, &p->year);
    case TIME_LAYOUT_LONG_MONTH: return scan_name(r, go_time_months, 12, 0, &p->month) && ++p->month;
    case TIME_LAYOUT_MONTH: return scan_name(r, go_time_months, 12, 3, &p->month) && ++p->month;
    case TIME_LAYOUT_NUM_MONTH:
    case TIME_LAYOUT_ZERO_MONTH:
        return scan_bounded(r, e.item == TIME_LAYOUT_ZERO_MONTH, MONTH, p, &p->month);
    case TIME_LAYOUT_LONG_WEEKDAY: return scan_name(r, go_time_weekdays, 7, 0, &ignored);
    case TIME_LAYOUT_WEEKDAY: return scan_name(r, go_time_weekdays, 7, 3, &ignored);
    case TIME_LAYOUT_UNDER_DAY: return scan_padded(r, 1) && scan_number(r, false, &p->day);
    case TIME_LAYOUT_DAY:
    case TIME_LAYOUT_ZERO_DAY: return scan_number(r, e.item == TIME_LAYOUT_ZERO_DAY, &p->day);
    case TIME_LAYOUT_UNDER_YEAR_DAY: return scan_padded(r, 2) && scan_digits(r, 1, 3, &p->year_day);
    case TIME_LAYOUT_ZERO_YEAR_DAY: return scan_digits(r, 3, 3, &p->year_day);
    case TIME_LAYOUT_HOUR: return scan_bounded(r, false, HOUR, p, &p->hour);
    case TIME_LAYOUT_HOUR12:
    case TIME_LAYOUT_ZERO_HOUR12:
        return scan_bounded(r, e.item == TIME_LAYOUT_ZERO_HOUR12, HOUR12, p, &p->hour);
    case TIME_LAYOUT_MINUTE:
    case TIME_LAYOUT_ZERO_MINUTE:
        return scan_bounded(r, e.item == TIME_LAYOUT_ZERO_MINUTE, MINUTE, p, &p->minute);
    case TIME_LAYOUT_SECOND:
    case TIME_LAYOUT_ZERO_SECOND: return scan_second(r, e.item == TIME_LAYOUT_ZERO_SECOND, layout, p);
    case TIME_LAYOUT_PM: return scan_half(r, false, p);
    case TIME_LAYOUT_PM_LOWER: return scan_half(r, true, p);
    case TIME_LAYOUT_ZONE: return scan_offset(r, e.flags, p);
    case TIME_LAYOUT_ZONE_NAME: return scan_zone_name(r, p);
    case TIME_LAYOUT_FRACTION_0: return scan_fraction(r, e.digits, &p->nanoseconds);
    case TIME_LAYOUT_FRACTION_9: {
        bool there = r->len >= 2 && (*r->at == '.' || *r->at == ',') && is_digit(*r, 1);
        return !there || scan_fraction(r, count_digits(*r, 1), &p->nanoseconds);
    }
    default: return false;
    }
}

// Month and day from the day of the year, which must agree with those given.
static const char *place_year_day(struct parsed *p) {
    int month = 1, day = p->year_day;
    if (day < 1 || day > 365 + go_time_is_leap(p->year))
        return "day-of-year out of range";
    while (day > go_time_month_len(p->year, month))
        day -= go_time_month_len(p->year, month++);
    if (p->month >= 0 && p->month != month)
        return "day-of-year does not match month";
    if (p->day >= 0 && p->day != day)
        return "day-of-year does not match day";
    p->month = month;
    p->day = day;
    return NULL;
}

static struct go_time assemble(struct arena *arena, const struct parsed *p, const struct time_zone *zone) {
    int32_t offset = p->offset;
    struct go_time_fields clock = {
        .year = p->year,
        .month = p->month,
        .day = p->day,
        .hour = p->pm && p->hour < 12    ? p->hour + 12
                : p->am && p->hour == 12 ? 0
                                         : p->hour,
        .minute = p->minute,
        .second = p->second,
    };
    const struct time_zone *there = p->utc ? time_zone_utc() : zone;
    bool fixed = !p->utc && (p->has_offset || p->time_zone_name.len);
    struct go_time m = go_time_at(&clock, p->nanoseconds, fixed ? time_zone_utc() : there);
    if (!fixed)
        return m;
    const char *name = arena_strndup(arena, p->time_zone_name.at, p->time_zone_name.len);
    if (p->has_offset) {
        m.seconds -= offset;
        struct time_zone_span span = time_zone_at(zone, m.seconds);
        bool ours = span.offset == offset && (!*name || !strcmp(span.abbreviation, name));
        m.zone = ours ? zone : time_zone_fixed(arena, name, offset);
    } else if (time_zone_find(zone, name, p->time_zone_name.len, m.seconds, &offset)) {
        m.seconds -= offset;
        m.zone = zone;
    } else {
        offset = !strncmp(name, "GMT", 3) ? atoi(name + 3) * 3600 : 0;
        m.zone = time_zone_fixed(arena, name, offset);
    }
    return m;
}

// The failing text and what is wrong with it.
struct complaint {
    struct rest layout, text;
    struct err *err;
};

static bool complain(const struct complaint *c, const char *message, struct rest element, struct rest left) {
    struct buf out;
    buf_init(&out, c->err->arena);
    buf_str(&out, "parsing time ");
    go_time_quote(&out, c->text.at, c->text.len);
    if (message) {
        buf_printf(&out, ": %s", message);
    } else {
        buf_str(&out, " as ");
        go_time_quote(&out, c->layout.at, c->layout.len);
        buf_str(&out, ": cannot parse ");
        go_time_quote(&out, left.at, left.len);
        buf_str(&out, " as ");
        go_time_quote(&out, element.at, element.len);
    }
    return err_set(c->err, ERR_INVALID, "%s", buf_text(&out));
}

static bool scan_all(const struct complaint *c, struct rest layout, struct rest *text, struct parsed *p) {
    for (;;) {
        struct time_layout_element e = time_layout_next(layout.at, layout.len);
        struct rest prefix = {layout.at, e.prefix}, element = {layout.at + e.prefix, e.len}, failed;
        if (!scan_prefix(text, prefix, &failed))
            return complain(c, NULL, prefix, *text);
        if (e.item == TIME_LAYOUT_END)
            return true;
        skip(&layout, e.prefix + e.len);
        struct rest hold = *text;
        bool good = scan_element(text, e, layout, p);
        if (p->out_of_range)
            return complain(c, arena_printf(c->err->arena, "%s out of range", p->out_of_range), element,
                            *text);
        if (!good)
            return complain(c, NULL, element, hold);
    }
}

bool go_time_parse(struct arena *arena, struct go_time_form form, struct cursor text, struct go_time *out,
                   struct err *err) {
    struct complaint c = {{form.layout.at, cursor_left(form.layout)}, {text.at, cursor_left(text)}, err};
    struct parsed p = {.month = -1, .day = -1, .year_day = -1};
    struct rest left = c.text;
    if (!scan_all(&c, c.layout, &left, &p))
        return false;
    if (left.len) {
        struct buf extra;
        buf_init(&extra, err->arena);
        buf_str(&extra, "extra text: ");
        go_time_quote(&extra, left.at, left.len);
        return complain(&c, buf_text(&extra), left, left);
    }
    const char *problem = p.year_day >= 0 ? place_year_day(&p) : NULL;
    if (problem)
        return complain(&c, problem, left, left);
    p.month = p.month < 0 ? 1 : p.month;
    p.day = p.day < 0 ? 1 : p.day;
    if (p.day < 1 || p.day > go_time_month_len(p.year, p.month))
        return complain(&c, "day out of range", left, left);
    *out = assemble(arena, &p, form.zone);
    return true;
}
