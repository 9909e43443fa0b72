// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

static void fills_members(void **state) {
    struct arena *arena = *state;
    struct err err = err_in(arena);
    struct value tags = value_list(arena, (struct value[]){S("x"), S("y")}, 2);
    struct value rules = value_list(
        arena,
        (struct value[]){map_of(arena, "host", S("h1")),
                         value_with(arena, map_of(arena, "host", S("h2")), "tls", value_bool(true))},
        2);
    struct value object =
        object_of(arena, "name", S("a"), "wait", value_bool(true), "retries", value_int(-3), "timeout",
                  S("10m"), "tags", tags, "rules", rules, "limits", map_of(arena, "replicas", value_int(7)),
                  "timeouts", map_of(arena, "create", S("2s")), "spec", value_unknown(), NULL);
    struct thing thing = {0};
    assert_true(schema_decode(arena, &THING, object, &thing, &err));
    assert_string_equal(thing.name, "a");
    assert_null(thing.drift);
    assert_true(thing.wait);
    assert_int_equal(thing.retries, -3);
    assert_int_equal(thing.timeout, 600000);
    assert_int_equal(thing.create_timeout, 2000);
    assert_int_equal(thing.tags.count, 2);
    assert_string_equal(thing.tags.items[1], "y");
    assert_int_equal(thing.limits.replicas, 7);
    assert_null(thing.limits.cpu);
    assert_int_equal(value_kind(thing.spec), VALUE_UNKNOWN);
    assert_int_equal(thing.rules.count, 2);
    const struct rule *decoded = thing.rules.items;
    assert_string_equal(decoded[0].host, "h1");
    assert_false(decoded[0].tls);
    assert_true(decoded[1].tls);
}

static void leaves_null_and_unknown(void **state) {
    struct arena *arena = *state;
    struct err err = err_in(arena);
    struct thing thing = {.retries = 5};
    struct value object = object_of(arena, "name", value_unknown(), "rules", value_unknown(), NULL);
    assert_true(schema_decode(arena, &THING, object, &thing, &err));
    assert_null(thing.name);
    assert_int_equal(thing.retries, 5);
    assert_true(schema_decode(arena, &THING, value_null(), &thing, &err));
}

static void refuses_fractions(void **state) {
    struct arena *arena = *state;
    struct err err = err_in(arena);
    struct thing thing = {0};
    assert_false(
        schema_decode(arena, &THING, object_of(arena, "retries", value_float(1.5), NULL), &thing, &err));
    assert_string_equal(err.path, "retries");
    assert_non_null(strstr(err.msg, "1.5"));
}

static void finds_first_unknown(void **state) {
    struct arena *arena = *state;
    struct value list = value_list(arena, (struct value[]){S("x"), value_unknown()}, 2);
    struct value spec = value_typed(arena, type_of_value(arena, list), list);
    assert_string_equal(schema_first_unknown(arena, object_of(arena, "spec", spec, NULL)), "spec[1]");
    assert_null(schema_first_unknown(arena, object_of(arena, "name", S("a"), NULL)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_members),
        cmocka_unit_test(leaves_null_and_unknown),
        cmocka_unit_test(refuses_fractions),
        cmocka_unit_test(finds_first_unknown),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
