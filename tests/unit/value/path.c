// SPDX-License-Identifier: Apache-2.0
#include "value/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void pointers_for_patches(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"spec.values.a", "/spec/values/a"},
        {"spec.list[0].b[12]", "/spec/list/0/b/12"},
        {"spec[\"a/b\"].c", "/spec/a~1b/c"},
        {"metadata.annotations[\"~x~1/y\"]", "/metadata/annotations/~0x~01~1y"},
        {"spec[\"a.b\"]", "/spec/a.b"},
        {"spec[\"\"]", "/spec/"},
        {"spec[\"w\xc3\xb6rt\"]", "/spec/w\xc3\xb6rt"},
        {"spec[\"a\\\"b\"]", "/spec/a\"b"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *pointer = path_pointer(arena, cases[i][0]);
        if (!pointer || strcmp(pointer, cases[i][1]) != 0)
            fail_msg("%s: %s", cases[i][0], pointer ? pointer : "none");
    }
    assert_null(path_pointer(arena, "a..b"));
    assert_null(path_pointer(arena, "a[x]"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(pointers_for_patches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
