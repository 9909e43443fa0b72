// SPDX-License-Identifier: Apache-2.0
// Time zones as Go's time.Location: from the system's tz database, read by ourselves because
// libc knows one zone per process. Zones live as long as the process; thread-safe.
#ifndef GO_TIME_ZONE_H
#define GO_TIME_ZONE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct time_zone;

const struct time_zone *time_zone_utc(void);

// The machine's own: $TZ, else /etc/localtime, else UTC.
const struct time_zone *time_zone_local(void);

// "Europe/Berlin"; "" and "UTC" are UTC, "Local" the machine's. NULL when unknown, or when the
// name could lead out of the database.
const struct time_zone *time_zone_load(const char *name, size_t len);

// A zone with one offset in seconds east of UTC; the abbreviation may be "".
const struct time_zone *time_zone_fixed(struct arena *arena, const char *abbreviation, int32_t offset);

// "UTC", "Europe/Berlin", a fixed one's abbreviation; the machine's is "Local" unless $TZ names one
const char *time_zone_name(const struct time_zone *zone);

// What holds at a moment (Unix seconds), and from when until when.
struct time_zone_span {
    const char *abbreviation;
    int32_t offset;
    bool dst;
    int64_t start, end;
};
struct time_zone_span time_zone_at(const struct time_zone *zone, int64_t seconds);

// The offset a clock showing `seconds` (as if UTC) means by this abbreviation; false when the
// zone never used it.
bool time_zone_find(const struct time_zone *zone, const char *abbreviation, size_t len, int64_t seconds,
                    int32_t *offset);

#endif
