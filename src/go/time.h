// SPDX-License-Identifier: Apache-2.0
// Points in time as Go's time.Time, with its layouts ("2006-01-02 15:04:05") for writing and reading.
#ifndef GO_TIME_H
#define GO_TIME_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "go/time_calendar.h"
#include "go/time_zone.h"

struct go_time {
    int64_t seconds; // Unix
    int32_t nanoseconds;
    const struct time_zone *zone;
    int64_t monotonic; // Go's monotonic reading in nanoseconds; 0 for none (it is printed by String)
};

// Go's zero time: 1 January of the year 1, UTC.
#define GO_TIME_ZERO ((struct go_time){.seconds = -62135596800, .zone = time_zone_utc()})

// A moment as the clocks of its zone show it.
struct go_time_fields {
    int64_t year;
    int month, day, year_day; // from 1
    int weekday;              // 0 is Sunday
    int hour, minute, second;
    const char *abbreviation;
    int32_t offset;
};
struct go_time_fields go_time_fields(struct go_time m);

// The moment when clocks in `zone` show this date and time.
struct go_time go_time_at(const struct go_time_fields *clock, int32_t nanoseconds,
                          const struct time_zone *zone);

extern const char *const go_time_months[12], *const go_time_weekdays[7];

// -1, 0, 1.
int go_time_compare(struct go_time a, struct go_time b);
struct go_time go_time_add(struct go_time m, int64_t nanoseconds);
int64_t go_time_since(struct go_time from, struct go_time to); // nanoseconds, the nearest int64

// Appends the moment in the layout.
void go_time_format(struct buf *out, struct go_time m, const char *layout, size_t len);
// As Go prints a time.Time, the monotonic reading included.
void go_time_string(struct buf *out, struct go_time m);

// How a text says a time: its layout, and the zone whose clocks it means where it names none.
struct go_time_form {
    struct cursor layout;
    const struct time_zone *zone;
};

// Reads `text`. ERR_INVALID: Go's words.
bool go_time_parse(struct arena *arena, struct go_time_form form, struct cursor text, struct go_time *out,
                   struct err *err);

// Appends text in the plain quotes of Go's time errors.
void go_time_quote(struct buf *out, const char *text, size_t len);

#endif
