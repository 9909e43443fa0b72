// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "log.h"

static char line[LOG_LINE_MAX + 1];

static const char *format(const char *message, const struct shim_field *fields, size_t n_fields) {
    const struct log_event event = {{1700000000, 42}, SHIM_INFO, "echo", message, fields, n_fields};
    size_t length = log_format(line, &event);
    line[length] = 0;
    assert_int_equal(strlen(line), length);
    assert_int_equal(line[length - 1], '\n');
    return line;
}

static void writes_one_line(void **state) {
    (void)state;
    const struct shim_field fields[] = {{"a", "1"}, {"none", NULL}, {"@module", "other"}, {"b", "x\ty"}};
    assert_string_equal(format("hello", fields, 4),
                        "{\"@level\":\"info\",\"@message\":\"hello\",\"@module\":\"echo\","
                        "\"@timestamp\":\"2023-11-14T22:13:20.000000Z\",\"a\":\"1\",\"b\":\"x\\ty\"}\n");
}

static void escapes_and_mends(void **state) {
    (void)state;
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", "\"\""},
        {"\"\\\n\r\t", "\"\\\"\\\\\\n\\r\\t\""},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\""},
        {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\""},
        {"\xff", "\"\xef\xbf\xbd\""},                                                 // never a byte of UTF-8
        {"\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\""},                                 // overlong
        {"\xe0\x80\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},                 // overlong
        {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},                 // surrogate
        {"\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, // beyond U+10FFFF
        {"\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\""},                                 // cut short
        {"\xe2\x82z", "\"\xef\xbf\xbd\xef\xbf\xbdz\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char expected[128] = "\"@message\":";
        strcat(expected, rows[i].expected);
        if (!strstr(format(rows[i].text, NULL, 0), strcat(expected, ",")))
            fail_msg("row %zu: %s", i, line);
    }
}

static char *repeat(const char *text, size_t times) {
    char *all = calloc(times, strlen(text) + 1);
    for (size_t i = 0; i < times; i++)
        strcat(all + i * strlen(text), text);
    return all;
}

static void cuts_what_is_too_long(void **state) {
    (void)state;
    static const char *const pieces[] = {"x", "\x01", "\xe2\x82\xac", "\xff"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        char *text = repeat(pieces[i], 70000);
        struct shim_field fields[32];
        for (size_t f = 0; f < 32; f++)
            fields[f] = (struct shim_field){"key", text};
        const char *made = format(text, fields, 32);
        assert_true(strlen(made) <= LOG_LINE_MAX);
        assert_non_null(strstr(made, "\xe2\x80\xa6\",\"@module\":\"echo\",")); // the rest is there
        assert_string_equal(made + strlen(made) - 6, "\xe2\x80\xa6\"}\n");
        free(text);
    }
}

static void reads_the_level(void **state) {
    (void)state;
    static const struct {
        const char *first, *second;
        enum shim_level level;
    } rows[] = {
        {NULL, NULL, SHIM_WARN},        {"", "", SHIM_WARN},
        {"info", NULL, SHIM_INFO},      {NULL, "DEBUG", SHIM_DEBUG},
        {"error", "trace", SHIM_ERROR}, {"", "Error", SHIM_ERROR},
        {"JSON", NULL, SHIM_TRACE},     {"loud", "off", SHIM_TRACE},
        {"OFF", "trace", SHIM_OFF},
    };
    static const char *const names[] = {"SHIM_TEST_FIRST", "SHIM_TEST_SECOND", NULL};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const values[] = {rows[i].first, rows[i].second};
        for (size_t v = 0; v < 2; v++) {
            unsetenv(names[v]);
            if (values[v])
                setenv(names[v], values[v], 1);
        }
        assert_int_equal(log_level(names), rows[i].level);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_one_line),
        cmocka_unit_test(escapes_and_mends),
        cmocka_unit_test(cuts_what_is_too_long),
        cmocka_unit_test(reads_the_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
