// SPDX-License-Identifier: Apache-2.0
#include "kube/private.h"

#include <stdio.h>
#include <time.h>

// Fractions of a second are dropped.
bool kube_time_parse(const char *rfc3339, int64_t *unix_s) {
    struct tm tm = {0};
    char sign[2] = "";
    int hours = 0, minutes = 0, used = 0;
    if (!rfc3339 || sscanf(rfc3339, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                           &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 6)
        return false;
    const char *rest = rfc3339 + used;
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
