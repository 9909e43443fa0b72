// SPDX-License-Identifier: Apache-2.0
#include "value/value.h"

#include "value/diff.h"
#include "value/path.h"
#include "value/type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct value map_of(struct arena *arena, const char *keys) {
    struct value_entry entries[40];
    size_t count = 0;
    for (const char *key = keys; *key; key++)
        entries[count++] = (struct value_entry){arena_strndup(arena, key, 1), value_int((int64_t)count)};
    return value_map(arena, entries, count);
}

static void maps_are_sorted_and_the_last_of_equal_keys_wins(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value map = map_of(arena, "zcabacxz");
    assert_int_equal(value_len(map), 5);
    static const char keys[] = "abcxz";
    static const int64_t values[] = {5, 4, 6, 7, 8};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(value_entry_at(map, i)->key[0], keys[i]);
        assert_int_equal(value_get_int(value_entry_at(map, i)->value), values[i]);
    }
    assert_null(value_entry_at(map, 5));
    assert_int_equal(value_len(value_map(arena, NULL, 0)), 0);
    assert_true(value_has(map, "x") && !value_has(map, "y"));
    assert_true(value_is_null(value_get(map, "y")));
    assert_true(value_is_null(value_get(value_int(1), "y")));
}

static void changes_make_copies(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value map = map_of(arena, "ab");
    struct value more = value_with(arena, map, "aa", value_bool(true)),
                 other = value_with(arena, map, "a", value_null());
    assert_int_equal(value_len(map), 2);
    assert_int_equal(value_len(more), 3);
    assert_true(value_has(other, "a") && value_is_null(value_get(other, "a")));
    assert_true(value_equal(value_without(arena, more, "aa"), map));
    assert_true(value_equal(value_without(arena, map, "zz"), map));
    struct value list =
        value_append(arena, value_append(arena, value_null(), value_int(1)), value_string_ref("x"));
    assert_int_equal(value_len(list), 2);
    assert_string_equal(value_get_string(value_at(list, 1)), "x");
    assert_true(value_is_null(value_at(list, 2)));
}

static void digging(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value inner = value_with(arena, value_null(), "b", value_string_ref("deep"));
    struct value map = value_with(arena, value_null(), "a", value_typed(arena, &type_dynamic, inner));
    assert_string_equal(value_dig_string(map, "a", "b", NULL), "deep");
    assert_null(value_dig_string(map, "a", "c", NULL));
    assert_null(value_dig_string(map, "x", "b", NULL));
    assert_int_equal(value_kind(value_dig(map, NULL)), VALUE_MAP);
}

static void equality_and_order(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value nul = value_string_len(arena, "a\0b", 3), plain = value_string_ref("a");
    assert_false(value_equal(nul, plain));
    assert_true(value_compare(plain, nul) < 0);
    assert_false(value_equal(value_null(), value_unknown()));
    assert_false(value_equal(value_string_ref("1"), value_int(1)));
    assert_true(
        value_equal(value_typed(arena, &type_string, plain), value_typed(arena, &type_string, plain)));
    assert_false(
        value_equal(value_typed(arena, &type_string, plain), value_typed(arena, &type_dynamic, plain)));
    assert_false(value_equal(map_of(arena, "ab"), map_of(arena, "a")));
    assert_true(value_equal(value_typed(arena, &type_string, value_typed(arena, &type_bool, plain)),
                            value_typed(arena, &type_string, plain)));
}

static void copies_live_elsewhere(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct arena *other = arena_create();
    const struct type *type = type_of_elements(other, TYPE_LIST, &type_string);
    struct value items[] = {value_string(other, "x"), value_number(other, "1e400")};
    struct value v = value_typed(other, type, value_list(other, items, 2));
    v = value_with(other, value_null(), "k", v);
    struct value copy = value_copy(arena, v);
    assert_true(value_equal(v, copy));
    arena_destroy(other);
    assert_string_equal(value_get_string(value_at(value_untyped(value_get(copy, "k")), 0)), "x");
    assert_int_equal(value_type_of(value_get(copy, "k"))->kind, TYPE_LIST);
}

static void knowing(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value items[] = {value_int(1), value_unknown()};
    assert_false(value_is_known(value_unknown()));
    assert_false(value_is_known(value_list(arena, items, 2)));
    assert_true(value_is_known(value_list(arena, items, 1)));
    assert_false(value_is_known(value_typed(arena, &type_string, value_unknown())));
}

