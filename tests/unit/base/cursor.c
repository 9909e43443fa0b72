// SPDX-License-Identifier: Apache-2.0
#include "base/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool says(struct cursor cursor, const char *text) {
    return cursor_is(cursor, text) && cursor_left(cursor) == strlen(text);
}

static void takes_parts(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct cursor rest = cursor_of("one two\nthree\n\nfour");
    struct cursor line = cursor_line(&rest), word = cursor_until(&line, " ");
    assert_true(says(word, "one") && says(line, " two"));
    cursor_skip(&line, " ");
    assert_true(says(line, "two") && cursor_eat(&line, "tw") && !cursor_eat(&line, "oo"));
    assert_int_equal(cursor_peek(line), 'o');
    assert_true(says(cursor_line(&rest), "three") && says(cursor_line(&rest), ""));
    assert_true(says(cursor_line(&rest), "four") && says(rest, "") && cursor_peek(rest) == -1);
    assert_string_equal(cursor_text(word, arena), "one");
}

static void finds_places(void **state) {
    (void)state;
    struct cursor text = cursor_of("a=b=c"), first, last, none;
    assert_true(cursor_find(text, '=', &first) && says(first, "=b=c") &&
                says(cursor_before(text, first), "a"));
    assert_true(cursor_find_last(text, '=', &last) && says(last, "=c"));
    assert_true(says(cursor_before(text, last), "a=b"));
    assert_false(cursor_find(text, 'x', &none) || cursor_find_last(text, 'x', &none));
    assert_true(says(cursor_before(last, first), "")); // no place inside of it
}

static void takes_what_is_quoted(void **state) {
    (void)state;
    static const char *const cases[][3] = {{"\"a b\" c", "\"a b\"", " c"},
                                           {"\"a\\\"b\"", "\"a\\\"b\"", ""},
                                           {"\"unended", "\"unended", ""},
                                           {"\"ends in\\", "\"ends in\\", ""},
                                           {"bare", "", "bare"},
                                           {"\"\\\\\"x", "\"\\\\\"", "x"},
                                           {"", "", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cursor rest = cursor_of(cases[i][0]);
        assert_true(says(cursor_quoted(&rest), cases[i][1]));
        assert_true(says(rest, cases[i][2]));
    }
}

// In memory that ends with the text, so that AddressSanitizer sees whoever goes further.
static void never_goes_past_the_end(void **state) {
    (void)state;
    static const char TEXT[] = {'"', 'a', '\\'};
    char *alone = malloc(sizeof TEXT);
    memcpy(alone, TEXT, sizeof TEXT);
    struct cursor text = cursor_over(alone, sizeof TEXT), at, rest = text;
    assert_int_equal(cursor_left(cursor_quoted(&rest)), 3);
    rest = text;
    assert_int_equal(cursor_left(cursor_line(&rest)), 3);
    assert_false(cursor_eat(&rest, "x") || cursor_find(rest, 'x', &at));
    cursor_drop(&rest, 100);
    cursor_skip(&rest, "abc");
    assert_int_equal(cursor_left(rest), 0);
    assert_false(cursor_is(text, "\"a\\ and more"));
    assert_int_equal(cursor_left(cursor_of(NULL)), 0);
    assert_int_equal(cursor_left(cursor_over(NULL, 0)), 0);
    free(alone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_parts),
        cmocka_unit_test(finds_places),
        cmocka_unit_test(takes_what_is_quoted),
        cmocka_unit_test(never_goes_past_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
