// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#include "schema/consistency.h"

static void expect_consistent(struct arena *arena, struct value config, struct value prior,
                              struct value planned) {
    struct err err = err_in(arena);
    if (!schema_check_plan(&THING, config, prior, planned, &err))
        fail_msg("%s", err.msg);
}

// What apply would have made of a plan: `id` and `revision` known.
static struct value applied(struct arena *arena, struct value planned, int revision) {
    planned = value_with(arena, planned, "id", S("id-1"));
    return value_with(arena, planned, "revision", value_int(revision));
}

static void create_fills_defaults_and_unknowns(void **state) {
    struct arena *arena = *state;
    struct value config = object_of(arena, "name", S("a"), "secret_wo", S("hush"), "limits",
                                    map_of(arena, "cpu", S("4")), NULL);
    struct value planned = schema_plan(arena, &THING, config, value_null(), config);
    expect_consistent(arena, config, value_null(), planned);
    assert_string_equal(value_get_string(value_get(planned, "drift")), "enforce");
    assert_true(value_get_bool(value_get(planned, "wait")));
    assert_true(value_is_null(value_get(planned, "retries")));
    assert_true(value_is_null(value_get(planned, "secret_wo")));
    assert_int_equal(value_kind(value_get(planned, "id")), VALUE_UNKNOWN);
    assert_int_equal(value_kind(value_get(planned, "revision")), VALUE_UNKNOWN);
    assert_string_equal(value_dig_string(planned, "limits", "cpu", NULL), "4");
    assert_int_equal(value_get_int(value_dig(planned, "limits", "replicas", NULL)), 2);
    assert_int_equal(value_kind(value_dig(planned, "limits", "node", NULL)), VALUE_UNKNOWN);
    assert_true(value_is_null(value_get(planned, "rules")));
    assert_int_equal(schema_replaces(arena, &THING, config, value_null(), planned).count, 0);
}

static void no_change_is_prior(void **state) {
    struct arena *arena = *state;
    struct value config = object_of(arena, "name", S("a"), "secret_wo", S("hush"), NULL);
    struct value prior = applied(arena, schema_plan(arena, &THING, config, value_null(), config), 1);
    // Core proposes prior values where config is null and the attribute computed.
    struct value proposed = value_with(arena, prior, "secret_wo", S("hush"));
    struct value planned = schema_plan(arena, &THING, config, prior, proposed);
    assert_true(value_equal(planned, prior));
    expect_consistent(arena, config, prior, planned);
}

static void update_keeps_stable_only(void **state) {
    struct arena *arena = *state;
    struct value before = object_of(arena, "name", S("a"), NULL);
    struct value prior = applied(arena, schema_plan(arena, &THING, before, value_null(), before), 1);
    struct value config = value_with(arena, before, "retries", value_int(3));
    struct value planned =
        schema_plan(arena, &THING, config, prior, value_with(arena, prior, "retries", value_int(3)));
    expect_consistent(arena, config, prior, planned);
    assert_string_equal(value_get_string(value_get(planned, "id")), "id-1");
    assert_int_equal(value_kind(value_get(planned, "revision")), VALUE_UNKNOWN);
    assert_int_equal(schema_replaces(arena, &THING, config, prior, planned).count, 0);
}

static void removing_a_setting_goes_back_to_its_default(void **state) {
    struct arena *arena = *state;
    struct value before = object_of(arena, "name", S("a"), "drift", S("report"), NULL);
    struct value prior = applied(arena, schema_plan(arena, &THING, before, value_null(), before), 1);
    struct value config = object_of(arena, "name", S("a"), NULL);
    struct value planned = schema_plan(arena, &THING, config, prior, prior);
    assert_string_equal(value_get_string(value_get(planned, "drift")), "enforce");
    expect_consistent(arena, config, prior, planned);
}

static void replace_paths(void **state) {
    struct arena *arena = *state;
    struct value rules = value_list(arena, (struct value[]){map_of(arena, "host", S("x"))}, 1);
    struct value before = object_of(arena, "name", S("a"), "rules", rules, NULL);
    struct value prior = applied(arena, schema_plan(arena, &THING, before, value_null(), before), 1);
    struct value other = value_list(arena, (struct value[]){map_of(arena, "host", S("y"))}, 1);
    struct value config = object_of(arena, "name", value_unknown(), "rules", other, NULL);
    struct value proposed =
        value_with(arena, value_with(arena, prior, "name", value_unknown()), "rules", other);
    struct value planned = schema_plan(arena, &THING, config, prior, proposed);
    struct schema_strings paths = schema_replaces(arena, &THING, config, prior, planned);
    assert_int_equal(paths.count, 2);
    assert_string_equal(paths.items[0], "name");
    assert_string_equal(paths.items[1], "rules[0].host");
}

