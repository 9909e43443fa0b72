// SPDX-License-Identifier: Apache-2.0
#include "base/rfc3339.h"

#include <stdio.h>
#include <time.h>

bool rfc3339_parse(const char *text, int64_t *unix_s) {
    struct tm tm = {0};
    char sign[2] = "";
    int hours = 0, minutes = 0, used = 0;
    if (!text || sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                        &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 6)
        return false;
    const char *rest = text + used;
    if (*rest == '.')
        for (rest++; *rest >= '0' && *rest <= '9';)
            rest++;
    bool zulu = *rest == 'Z' || *rest == 'z';
    if (!zulu && sscanf(rest, "%1[+-]%2d:%2d", sign, &hours, &minutes) != 3)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *unix_s = (int64_t)timegm(&tm) - (*sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

// "2026-05-04T03:02:01"
static bool print(int64_t unix_s, char *out, size_t size) {
    struct tm utc;
    time_t time = (time_t)unix_s;
    return gmtime_r(&time, &utc) && strftime(out, size, "%Y-%m-%dT%H:%M:%S", &utc);
}

const char *rfc3339_text(struct arena *arena, int64_t unix_s) {
    char text[64];
    return print(unix_s, text, sizeof text) ? arena_printf(arena, "%sZ", text) : NULL;
}

const char *rfc3339_now(struct arena *arena) {
    struct timespec now;
    char text[64] = "";
    clock_gettime(CLOCK_REALTIME, &now);
    print(now.tv_sec, text, sizeof text);
    return arena_printf(arena, "%s.%09ldZ", text, now.tv_nsec);
}
