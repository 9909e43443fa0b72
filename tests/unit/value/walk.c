// SPDX-License-Identifier: Apache-2.0
#include "value/walk.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// "abc" as a map of these keys; NULL for a value that is no map.
static struct value map_of(struct arena *arena, const char *keys) {
    struct value map = keys ? value_map(arena, NULL, 0) : value_int(1);
    for (; keys && *keys; keys++)
        map = value_with(arena, map, (char[]){*keys, 0}, value_int(*keys));
    return map;
}

static void meets_every_key_once(void **state) {
    (void)state;
    static const struct {
        const char *left, *right, *seen; // '<' only left, '>' only right, '=' both
    } cases[] = {
        {"", "", ""},         {"ab", "", "a<b<"},    {"", "ab", "a>b>"},
        {"ab", "ab", "a=b="}, {"ac", "b", "a<b>c<"}, {"bd", "abe", "a>b=d<e>"},
        {NULL, "a", "a>"},    {"a", NULL, "a<"},     {NULL, NULL, ""},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value left = map_of(arena, cases[i].left), right = map_of(arena, cases[i].right);
        struct buf seen;
        buf_init(&seen, arena);
        for (struct map_walk at = map_walk(left, right); map_walk_next(&at);) {
            assert_true(!at.left || !strcmp(at.left->key, at.key));
            assert_true(!at.right || !strcmp(at.right->key, at.key));
            buf_printf(&seen, "%s%c", at.key, !at.left ? '>' : !at.right ? '<' : '=');
        }
        assert_string_equal(buf_text(&seen), cases[i].seen);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(meets_every_key_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
