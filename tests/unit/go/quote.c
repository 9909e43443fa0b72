// SPDX-License-Identifier: Apache-2.0
#include "go/quote.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void quotes_as_strconv(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"a\xe2\x80\x8b"
         "b",
         "\"a\\u200bb\""},
        {"\xc2\xa0", "\"\\u00a0\""},
        {"\xe2\x80\xa8", "\"\\u2028\""},
        {"\xed\xa0\x80", "\"\\xed\\xa0\\x80\""},
        {"\xc3", "\"\\xc3\""},
        {"\xef\xbf\xbd", "\"\xef\xbf\xbd\""},
        {"\xc3\xa9\"\\\t\x7f", "\"\xc3\xa9\\\"\\\\\\t\\x7f\""},
        {"\xf3\xa0\x80\x81", "\"\\U000e0001\""},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(quote_of(arena, rows[i][0]), rows[i][1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_as_strconv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
