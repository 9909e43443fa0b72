// SPDX-License-Identifier: Apache-2.0
// The rule at the end of a tz database file ("CET-1CEST,M3.5.0,M10.5.0/3"), which says what
// holds after the last listed change.
#ifndef GO_TIME_ZONE_RULE_H
#define GO_TIME_ZONE_RULE_H

#include "go/time_zone.h"

// When in a year one of the two changes happens.
struct time_zone_change {
    char kind; // 'J': day 1-365 without 29 February; 'D': day 0-365; 'M': month, week, weekday
    int day, week, month;
    int time; // seconds after midnight, local
};

struct time_zone_rule {
    const char *names[2]; // standard, daylight
    int offsets[2];       // seconds east of UTC
    bool has_dst;
    struct time_zone_change changes[2]; // to daylight, to standard
};

// False when the text is no rule. Names are copied into the arena.
bool time_zone_rule_parse(struct arena *arena, const char *text, struct time_zone_rule *out);

// What holds at `seconds`; `since` is the last listed change.
struct time_zone_span time_zone_rule_at(const struct time_zone_rule *rule, int64_t since, int64_t seconds);

#endif
