// SPDX-License-Identifier: Apache-2.0
// Points in time as Go's time.Time, with its layouts ("2006-01-02 15:04:05") for writing and reading.
#ifndef TEMPLATE_MOMENT_H
#define TEMPLATE_MOMENT_H

#include "base/buf.h"
#include "base/err.h"
#include "template/zone.h"

struct moment {
    int64_t seconds; // Unix
    int32_t nanoseconds;
    const struct zone *zone;
    int64_t monotonic; // Go's monotonic reading in nanoseconds; 0 for none (it is printed by String)
};

// Go's zero time: 1 January of the year 1, UTC.
#define MOMENT_ZERO ((struct moment){.seconds = -62135596800, .zone = zone_utc()})

// The calendar, proleptic Gregorian. Days count from 1 January 1970.
int64_t moment_days(int64_t year, int month, int day);
void moment_date(int64_t days, int64_t *year, int *month, int *day);
int moment_weekday(int64_t days); // 0 is Sunday
int moment_month_len(int64_t year, int month);
bool moment_is_leap(int64_t year);
int64_t moment_floor(int64_t a, int64_t b); // a / b toward minus infinity

// A moment as the clocks of its zone show it.
struct moment_fields {
    int64_t year;
    int month, day, year_day; // from 1
    int weekday;              // 0 is Sunday
    int hour, minute, second;
    const char *abbreviation;
    int32_t offset;
};
struct moment_fields moment_fields(struct moment m);

// The moment when clocks in `zone` show this.
struct moment moment_at(int64_t year, int month, int day, int64_t second_of_day, int32_t nanoseconds,
                        const struct zone *zone);

extern const char *const moment_months[12], *const moment_weekdays[7];

// -1, 0, 1.
int moment_compare(struct moment a, struct moment b);
struct moment moment_add(struct moment m, int64_t nanoseconds);
int64_t moment_since(struct moment from, struct moment to); // nanoseconds, the nearest int64

// Appends the moment in the layout.
void moment_format(struct buf *out, struct moment m, const char *layout, size_t len);
// As Go prints a time.Time, the monotonic reading included.
void moment_string(struct buf *out, struct moment m);

// Reads `text`; without a zone of its own it is a clock in `zone`. ERR_INVALID: Go's words.
bool moment_parse(struct arena *arena, const char *layout, size_t layout_len, const char *text, size_t len,
                  const struct zone *zone, struct moment *out, struct err *err);

// Durations in nanoseconds: "1h2m3.5s". ERR_INVALID: Go's words.
bool duration_parse(const char *text, size_t len, int64_t *out, struct err *err);
void duration_string(struct buf *out, int64_t nanoseconds);
int64_t duration_round(int64_t d, int64_t to);

// Appends text in the plain quotes of Go's time errors.
void moment_quote(struct buf *out, const char *text, size_t len);

#endif
