// SPDX-License-Identifier: Apache-2.0
// Calendar, zones and round trips that the golden cases do not enumerate.
#include "go/time.h"
#include "go/duration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void the_calendar_agrees_with_libc(void **state) {
    (void)state;
    for (int64_t seconds = -4102444800; seconds < 7258118400; seconds += 86400 * 13 + 4567) {
        struct go_time_fields f =
            go_time_fields((struct go_time){.seconds = seconds, .zone = time_zone_utc()});
        time_t t = (time_t)seconds;
        struct tm tm;
        gmtime_r(&t, &tm);
        assert_int_equal(f.year, tm.tm_year + 1900);
        assert_int_equal(f.month, tm.tm_mon + 1);
        assert_int_equal(f.day, tm.tm_mday);
        assert_int_equal(f.year_day, tm.tm_yday + 1);
        assert_int_equal(f.weekday, tm.tm_wday);
        assert_int_equal(f.hour * 3600 + f.minute * 60 + f.second,
                         tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
    }
}

// libc reads the same database, one zone a process.
static void zones_agree_with_libc(void **state) {
    (void)state;
    static const char *const names[] = {"Europe/Berlin", "America/New_York",  "Australia/Sydney",
                                        "Asia/Kolkata",  "America/Sao_Paulo", "Africa/Casablanca",
                                        "Pacific/Apia"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct time_zone *zone = time_zone_load(names[i], strlen(names[i]));
        assert_non_null(zone);
        setenv("TZ", names[i], 1);
        tzset();
        for (int64_t seconds = -1000000000; seconds < 3000000000; seconds += 86400 * 5 + 3571) {
            time_t t = (time_t)seconds;
            struct tm tm;
            localtime_r(&t, &tm);
            struct time_zone_span span = time_zone_at(zone, seconds);
            assert_int_equal(span.offset, tm.tm_gmtoff);
            assert_string_equal(span.abbreviation, tm.tm_zone);
            assert_true(span.start <= seconds && seconds < span.end);
        }
    }
}

static void names_cannot_leave_the_database(void **state) {
    (void)state;
    static const char *const names[] = {"../../etc/passwd", "/etc/localtime", "\\x",
                                        "Europe/..",        "No/Such",        "Europe"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_null(time_zone_load(names[i], strlen(names[i])));
    assert_ptr_equal(time_zone_load("", 0), time_zone_utc());
    assert_ptr_equal(time_zone_load("UTC", 3), time_zone_utc());
}

static void what_is_written_reads_back(void **state) {
    (void)state;
    static const char *const layouts[] = {
        "2006-01-02T15:04:05.999999999Z07:00", "Mon, 2 Jan 2006 15:04:05.000000000 -0700",
        "Monday, _2 January 2006 03:04:05.999999999 PM -07:00", "2006 002 15:04:05,000000000 -070000"};
    SCRATCH_ARENA(arena);
    const struct time_zone *zone = time_zone_fixed(arena, "", 5 * 3600 + 1800);
    struct err err = err_in(arena);
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        for (int64_t seconds = -1500000000; seconds < 4000000000; seconds += 123456789) {
            struct go_time m = {.seconds = seconds,
                                .nanoseconds = (int32_t)(seconds & 0xFFFFFF),
                                .zone = zone},
                           back;
            struct buf text;
            buf_init(&text, arena);
            go_time_format(&text, m, layouts[i], strlen(layouts[i]));
            struct go_time_form form = {cursor_of(layouts[i]), time_zone_utc()};
            if (!go_time_parse(arena, form, cursor_over(buf_text(&text), text.len), &back, &err))
                fail_msg("%s", err.msg);
            assert_int_equal(go_time_compare(m, back), 0);
        }
    }
}

static void durations_read_back(void **state) {
    (void)state;
    static const int64_t values[] = {
        0,         1,          -1,          999,           1000,      1500,      999999,         1000000,
        100000000, 1000000001, 60000000000, 3599999999999, INT64_MAX, INT64_MIN, -90061000000001};
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct buf text;
        int64_t back;
        buf_init(&text, arena);
        duration_string(&text, values[i]);
        assert_true(duration_parse(buf_text(&text), text.len, &back, &err));
        assert_int_equal(back, values[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_calendar_agrees_with_libc),
        cmocka_unit_test(zones_agree_with_libc),
        cmocka_unit_test(names_cannot_leave_the_database),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(durations_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
