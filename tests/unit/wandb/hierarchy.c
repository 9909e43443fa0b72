// SPDX-License-Identifier: Apache-2.0
#include "wandb/hierarchy.h"
#include "files.h"

#include <stdio.h>
#include <string.h>

enum { LEVELS_AT_MOST = 8 };

static const char *const NAMES[LEVELS_AT_MOST] = {"L0", "L1", "L2", "L3", "L4", "L5", "L6", "L7"};

// Go prints every number of the merge as a float64, and so do we where an integer has more digits than that.
static bool same(struct value ours, struct value theirs) {
    if (value_is_number(ours) && value_is_number(theirs))
        return value_get_float(ours) == value_get_float(theirs);
    if (value_kind(ours) != value_kind(theirs) || value_len(ours) != value_len(theirs))
        return false;
    if (value_kind(ours) != VALUE_LIST && value_kind(ours) != VALUE_MAP)
        return value_equal(ours, theirs);
    for (size_t i = 0; i < value_len(ours); i++) {
        bool map = value_kind(ours) == VALUE_MAP;
        if (map && strcmp(value_entry_at(ours, i)->key, value_entry_at(theirs, i)->key) != 0)
            return false;
        if (!same(map ? value_entry_at(ours, i)->value : value_at(ours, i),
                  map ? value_entry_at(theirs, i)->value : value_at(theirs, i)))
            return false;
    }
    return true;
}

static bool has(const struct hierarchy *hierarchy, enum hierarchy_finding_kind kind) {
    for (size_t i = 0; i < hierarchy->count; i++)
        if (hierarchy->findings[i].kind == kind)
            return true;
    return false;
}

static void check(struct arena *arena, struct value each) {
    struct hierarchy_level levels[LEVELS_AT_MOST];
    struct value given = value_get(each, "levels");
    size_t count = value_len(given);
    const char *name = value_dig_string(each, "name", NULL), *failed = value_dig_string(each, "failed", NULL);
    struct err err = err_in(arena);
    struct value merged;
    assert_true(count <= LEVELS_AT_MOST);
    for (size_t i = 0; i < count; i++)
        levels[i] = (struct hierarchy_level){NAMES[i], value_at(given, i)};
    struct hierarchy hierarchy = hierarchy_merge(arena, levels, count);
    bool done = hierarchy_merge_values(arena, levels, count, &merged, &err);
    if (done != !failed || hierarchy.fatal != !!failed)
        fail_msg("%s: the operator says %s, we say %s", name, failed ? failed : "merged",
                 done ? "merged" : err.msg);
    if (failed && !has(&hierarchy, !strcmp(failed, "panic") ? HIERARCHY_NULL : HIERARCHY_MISMATCH))
        fail_msg("%s: the operator fails by %s, we by: %s", name, failed, err.msg);
    if (!failed && !same(merged, value_get(each, "merged")))
        fail_msg("%s: we merge to %s, the operator to %s", name, json_text(arena, merged),
                 json_text(arena, value_get(each, "merged")));
}

static void merges_as_the_operator(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value cases = read_json(arena, TESTS_DIR "/golden/hierarchy/merged.json");
    assert_true(value_len(cases) > 190);
    for (size_t i = 0; i < value_len(cases); i++)
        check(arena, value_at(cases, i));
}

struct expected {
    enum hierarchy_finding_kind kind;
    const char *path, *higher, *lower;
};

static void expect(const char *const *texts, size_t count, const struct expected *expected, size_t findings) {
    SCRATCH_ARENA(arena);
    struct hierarchy_level levels[LEVELS_AT_MOST];
    for (size_t i = 0; i < count; i++)
        levels[i] = (struct hierarchy_level){NAMES[i], json(arena, texts[i])};
    struct hierarchy hierarchy = hierarchy_merge(arena, levels, count);
    assert_int_equal(hierarchy.count, findings);
    for (size_t i = 0; i < findings; i++) {
        assert_int_equal(hierarchy.findings[i].kind, expected[i].kind);
        assert_string_equal(hierarchy.findings[i].path, expected[i].path);
        assert_string_equal(hierarchy.findings[i].higher, expected[i].higher);
        assert_string_equal(hierarchy.findings[i].lower, expected[i].lower);
    }
}

static void tells_where_levels_meet(void **state) {
    (void)state;
    const char *texts[] = {"{\"a\":{\"b\":1,\"same\":2},\"l\":[1]}", "{\"c\":\"x\",\"l\":[]}",
                           "{\"a\":{\"b\":3,\"same\":2},\"c\":\"y\",\"l\":[2,3]}"};
    const struct expected expected[] = {
        {HIERARCHY_SHADOWED, "a.b", "L0", "L2"},
        {HIERARCHY_SHADOWED, "c", "L1", "L2"},
        {HIERARCHY_APPENDED, "l", "L0", "L2"},
    };
    expect(texts, 3, expected, 3);
}

static void tells_what_is_fatal(void **state) {
    (void)state;
    const char *texts[] = {"{\"port\":\"3306\",\"n\":null,\"odd.key\":[1]}",
                           "{\"port\":3306,\"n\":1,\"odd.key\":{}}"};
    const struct expected expected[] = {
        {HIERARCHY_NULL, "n", "L0", "L1"},
        {HIERARCHY_MISMATCH, "[\"odd.key\"]", "L0", "L1"},
        {HIERARCHY_MISMATCH, "port", "L0", "L1"},
    };
    expect(texts, 2, expected, 3);
}

static void names_both_kinds(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value out;
    struct hierarchy_level levels[] = {{"the custom resource", json(arena, "{\"p\":\"1\"}")},
                                       {"the release channel", json(arena, "{\"p\":1}")}};
    assert_false(hierarchy_merge_values(arena, levels, 2, &out, &err));
    assert_non_null(
        strstr(err.msg, "p is a string in the custom resource and a number in the release channel"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges_as_the_operator),
        cmocka_unit_test(tells_where_levels_meet),
        cmocka_unit_test(tells_what_is_fatal),
        cmocka_unit_test(names_both_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
