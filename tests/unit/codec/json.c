// SPDX-License-Identifier: Apache-2.0
#include "codec/json.h"

#include "value/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

// Decodes and encodes again; "!" and the message when it does not decode.
static const char *through(struct arena *arena, const char *text) {
    struct value v;
    struct err err = err_in(arena);
    if (!json_decode(arena, text, strlen(text), &v, &err))
        return arena_printf(arena, "!%s", err.msg);
    return json_text(arena, v);
}

struct pair {
    const char *in, *out;
};

static void check_pairs(const struct pair *pairs, size_t count) {
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(through(arena, pairs[i].in), pairs[i].out);
}
#define CHECK(pairs) check_pairs(pairs, sizeof pairs / sizeof *pairs)

static void numbers_keep_every_digit(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {"0", "0"},
        {"-0", "0"},
        {"1e3", "1000"},
        {"1.0", "1"},
        {"2.50", "2.5"},
        {"0.1", "0.1"},
        {"1e-7", "1e-7"},
        {"0.000001", "0.000001"},
        {"1E400", "1E400"},
        {"9007199254740993", "9007199254740993"},
        {"9007199254740993.0", "9007199254740993"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", "9223372036854775808"},
        {"18446744073709551615", "18446744073709551615"},
        {"1234567890123456789012345678901", "1234567890123456789012345678901"},
        {"0.1234567890123456789", "0.1234567890123456789"},
        {"1e30", "1000000000000000000000000000000"},
        {"[1, 12345678901234567890, \"\\u007f1\", \"\x7f\x7f"
         "7\"]",
         "[1,12345678901234567890,\"\x7f"
         "1\",\"\x7f\x7f"
         "7\"]"},
        {"{\"a\":-123456789.123456789012345}", "{\"a\":-123456789.123456789012345}"},
        // texts that begin as the mark of a number does, and one that would be read as such
        {"[12345678901234567890,\"\x7f"
         "0:1e30\",\"\\u007f1\\u003a2\",\"\x7f"
         "2:\"]",
         "[12345678901234567890,\"\x7f"
         "0:1e30\",\"\x7f"
         "1:2\",\"\x7f"
         "2:\"]"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct value a, b;
        struct err err = err_in(arena);
        if (!json_decode(arena, pairs[i].in, strlen(pairs[i].in), &a, &err))
            fail_msg("%s: %s", pairs[i].in, err.msg);
        if (!json_decode(arena, pairs[i].out, strlen(pairs[i].out), &b, &err))
            fail_msg("%s: %s", pairs[i].out, err.msg);
        assert_true(value_equal(a, b));
        if (strcmp(pairs[i].in, "1e30") != 0)
            assert_string_equal(json_text(arena, a), pairs[i].out);
    }
}

static void structures(void **state) {
    (void)state;
    static const struct pair pairs[] = {
        {" { } ", "{}"},
        {"[]", "[]"},
        {"null", "null"},
        {"\"\"", "\"\""},
        {"{\"b\":1,\"a\":[true,false,null],\"b\":2}", "{\"a\":[true,false,null],\"b\":2}"},
        {"\"\\u00e9\\ud83d\\ude00\\u0000\"", "\"\u00e9\U0001f600\\u0000\""},
        {"\"\\/<>&\\u2028\\b\\f\\n\\r\\t\\u0001\"", "\"/<>&\\u2028\\b\\f\\n\\r\\t\\u0001\""},
    };
    CHECK(pairs);
}

static void errors_name_line_and_column(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    static const char *const starts[][2] = {
        {"", "!invalid JSON at line 1, column 1: "},
        {"{\n  \"a\": tru\n}", "!invalid JSON at line 2, column 10: "},
        {"[12345678901234567890,\n 01]", "!invalid JSON at line 2, column "},
        {"1 2", "!invalid JSON at line 1, column 3: "},
        {"\"\xff\"", "!invalid JSON at line 1, column "},
        {"1.", "!invalid JSON"},
        {"-", "!invalid JSON"},
        {"1e", "!invalid JSON"},
        {"00000000000000000000000000001", "!invalid JSON"},
    };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        const char *got = through(arena, starts[i][0]);
        if (strncmp(got, starts[i][1], strlen(starts[i][1])) != 0)
            fail_msg("%s: %s", starts[i][0], got);
    }
    struct value v;
    struct err err = err_in(arena);
    assert_false(json_decode(arena, "[1\0, 2]", 7, &v, &err));
    assert_string_equal(err.msg, "invalid JSON at line 1, column 3: a NUL byte");
    assert_false(json_decode(arena, "0\0", 2, &v, &err));
}

static void nesting_is_bounded(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct buf text;
    buf_init(&text, arena);
    buf_fill(&text, '[', 1000);
    buf_fill(&text, ']', 1000);
    assert_string_equal(through(arena, buf_text(&text)), buf_text(&text));
    struct buf more;
    buf_init(&more, arena);
    buf_printf(&more, "[%s]", buf_text(&text));
    assert_string_equal(through(arena, buf_text(&more)), "!JSON nested deeper than 1000 levels");
}

static void styles(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value v;
    struct err err = err_in(arena);
    static const char text[] = "{\"a\":[1,{}],\"b\":\"<&>\",\"c\":[]}";
    assert_true(json_decode(arena, text, strlen(text), &v, &err));
    struct buf out;
    buf_init(&out, arena);
    json_encode(&out, v, JSON_PRETTY | JSON_ESCAPE_HTML);
    assert_string_equal(
        buf_text(&out),
        "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": \"\\u003c\\u0026\\u003e\",\n  \"c\": []\n}");
    buf_truncate(&out, 0);
    json_quote(&out, "a\xff\xc0\x80z", 5, JSON_COMPACT);
    assert_string_equal(buf_text(&out), "\"a\\ufffd\\ufffd\\ufffdz\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_keep_every_digit),
        cmocka_unit_test(structures),
        cmocka_unit_test(errors_name_line_and_column),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(styles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
