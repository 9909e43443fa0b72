// SPDX-License-Identifier: Apache-2.0
#include "base/rfc3339.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void reads(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t unix_s;
    } rows[] = {{"1970-01-01T00:00:00Z", 0},
                {"2026-05-04T03:02:01Z", 1777863721},
                {"2026-05-04t03:02:01z", 1777863721},
                {"2026-05-04 03:02:01.123456789Z", 1777863721},
                {"2026-05-04T05:02:01+02:00", 1777863721},
                {"2026-05-03T22:02:01.5-05:00", 1777863721}};
    static const char *const others[] = {"", "2026", "2026-05-04", "2026-05-04T03:02:01", "today", NULL};
    int64_t unix_s;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(rfc3339_parse(rows[i].text, &unix_s));
        assert_int_equal(unix_s, rows[i].unix_s);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(rfc3339_parse(others[i], &unix_s));
}

static void writes(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    int64_t unix_s;
    assert_string_equal(rfc3339_text(arena, 1777863721), "2026-05-04T03:02:01Z");
    assert_null(rfc3339_text(arena, INT64_MAX));
    const char *now = rfc3339_now(arena);
    assert_int_equal(strlen(now), strlen("2026-05-04T03:02:01.123456789Z"));
    assert_true(rfc3339_parse(now, &unix_s) && unix_s > 1777863721);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(writes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
