// SPDX-License-Identifier: Apache-2.0
// Globs for .Files.
#include "helm/glob.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct row {
    const char *pattern, *name;
    int expect; // -1: a bad pattern
};

static const struct row globs[] = {
    {"config/*.yaml", "config/a.yaml", 1},
    {"config/*.yaml", "config/x/a.yaml", 0},
    {"config/**", "config/x/a.yaml", 1},
    {"**.yaml", "a/b/c.yaml", 1},
    {"*.yaml", "a/c.yaml", 0},
    {"{a,b}/*", "b/x", 1},
    {"{a,b}/*", "c/x", 0},
    {"x?", "xy", 1},
    {"x?", "x/", 0},
    {"[a-c]x", "bx", 1},
    {"[!a-c]x", "bx", 0},
    {"[abc]x", "cx", 1},
    {"[!abc]x", "dx", 1},
    {"\\*x", "*x", 1},
    {"\\*x", "yx", 0},
    {"{a*,b[0-9]}.txt", "b7.txt", 1},
    {"{a*,b[0-9]}.txt", "abc.txt", 1},
    {"{a", "a", -1},
    {"[a", "a", -1},
    {"", "", 1},
    {"**", "x/y", 1},
    {"a/**/b", "a/x/y/b", 1},
    {"{a,{b,c}}d", "cd", 1},
    {"*", "", 1},
};

static void file_globs(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof globs / sizeof *globs; i++) {
        SCRATCH_ARENA(arena);
        struct glob *glob = glob_compile(arena, globs[i].pattern);
        int found = glob ? glob_match(glob, globs[i].name) : -1;
        if (found != globs[i].expect)
            print_error("%s on %s\n", globs[i].pattern, globs[i].name);
        assert_int_equal(found, globs[i].expect);
    }
}

// A pattern that takes a backtracking matcher for ever.
static void globs_take_linear_time(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct glob *glob = glob_compile(arena, "**a**a**a**a**a**a**a**a**a**a**a**a**b");
    char *name = arena_alloc(arena, 20001);
    for (int i = 0; i < 20000; i++)
        name[i] = 'a';
    assert_false(glob_match(glob, name));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_globs),
        cmocka_unit_test(globs_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
