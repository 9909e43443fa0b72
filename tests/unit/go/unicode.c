// SPDX-License-Identifier: Apache-2.0
#include "go/unicode.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void unicode_classes(void **state) {
    (void)state;
    assert_true(unicode_is_letter('z') && unicode_is_letter(0xe9) && unicode_is_letter(0x65e5));
    assert_false(unicode_is_letter('1') || unicode_is_letter('_') || unicode_is_letter(0x1f600));
    assert_true(unicode_is_digit('0') && unicode_is_digit(0x0663));
    assert_false(unicode_is_digit(0xb2) || unicode_is_digit('a'));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unicode_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
