// SPDX-License-Identifier: Apache-2.0
#include "value/retain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct value list(struct arena *arena, const char *letters) {
    struct value items[16];
    size_t count = strlen(letters);
    for (size_t i = 0; i < count; i++)
        items[i] = value_string(arena, (char[]){letters[i], 0});
    return value_list(arena, items, count);
}

static struct value with(struct arena *arena, const char *key, struct value v) {
    return value_with(arena, value_map(arena, NULL, 0), key, v);
}

static void numbers_as_a_server_stores_them(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const struct {
        struct value prior, live;
        bool same;
    } cases[] = {
        {value_int(1), value_int(1), true},
        {value_int(1), value_float(1.0), true},
        {value_int(1), value_int(2), false},
        {value_int(3306), value_string_ref("3306"), false},
        {value_number(arena, "1e30"), value_float(1e30), true},
        {value_number(arena, "1e30"), value_float(1e31), false},
        {value_number(arena, "0.1000000000000000000001"), value_float(0.1), true},
        {value_int(9007199254740993), value_int(9007199254740992), false},
        {value_int(9007199254740993), value_float(9007199254740992.0), true},
        {value_bool(true), value_int(1), false},
        {value_null(), value_int(0), false},
        {value_unknown(), value_unknown(), true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (value_same_stored(NULL, cases[i].prior, cases[i].live) != cases[i].same)
            fail_msg("case %zu", i);
}

static void null_members_are_absent_ones(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value plain = with(arena, "a", value_int(1));
    struct value nulls = value_with(arena, plain, "b", value_typed(arena, &type_string, value_null()));
    assert_true(value_same_stored(NULL, nulls, plain));
    assert_true(value_same_stored(NULL, plain, nulls));
    assert_false(value_same_stored(NULL, plain, value_with(arena, plain, "b", value_int(0))));
    assert_false(value_same_stored(NULL, plain, value_map(arena, NULL, 0)));
    struct value items[] = {value_null()};
    assert_false(value_same_stored(NULL, value_list(arena, items, 1), value_list(arena, NULL, 0)));
}

static void only_sets_may_change_their_order(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const struct type *lists = type_of_elements(arena, TYPE_LIST, &type_string);
    const struct type *sets = type_of_elements(arena, TYPE_SET, &type_string);
    assert_true(value_same_stored(sets, list(arena, "ab"), list(arena, "ba")));
    assert_false(value_same_stored(lists, list(arena, "ab"), list(arena, "ba")));
    assert_false(value_same_stored(NULL, list(arena, "ab"), list(arena, "ba")));
    assert_false(value_same_stored(sets, list(arena, "aab"), list(arena, "abb")));
    assert_false(value_same_stored(sets, list(arena, "ab"), list(arena, "abc")));
    // the prior's own type counts before the one that is given
    assert_true(value_same_stored(lists, value_typed(arena, sets, list(arena, "ab")), list(arena, "ba")));
    struct type_attr attr = {"hosts", sets};
    const struct type *object = type_object(arena, &attr, 1);
    assert_true(value_same_stored(object, with(arena, "hosts", list(arena, "ab")),
                                  with(arena, "hosts", list(arena, "ba"))));
    const struct type *maps = type_of_elements(arena, TYPE_MAP, sets);
    assert_true(
        value_same_stored(maps, with(arena, "x", list(arena, "ab")), with(arena, "x", list(arena, "ba"))));
    const struct type *tuple = type_tuple(arena, (const struct type *const[]){lists, sets}, 2);
    struct value ab = list(arena, "ab"), ba = list(arena, "ba");
    assert_true(value_same_stored(tuple, value_list(arena, (struct value[]){ab, ab}, 2),
                                  value_list(arena, (struct value[]){ab, ba}, 2)));
    assert_false(value_same_stored(tuple, value_list(arena, (struct value[]){ab, ab}, 2),
                                   value_list(arena, (struct value[]){ba, ab}, 2)));
}

static void what_is_the_same_is_kept_to_the_letter(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value prior = with(arena, "n", value_number(arena, "1e30"));
    prior = value_with(arena, prior, "gone", value_typed(arena, &type_string, value_null()));
    struct value live = with(arena, "n", value_float(1e30));
    struct value kept = value_retain(arena, prior, live);
    assert_true(value_equal(kept, prior));
    assert_true(value_has(kept, "gone"));
}

static void what_changed_is_taken_the_rest_is_not(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const struct type *sets = type_of_elements(arena, TYPE_SET, &type_string);
    struct value prior = with(arena, "hosts", value_typed(arena, sets, list(arena, "ab")));
    prior = value_with(arena, prior, "null", value_null());
    prior = value_with(arena, prior, "removed", value_int(1));
    prior = value_with(arena, prior, "size", value_string_ref("small"));
    struct value live = with(arena, "hosts", list(arena, "ba"));
    live = value_with(arena, live, "added", value_bool(true));
    live = value_with(arena, live, "size", value_string_ref("large"));
    struct value kept = value_retain(arena, prior, live);
    assert_string_equal(value_get_string(value_get(kept, "size")), "large");
    assert_string_equal(value_get_string(value_at(value_untyped(value_get(kept, "hosts")), 0)), "a");
    assert_true(value_get_bool(value_get(kept, "added")));
    assert_true(value_has(kept, "null"));
    assert_false(value_has(kept, "removed"));
}

static void lists_are_taken_item_by_item(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value one = value_with(arena, with(arena, "a", value_int(1)), "null", value_null());
    struct value prior = value_list(arena, (struct value[]){one, one}, 2);
    struct value two = with(arena, "a", value_int(2)), same = with(arena, "a", value_float(1.0));
    struct value kept = value_retain(arena, prior, value_list(arena, (struct value[]){same, two, two}, 3));
    assert_int_equal(value_len(kept), 3);
    assert_true(value_equal(value_at(kept, 0), one));
    assert_int_equal(value_get_int(value_get(value_at(kept, 1), "a")), 2);
    assert_true(value_has(value_at(kept, 1), "null"));
    assert_false(value_has(value_at(kept, 2), "null"));
    assert_int_equal(value_len(value_retain(arena, prior, value_list(arena, NULL, 0))), 0);
}

static void kinds_that_changed_are_live(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value map = with(arena, "a", value_int(1)), text = value_string_ref("gone");
    assert_true(value_equal(value_retain(arena, map, text), text));
    assert_true(value_equal(value_retain(arena, text, map), map));
    assert_true(value_is_null(value_retain(arena, map, value_null())));
}

// A typed prior makes a typed result, whose type moves only where it must.
static void types_stay_as_long_as_they_fit(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const struct type *lists = type_of_elements(arena, TYPE_LIST, &type_string);
    struct value prior = value_typed(arena, lists, list(arena, "ab"));
    assert_true(type_equal(value_type_of(value_retain(arena, prior, list(arena, "abc"))), lists));
    struct value mixed[] = {value_string_ref("a"), value_int(1)};
    struct value kept = value_retain(arena, prior, value_list(arena, mixed, 2));
    assert_int_equal(value_type_of(kept)->kind, TYPE_TUPLE);
    assert_null(value_type_of(value_retain(arena, list(arena, "ab"), list(arena, "abc"))));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_as_a_server_stores_them),
        cmocka_unit_test(null_members_are_absent_ones),
        cmocka_unit_test(only_sets_may_change_their_order),
        cmocka_unit_test(what_is_the_same_is_kept_to_the_letter),
        cmocka_unit_test(what_changed_is_taken_the_rest_is_not),
        cmocka_unit_test(lists_are_taken_item_by_item),
        cmocka_unit_test(kinds_that_changed_are_live),
        cmocka_unit_test(types_stay_as_long_as_they_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
