// SPDX-License-Identifier: Apache-2.0
#include "go/time_calendar.h"

#include "go/time.h"

int64_t go_time_floor(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

bool go_time_is_leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int go_time_month_len(int64_t year, int month) {
    static const int lens[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lens[month - 1] + (month == 2 && go_time_is_leap(year));
}

int go_time_weekday(int64_t days) {
    return (int)(((days + 4) % 7 + 7) % 7);
}

// Years are taken from March, in eras of 400 years, so that leap days come last.
int64_t go_time_days(int64_t year, int month, int day) {
    int64_t y = year - (month <= 2), era = go_time_floor(y, 400), of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void go_time_date(int64_t days, int64_t *year, int *month, int *day) {
    int64_t shifted = days + 719468, era = go_time_floor(shifted, 146097), of_era = shifted - era * 146097;
    int64_t years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * years + years / 4 - years / 100), m = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = years + era * 400 + (*month <= 2);
}