static void paths_read_and_write(void **state) {
    (void)state;
    static const char *const texts[] = {"a",         "a.b",    "spec.values.global[\"weird.key\"].list[0]",
                                        "[3]",       "[\"\"]", "a[\"with \\\" and \\\\\"]",
                                        "a[0][1].b", "_x.y-z"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        const struct path_step *steps;
        size_t count;
        if (!path_parse(arena, texts[i], &steps, &count, &err))
            fail_msg("%s: %s", texts[i], err.msg);
        struct path *at = NULL;
        for (size_t j = 0; j < count; j++) {
            struct path *next = arena_alloc(arena, sizeof *next);
            *next = (struct path){at, steps[j]};
            at = next;
        }
        assert_string_equal(path_text(arena, at), texts[i]);
    }
    static const char *const bad[] = {
        ".", "a..b", "a[", "a[x]", "a[\"x", "a[1", "a]", "a.", "[99999999999999999999999]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        const struct path_step *steps;
        size_t count;
        if (path_parse(arena, bad[i], &steps, &count, &err))
            fail_msg("%s is taken for a path", bad[i]);
    }
}

static void paths_get_and_set(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    const struct path_step *steps;
    size_t count;
    struct value root = value_null(), got;
    assert_true(path_parse(arena, "a.list[0].x", &steps, &count, &err));
    assert_true(path_set(arena, root, steps, count, value_int(7), &root, &err));
    assert_true(path_get(root, steps, count, &got));
    assert_int_equal(value_get_int(got), 7);
    assert_true(path_parse(arena, "a.list[2]", &steps, &count, &err));
    assert_false(path_get(root, steps, count, &got));
    assert_false(path_set(arena, root, steps, count, value_int(7), &got, &err));
    assert_string_equal(err.msg, "index 2 is past the end of a list of 1");
    assert_true(path_parse(arena, "a.list.x", &steps, &count, &err));
    assert_false(path_set(arena, root, steps, count, value_int(7), &got, &err));
    assert_true(path_set(arena, root, steps, 0, value_int(1), &got, &err));
    assert_int_equal(value_get_int(got), 1);
}

static void differences(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value list_a[] = {value_int(1), value_int(2)}, list_b[] = {value_float(1.0)};
    struct value a = map_of(arena, "abc"), b = map_of(arena, "abd");
    a = value_with(arena, a, "l", value_list(arena, list_a, 2));
    b = value_with(arena, b, "l", value_list(arena, list_b, 1));
    b = value_with(arena, b, "b", value_string_ref("two"));
    a = value_with(arena, a, "n", value_null());
    struct diff diff = diff_values(arena, a, b, "spec", true);
    static const struct {
        const char *path;
        enum diff_kind kind;
    } rows[] = {{"spec.b", DIFF_CHANGED},
                {"spec.c", DIFF_REMOVED},
                {"spec.d", DIFF_ADDED},
                {"spec.l[1]", DIFF_REMOVED}};
    assert_int_equal(diff.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(diff.items[i].path, rows[i].path);
        assert_int_equal(diff.items[i].kind, rows[i].kind);
    }
    assert_int_equal(diff_values(arena, a, b, "", false).count, 5);
    assert_int_equal(diff_values(arena, a, a, "", false).count, 0);
    assert_string_equal(diff_values(arena, value_int(1), value_int(2), "", false).items[0].path, "");
}

static void types_near_what_they_were(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value items[] = {value_string_ref("a"), value_string_ref("b"), value_int(1)};
    struct value texts = value_list(arena, items, 2), mixed = value_list(arena, items, 3);
    const struct type *list = type_of_elements(arena, TYPE_LIST, &type_string);
    const struct type *set = type_of_elements(arena, TYPE_SET, &type_string);
    const struct type *map = type_of_elements(arena, TYPE_MAP, &type_number);
    assert_int_equal(type_of_value(arena, texts)->kind, TYPE_TUPLE);
    assert_ptr_equal(type_near(arena, list, texts), list);
    assert_ptr_equal(type_near(arena, set, texts), set);
    assert_int_equal(type_near(arena, list, mixed)->kind, TYPE_TUPLE);
    assert_ptr_equal(type_near(arena, map, map_of(arena, "ab")), map);
    assert_int_equal(type_near(arena, map, value_with(arena, map_of(arena, "a"), "b", texts))->kind,
                     TYPE_OBJECT);
    assert_ptr_equal(type_near(arena, list, value_null()), list);
    assert_ptr_equal(type_near(arena, list, value_bool(true)), &type_bool);
    struct value nested = value_with(arena, value_null(), "l", texts);
    struct type_attr attr = {"l", list};
    const struct type *object = type_object(arena, &attr, 1);
    assert_true(type_equal(type_near(arena, object, nested), object));
    assert_int_equal(type_compare(list, set) < 0, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_are_sorted_and_the_last_of_equal_keys_wins),
        cmocka_unit_test(changes_make_copies),
        cmocka_unit_test(digging),
        cmocka_unit_test(equality_and_order),
        cmocka_unit_test(copies_live_elsewhere),
        cmocka_unit_test(knowing),
        cmocka_unit_test(paths_read_and_write),
        cmocka_unit_test(paths_get_and_set),
        cmocka_unit_test(differences),
        cmocka_unit_test(types_near_what_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
