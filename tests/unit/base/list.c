// SPDX-License-Identifier: Apache-2.0
#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

enum { MANY = 1000 };

// Whether other things are born between or not, and however wide the count is.
static void keeps_what_was_added(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    size_t *alone = NULL, *among = NULL, alone_count = 0;
    uint32_t among_count = 0;
    for (size_t i = 0; i < MANY; i++)
        *LIST_ADD(arena, alone, alone_count) = i;
    for (size_t i = 0; i < MANY; i++) {
        *LIST_ADD(arena, among, among_count) = i;
        *(size_t *)arena_alloc(arena, sizeof(size_t)) = SIZE_MAX;
    }
    assert_int_equal(alone_count, MANY);
    assert_int_equal(among_count, MANY);
    for (size_t i = 0; i < MANY; i++)
        assert_true(alone[i] == i && among[i] == i);
}

static void grows_by_doubling(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    char *items = NULL;
    size_t count = 0, moves = 0;
    while (count < MANY) {
        const char *before = items;
        *LIST_ADD(arena, items, count) = 'x';
        moves += items != before;
        arena_alloc(arena, 1); // never in place
    }
    assert_int_equal(moves, 9); // 4, 8, …, 1024
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_what_was_added),
                                       cmocka_unit_test(grows_by_doubling)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