static void another_type_of_the_same_value_is_no_change(void **state) {
    struct arena *arena = *state;
    struct value list = value_list(arena, (struct value[]){S("x"), S("y")}, 2);
    struct value tuple = value_typed(arena, type_of_value(arena, list), list);
    struct value typed = value_typed(arena, type_of_elements(arena, TYPE_LIST, &type_string), list);
    struct value before = object_of(arena, "name", S("a"), "spec", tuple, NULL);
    struct value prior = applied(arena, schema_plan(arena, &THING, before, value_null(), before), 1);
    struct value config = object_of(arena, "name", S("a"), "spec", typed, NULL);
    struct value planned = schema_plan(arena, &THING, config, prior, value_with(arena, prior, "spec", typed));
    assert_true(value_equal(planned, prior));
    expect_consistent(arena, config, prior, planned);
}

static void shortest_configuration(void **state) {
    struct arena *arena = *state;
    struct value config = object_of(arena, "name", S("a"), "drift", S("report"), "wait", value_bool(true),
                                    "limits", map_of(arena, "cpu", S("1")), "retries", value_int(2), NULL);
    struct value made = applied(arena, schema_plan(arena, &THING, config, value_null(), config), 1);
    struct value shortest = schema_config(arena, &THING, made);
    assert_string_equal(value_dig_string(shortest, "drift", NULL), "report");
    assert_int_equal(value_get_int(value_get(shortest, "retries")), 2);
    assert_true(value_is_null(value_get(shortest, "wait")));
    assert_true(value_is_null(value_get(shortest, "id")));
    assert_true(value_is_null(value_dig(shortest, "limits", "cpu", NULL)));
    assert_false(value_is_null(value_get(shortest, "limits")));
}

static void destroy_is_null(void **state) {
    struct arena *arena = *state;
    struct value prior = applied(arena, object_of(arena, "name", S("a"), NULL), 1);
    assert_true(value_is_null(schema_plan(arena, &THING, value_null(), prior, value_null())));
}

static void unknown_nested_stays(void **state) {
    struct arena *arena = *state;
    struct value config =
        object_of(arena, "name", S("a"), "limits", value_unknown(), "rules", value_unknown(), NULL);
    struct value planned = schema_plan(arena, &THING, config, value_null(), config);
    assert_int_equal(value_kind(value_get(planned, "limits")), VALUE_UNKNOWN);
    assert_int_equal(value_kind(value_get(planned, "rules")), VALUE_UNKNOWN);
    expect_consistent(arena, config, value_null(), planned);
}

static void breaches_are_found(void **state) {
    struct arena *arena = *state;
    struct err err = err_in(arena);
    struct value config = object_of(arena, "name", S("a"), NULL);
    struct value planned = schema_plan(arena, &THING, config, value_null(), config);
    assert_false(
        schema_check_plan(&THING, config, value_null(), value_with(arena, planned, "name", S("b")), &err));
    assert_string_equal(err.path, "name");
    assert_false(schema_check_plan(&THING, config, value_null(),
                                   value_with(arena, planned, "retries", value_int(1)), &err));
    assert_string_equal(err.path, "retries");
    assert_false(schema_check_plan(&THING, config, value_null(),
                                   value_with(arena, planned, "secret_wo", S("x")), &err));
    assert_false(schema_check_plan(&THING, config, value_null(), value_null(), &err));

    struct value made = applied(arena, planned, 1);
    assert_true(schema_check_apply(&THING, planned, made, &err));
    assert_false(schema_check_apply(&THING, planned, planned, &err));
    assert_false(
        schema_check_apply(&THING, planned, value_with(arena, made, "wait", value_bool(false)), &err));
    assert_string_equal(err.path, "wait");
    assert_false(schema_check_apply(&THING, planned, value_null(), &err));
    assert_true(schema_check_apply(&THING, value_null(), value_null(), &err));
}

static void unknowns_become_null(void **state) {
    struct arena *arena = *state;
    struct value list = value_list(arena, (struct value[]){S("x"), value_unknown()}, 2);
    struct value known =
        schema_without_unknowns(arena, map_of(arena, "a", value_typed(arena, &type_dynamic, list)));
    assert_true(value_is_known(known));
    assert_int_equal(value_len(value_untyped(value_get(known, "a"))), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_fills_defaults_and_unknowns),
        cmocka_unit_test(no_change_is_prior),
        cmocka_unit_test(update_keeps_stable_only),
        cmocka_unit_test(removing_a_setting_goes_back_to_its_default),
        cmocka_unit_test(replace_paths),
        cmocka_unit_test(another_type_of_the_same_value_is_no_change),
        cmocka_unit_test(destroy_is_null),
        cmocka_unit_test(shortest_configuration),
        cmocka_unit_test(unknown_nested_stays),
        cmocka_unit_test(breaches_are_found),
        cmocka_unit_test(unknowns_become_null),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
