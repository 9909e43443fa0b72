// SPDX-License-Identifier: Apache-2.0
#include "value/number.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct value parsed(struct arena *arena, const char *text) {
    struct value v;
    if (!number_parse(arena, text, strlen(text), &v))
        fail_msg("%s is no number", text);
    return v;
}

static void literals_find_their_kind(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum value_kind kind;
        const char *plain;
    } rows[] = {
        {"0", VALUE_INT, "0"},
        {"-0", VALUE_INT, "0"},
        {"-0.0", VALUE_INT, "0"},
        {"+7", VALUE_INT, "7"},
        {"007", VALUE_INT, "7"},
        {"1e3", VALUE_INT, "1000"},
        {"1.0", VALUE_INT, "1"},
        {"1200e-2", VALUE_INT, "12"},
        {"9007199254740993", VALUE_INT, "9007199254740993"},
        {"9223372036854775807", VALUE_INT, "9223372036854775807"},
        {"-9223372036854775808", VALUE_INT, "-9223372036854775808"},
        {"9223372036854775808", VALUE_NUMBER, "9223372036854775808"},
        {"-9223372036854775809", VALUE_NUMBER, "-9223372036854775809"},
        {"1e30", VALUE_FLOAT, "1000000000000000000000000000000"},
        {"1234567890123456789012345678901", VALUE_NUMBER, "1234567890123456789012345678901"},
        {"0.1", VALUE_FLOAT, "0.1"},
        {".5", VALUE_FLOAT, "0.5"},
        {"5.", VALUE_INT, "5"},
        {"0.30", VALUE_FLOAT, "0.3"},
        {"0.1000000000000000055511151231257827", VALUE_NUMBER, "0.1000000000000000055511151231257827"},
        {"1e-7", VALUE_FLOAT, "0.0000001"},
        {"-1.5e-3", VALUE_FLOAT, "-0.0015"},
        {"123.456e1", VALUE_FLOAT, "1234.56"},
        {"1e400", VALUE_NUMBER, NULL},
        {"5e-324", VALUE_FLOAT, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct value v = parsed(arena, rows[i].text);
        if (value_kind(v) != rows[i].kind)
            fail_msg("%s is a %d", rows[i].text, value_kind(v));
        if (rows[i].plain)
            assert_string_equal(number_plain(arena, v), rows[i].plain);
        assert_true(value_equal(v, parsed(arena, number_plain(arena, v))));
    }
}

static void what_is_no_number(void **state) {
    (void)state;
    static const char *const rows[] = {"",         "-",
                                       ".",        "e5",
                                       "1e",       "1e+",
                                       "1.2.3",    "0x1",
                                       " 1",       "1 ",
                                       "1a",       "NaN",
                                       "1e10000",  "1e99999999999999999999",
                                       "--1",      "1-",
                                       "1e-20000", "1e-99999999999999999999"};
    SCRATCH_ARENA(arena);
    struct value v;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (number_parse(arena, rows[i], strlen(rows[i]), &v))
            fail_msg("%s is taken for a number", rows[i]);
    assert_false(number_parse(arena, "1\0002", 3, &v));
}

static void order(void **state) {
    (void)state;
    static const char *const ascending[] = {"-1e30",
                                            "-9223372036854775809",
                                            "-9223372036854775808",
                                            "-1.5",
                                            "-1",
                                            "-0.1",
                                            "0",
                                            "1e-30",
                                            "0.1",
                                            "0.1000000000000000055511151231257827",
                                            "0.3",
                                            "1",
                                            "1.5",
                                            "9007199254740992",
                                            "9007199254740993",
                                            "9223372036854775807",
                                            "9223372036854775808",
                                            "18446744073709551615",
                                            "1e30",
                                            "1e300",
                                            "1e400"};
    SCRATCH_ARENA(arena);
    size_t count = sizeof ascending / sizeof *ascending;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int wanted = (i > j) - (i < j);
            int got = value_compare(parsed(arena, ascending[i]), parsed(arena, ascending[j]));
            if ((got > 0) - (got < 0) != wanted)
                fail_msg("%s against %s: %d", ascending[i], ascending[j], got);
        }
    }
    assert_true(value_equal(value_int(1), value_float(1.0)));
    assert_true(value_equal(value_number(arena, "1e0"), value_int(1)));
    assert_true(value_equal(value_number(arena, "0.10"), value_float(0.1)));
    assert_true(value_equal(value_float(-0.0), value_int(0)));
    assert_true(value_compare(value_float(INFINITY), value_number(arena, "1e400")) > 0);
    assert_true(value_compare(value_float(-INFINITY), value_int(INT64_MIN)) < 0);
}

static void go_texts(void **state) {
    (void)state;
    static const struct {
        double real;
        const char *json, *g;
    } rows[] = {
        {0, "0", "0"},
        {-0.0, "-0", "-0"},
        {1, "1", "1"},
        {100000, "100000", "100000"},
        {999999.9, "999999.9", "999999.9"},
        {1000000, "1000000", "1e+06"},
        {1234567.5, "1234567.5", "1.2345675e+06"},
        {123456.789, "123456.789", "123456.789"},
        {0.0001, "0.0001", "0.0001"},
        {0.00001, "0.00001", "1e-05"},
        {0.000001, "0.000001", "1e-06"},
        {1e-7, "1e-7", "1e-07"},
        {1.5e-10, "1.5e-10", "1.5e-10"},
        {1e20, "100000000000000000000", "1e+20"},
        {1e21, "1e+21", "1e+21"},
        {0x1p-44, "5.684341886080802e-14", "5.684341886080802e-14"},
        {5e-324, "5e-324", "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308"},
        {9007199254740993.0, "9007199254740992", "9.007199254740992e+15"},
        {-123.25, "-123.25", "-123.25"},
    };
    char text[NUMBER_TEXT];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        number_json(rows[i].real, text);
        assert_string_equal(text, rows[i].json);
        number_g(rows[i].real, text);
        assert_string_equal(text, rows[i].g);
    }
    number_g(NAN, text);
    assert_string_equal(text, "NaN");
    number_g(-INFINITY, text);
    assert_string_equal(text, "-Inf");
}

static void multiples(void **state) {
    (void)state;
    static const struct {
        const char *number, *of;
        bool is;
    } rows[] = {
        {"9", "3", true},
        {"10", "3", false},
        {"0.3", "0.1", true},
        {"0.35", "0.1", false},
        {"0", "7", true},
        {"-9", "3", true},
        {"1e21", "3", false},
        {"3e21", "3", true},
        {"1e308", "7", false},
        {"1", "1e30", false},
        {"12391239123", "1e-8", true},
        {"0.0075", "0.0001", true},
        {"0.00751", "0.0001", false},
        {"1e-9", "1e-8", false},
        {"4.5", "1.5", true},
        {"18446744073709551615", "5", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        if (number_is_multiple(parsed(arena, rows[i].number), parsed(arena, rows[i].of)) != rows[i].is)
            fail_msg("%s of %s", rows[i].number, rows[i].of);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_find_their_kind),
        cmocka_unit_test(what_is_no_number),
        cmocka_unit_test(order),
        cmocka_unit_test(go_texts),
        cmocka_unit_test(multiples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
