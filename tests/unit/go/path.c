// SPDX-License-Identifier: Apache-2.0
// File name patterns (filepath.Match) and clean paths.
#include "go/path.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct row {
    const char *pattern, *name;
    int expect; // -1: a bad pattern
};

static const struct row paths[] = {
    {"abc", "abc", 1},
    {"*", "abc", 1},
    {"*c", "abc", 1},
    {"a*", "a", 1},
    {"a*", "ab/c", 0},
    {"a*/b", "abc/b", 1},
    {"a*/b", "a/c/b", 0},
    {"a*b*c*d*e*/f", "axbxcxdxe/f", 1},
    {"ab[c]", "abc", 1},
    {"ab[b-d]", "abc", 1},
    {"ab[e-g]", "abc", 0},
    {"ab[^c]", "abc", 0},
    {"ab[^e-g]", "abc", 1},
    {"a\\*b", "a*b", 1},
    {"a\\*b", "ab", 0},
    {"a?b",
     "a\xe2\x98\xba"
     "b",
     1},
    {"a[^a]b",
     "a\xe2\x98\xba"
     "b",
     1},
    {"[a-\xce\xb6]*", "\xce\xb1", 1},
    {"a?b", "a/b", 0},
    {"[\\]a]", "]", 1},
    {"[]a]", "]", -1},
    {"[-]", "-", -1},
    {"[x-]", "x", -1},
    {"[a-b-c]", "a", -1},
    {"[", "a", -1},
    {"[^", "a", -1},
    {"a[", "ab", -1},
    {"*x", "xxx", 1},
    {"?", "\xed\xa0\x80", 0}, // three broken bytes
    {"???", "\xed\xa0\x80", 1},
    {"[^a]", "\xff", 1},
    {"[\xff]", "\xff", -1},
    {"[a-\xff]", "b", -1},
    {"a\xff*",
     "a\xff"
     "b",
     1},
};

static void path_patterns(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_int_equal(go_path_match(paths[i].pattern, paths[i].name), paths[i].expect);
}

static void clean_paths(void **state) {
    static const char *const rows[][2] = {
        {"", "."},         {"a/../b", "b"},         {"../a", "../a"}, {"a/../../b", "../b"},
        {"/..", "/"},      {"a//b/./c", "a/b/c"},   {"a/..", "."},    {"..", ".."},
        {"/a/b/..", "/a"}, {"../../x/..", "../.."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        assert_string_equal(go_path_clean(arena, rows[i][0]), rows[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_patterns),
        cmocka_unit_test(clean_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
