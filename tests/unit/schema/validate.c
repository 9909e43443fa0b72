// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#include "schema/consistency.h"

static void expect_problem(struct arena *arena, struct value config, const char *path, const char *text) {
    struct schema_problems problems = schema_validate(arena, &THING, config, true);
    assert_int_equal(problems.count, 1);
    assert_string_equal(problems.items[0].path, path);
    assert_int_equal(problems.items[0].kind, ERR_INVALID);
    if (!strstr(problems.items[0].msg, text))
        fail_msg("\"%s\" lacks \"%s\"", problems.items[0].msg, text);
}

static void accepts_good(void **state) {
    struct arena *arena = *state;
    struct value config = object_of(arena, "name", S("a-1"), "drift", S("report"), "timeout", S("1h30m"),
                                    "secret_wo", S("x"), NULL);
    assert_int_equal(schema_validate(arena, &THING, config, true).count, 0);
}

static void names_path_found_allowed(void **state) {
    struct arena *arena = *state;
    expect_problem(arena, object_of(arena, "name", S("a"), "drift", S("Enforce"), NULL), "drift",
                   "drift must be one of \"enforce\", \"report\"; found \"Enforce\"");
    expect_problem(arena, object_of(arena, "name", S("A_b"), NULL), "name", "found \"A_b\"");
    expect_problem(arena, object_of(arena, "name", value_null(), NULL), "name", "required");
    expect_problem(arena, object_of(arena, "name", S("a"), "timeout", S("10"), NULL), "timeout",
                   "found \"10\"");
    expect_problem(arena, object_of(arena, "name", S("a"), "timeout", S("-1s"), NULL), "timeout", "positive");
    struct value rule = map_of(arena, "host", S("-x"));
    struct value rules = value_list(arena, (struct value[]){map_of(arena, "host", S("x.y")), rule}, 2);
    expect_problem(arena, object_of(arena, "name", S("a"), "rules", rules, NULL), "rules[1].host",
                   "found \"-x\"");
}

static void reports_all_at_once(void **state) {
    struct arena *arena = *state;
    struct value config = object_of(arena, "drift", S("x"), "timeout", S("y"), NULL);
    assert_int_equal(schema_validate(arena, &THING, config, true).count, 3);
}

static void passes_over_unknown(void **state) {
    struct arena *arena = *state;
    struct value rules =
        value_list(arena, (struct value[]){value_unknown(), map_of(arena, "host", value_unknown())}, 2);
    struct value config = object_of(arena, "name", value_unknown(), "drift", value_unknown(), "timeout",
                                    value_unknown(), "rules", rules, "spec", value_unknown(), NULL);
    assert_int_equal(schema_validate(arena, &THING, config, false).count, 0);
    assert_int_equal(schema_validate(arena, &THING, value_unknown(), false).count, 0);
}

static void refuses_write_only_of_old_clients(void **state) {
    struct arena *arena = *state;
    struct value config = object_of(arena, "name", S("a"), "secret_wo", S("hush"), NULL);
    struct schema_problems problems = schema_validate(arena, &THING, config, false);
    assert_int_equal(problems.count, 1);
    assert_string_equal(problems.items[0].path, "secret_wo");
    assert_non_null(strstr(problems.items[0].msg, "1.11"));
    assert_null(strstr(problems.items[0].msg, "hush"));
}

static void durations(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"0", 0},       {"90s", 90000},    {"1h30m", 5400000},   {"1.5m", 90000},
                {"250ms", 250}, {"1m0.5s", 60500}, {"1500\xCE\xBCs", 2}, {"2562047h", 9223369200000}};
    int64_t ms;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(schema_duration(good[i].text, &ms));
        assert_int_equal(ms, good[i].ms);
    }
    static const char *const bad[] = {
        "", "1", "s", "1x", "1m2", "1..2s", "-1s", "+1s", " 1s", "2562048h", "99999999999999h"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(schema_duration(bad[i], &ms));
}

static void checks_names_and_urls(void **state) {
    struct arena *arena = *state;
    struct err err = err_in(arena);
    const struct schema_attr *attr = ATTRS;
    assert_true(schema_check_dns_name(attr, S("a.b-c.d1"), "p", &err));
    assert_false(schema_check_dns_name(attr, S("a..b"), "p", &err));
    assert_false(schema_check_dns_name(attr, S(""), "p", &err));
    assert_false(schema_check_dns_label(attr, S("a.b"), "p", &err));
    assert_true(schema_check_url(attr, S("https://x"), "p", &err));
    assert_false(schema_check_url(attr, S("https://"), "p", &err));
    assert_false(schema_check_url(attr, S("x.example"), "p", &err));
    assert_false(schema_check_url(attr, S("https:// x"), "p", &err));
}

static void checks_tables(void **state) {
    struct err err = err_in(*state);
    assert_true(schema_check_table(&THING, &err));
    static const struct schema_attr defaulted[] = {
        {.name = "a", .type = &type_string, .flags = SCHEMA_OPTIONAL, .fallback = "x", .doc = "d"}, {0}};
    static const struct schema_attr reserved[] = {
        {.name = "count", .type = &type_number, .flags = SCHEMA_OPTIONAL, .doc = "d"}, {0}};
    assert_false(schema_check_table(&(struct schema){.name = "t", .attrs = defaulted}, &err));
    assert_non_null(strstr(err.msg, "t.a has a default"));
    assert_false(schema_check_table(&(struct schema){.name = "t", .attrs = reserved}, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_good),
        cmocka_unit_test(names_path_found_allowed),
        cmocka_unit_test(reports_all_at_once),
        cmocka_unit_test(passes_over_unknown),
        cmocka_unit_test(refuses_write_only_of_old_clients),
        cmocka_unit_test(durations),
        cmocka_unit_test(checks_names_and_urls),
        cmocka_unit_test(checks_tables),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
