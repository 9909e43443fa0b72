// SPDX-License-Identifier: Apache-2.0
// The calendar, proleptic Gregorian. Days count from 1 January 1970.
#ifndef GO_TIME_CALENDAR_H
#define GO_TIME_CALENDAR_H
#include "go/time.h"

#include <stdbool.h>
#include <stdint.h>

int64_t go_time_days(int64_t year, int month, int day);
void go_time_date(int64_t days, int64_t *year, int *month, int *day);
int go_time_weekday(int64_t days); // 0 is Sunday
int go_time_month_len(int64_t year, int month);
bool go_time_is_leap(int64_t year);
int64_t go_time_floor(int64_t a, int64_t b); // a / b toward minus infinity

#endif
