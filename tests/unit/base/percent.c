// SPDX-License-Identifier: Apache-2.0
#include "base/percent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void decodes_what_is_escaped(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},         {"a", "a"},     {"%41", "A"},   {"a%2fb%2Fc", "a/b/c"}, {"%", "%"},
        {"%4", "%4"},     {"%4g", "%4g"}, {"%%41", "%A"}, {"%25%34", "%4"},       {"%C3%A9", "\xC3\xA9"},
        {"100%", "100%"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(percent_decode(arena, cases[i][0], strlen(cases[i][0])), cases[i][1]);
    assert_string_equal(percent_decode(arena, "a%41", 3), "a%4");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(decodes_what_is_escaped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
