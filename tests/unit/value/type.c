// SPDX-License-Identifier: Apache-2.0
#include "value/type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct value text(const char *name) {
    return value_string_ref(name);
}

static struct value pair(struct arena *arena, const char *name, struct value argument) {
    return value_list(arena, (struct value[]){text(name), argument}, 2);
}

static struct value object(struct arena *arena) {
    struct value_entry attrs[] = {
        {"a", pair(arena, "list", text("string"))},
        {"b", pair(arena, "set", text("number"))},
        {"c", pair(arena, "map", text("dynamic"))},
        {"d", pair(arena, "tuple", value_list(arena, (struct value[]){text("bool"), text("string")}, 2))},
    };
    return pair(arena, "object", value_map(arena, attrs, 4));
}

static void constraints_read_and_write(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    const struct type *type = type_from_value(arena, object(arena), &err);
    assert_non_null(type);
    assert_int_equal(type->kind, TYPE_OBJECT);
    assert_int_equal(type_attr(type, "a")->kind, TYPE_LIST);
    assert_ptr_equal(type_attr(type, "b")->elem, &type_number);
    assert_ptr_equal(type_attr(type, "d")->attrs[1].type, &type_string);
    assert_null(type_attr(type, "e"));
    assert_null(type_attr(&type_string, "a"));
    assert_true(value_equal(type_to_value(arena, type), object(arena)));
    static const char *const primitives[] = {"dynamic", "bool", "number", "string"};
    for (size_t i = 0; i < 4; i++)
        assert_true(value_equal(type_to_value(arena, type_from_value(arena, text(primitives[i]), &err)),
                                text(primitives[i])));
}

// Objects with optional attributes name those in a third element.
static void optional_names_are_passed_over(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value three[] = {value_at(object(arena), 0), value_at(object(arena), 1),
                            value_list(arena, NULL, 0)};
    const struct type *type = type_from_value(arena, value_list(arena, three, 3), &err);
    assert_true(type && type_equal(type, type_from_value(arena, object(arena), &err)));
}

static void what_is_no_type(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const struct {
        struct value json;
        const char *says;
    } cases[] = {
        {text("nothing"), "\"nothing\" is not a type"},
        {text("list"), "\"list\" is not a type"},
        {value_int(1), "is not a type"},
        {value_list(arena, NULL, 0), "is not a type"},
        {pair(arena, "string", text("string")), "\"string\" is not a type"},
        {pair(arena, "list", text("nothing")), "\"nothing\" is not a type"},
        {pair(arena, "object", text("string")), "object needs an object, found a string"},
        {pair(arena, "tuple", text("string")), "tuple needs an array, found a string"},
        {pair(arena, "object", value_with(arena, value_null(), "a", value_int(1))), "is not a type"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = err_in(arena);
        if (type_from_value(arena, cases[i].json, &err) || !strstr(err.msg, cases[i].says))
            fail_msg("case %zu: %s", i, err.kind ? err.msg : "accepted");
    }
}

static void equality_and_order(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct type_attr ab[] = {{"b", &type_string}, {"a", &type_number}},
                     ac[] = {{"a", &type_number}, {"c", &type_string}};
    const struct type *const items[] = {&type_dynamic, &type_bool};
    const struct type *types[] = {
        &type_dynamic,
        &type_bool,
        &type_number,
        &type_string,
        type_of_elements(arena, TYPE_LIST, &type_number),
        type_of_elements(arena, TYPE_LIST, &type_string),
        type_of_elements(arena, TYPE_SET, &type_string),
        type_of_elements(arena, TYPE_MAP, &type_string),
        type_object(arena, NULL, 0),
        type_object(arena, ab, 2),
        type_object(arena, ac, 2),
        type_tuple(arena, items, 1),
        type_tuple(arena, items, 2),
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (size_t j = 0; j < sizeof types / sizeof *types; j++) {
            int order = type_compare(types[i], type_copy(arena, types[j]));
            if ((order > 0) - (order < 0) != (i > j) - (i < j) || type_equal(types[i], types[j]) != (i == j))
                fail_msg("%zu and %zu: %d", i, j, order);
        }
}

static void copies_live_elsewhere(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct arena *other = arena_create();
    struct err err = err_in(arena);
    const struct type *copy = type_copy(arena, type_from_value(other, object(other), &err));
    arena_destroy(other);
    assert_true(type_equal(copy, type_from_value(arena, object(arena), &err)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constraints_read_and_write),
        cmocka_unit_test(optional_names_are_passed_over),
        cmocka_unit_test(what_is_no_type),
        cmocka_unit_test(equality_and_order),
        cmocka_unit_test(copies_live_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
