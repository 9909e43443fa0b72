// SPDX-License-Identifier: Apache-2.0
#include "provider/secrets.h"
#include "files.h"

#include <string.h>

static struct secrets two(struct arena *arena) {
    struct secrets secrets = {0};
    secrets_add(arena, &secrets, "values.global.license", value_string(arena, "the-license"));
    secrets_add_tree(
        arena, &secrets,
        json(arena, "{\"values\":{\"mysql\":{\"password\":\"pw\",\"none\":null},\"list\":[{\"a\":1}]}}"));
    return secrets;
}

static void every_leaf_is_a_path(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct secrets secrets = two(arena);
    assert_int_equal(secrets.count, 3);
    assert_string_equal(secrets.items[1].path, "values.list");
    assert_string_equal(secrets.items[2].path, "values.mysql.password");
}

static void merge_and_strip_are_inverse(void **state) {
    (void)state;
    static const char *const specs[] = {"{\"values\":{\"global\":{\"host\":\"h\"}}}", "{}",
                                        "{\"values\":{\"global\":{},\"mysql\":{\"port\":1}}}"};
    SCRATCH_ARENA(arena);
    struct secrets secrets = two(arena);
    struct value note = secrets_note(arena, &secrets, value_null());
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct err err = err_in(arena);
        struct value plain = json(arena, specs[i]), merged;
        const char **changed;
        size_t count;
        assert_true(secrets_merge(arena, &secrets, plain, &merged, &err));
        assert_string_equal(value_dig_string(merged, "values", "global", "license", NULL), "the-license");
        struct value stripped = secrets_strip(arena, note, merged, plain, &changed, &count);
        assert_int_equal(count, 0);
        assert_string_equal(json_text(arena, stripped), specs[i]);
    }
}

static void a_changed_or_missing_secret_is_told(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct secrets secrets = two(arena);
    struct value note = secrets_note(arena, &secrets, value_null());
    struct value live =
        json(arena, "{\"values\":{\"global\":{\"license\":\"another\"},\"list\":[{\"a\":1}]}}");
    const char **changed;
    size_t count;
    struct value stripped = secrets_strip(arena, note, live, json(arena, "{}"), &changed, &count);
    assert_int_equal(count, 2);
    assert_string_equal(changed[0], "values.global.license");
    assert_string_equal(changed[1], "values.mysql.password");
    assert_string_equal(json_text(arena, stripped), "{}");
}

static void the_note_tells_changes_and_nothing_else(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct secrets secrets = two(arena), none = {0};
    struct value note = secrets_note(arena, &secrets, value_null());
    const char *text = json_text(arena, note);
    assert_null(strstr(text, "the-license"));
    assert_null(strstr(text, "pw"));
    assert_false(secrets_changed(arena, &secrets, note));
    assert_true(secrets_changed(arena, &secrets, value_null()));
    assert_true(secrets_changed(arena, &none, note));
    assert_false(secrets_changed(arena, &none, value_null()));
    secrets.items[0].value = value_string(arena, "the-licensf");
    assert_true(secrets_changed(arena, &secrets, note));
    // two notes of the same secrets share no hash: each has its own salt
    struct secrets same = two(arena);
    assert_false(value_equal(value_get(secrets_note(arena, &same, value_null()), "hashes"),
                             value_get(note, "hashes")));
    assert_true(
        value_equal(value_get(secrets_note(arena, &same, note), "hashes"), value_get(note, "hashes")));
}

static void one_source_for_each_path(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct secrets secrets = two(arena);
    assert_true(secrets_check(arena, &secrets, json(arena, "{\"values\":{\"global\":{\"license\":null}}}"),
                              "spec", &err));
    assert_false(secrets_check(arena, &secrets,
                               json(arena, "{\"values\":{\"global\":{\"license\":\"plain-text\"}}}"), "spec",
                               &err));
    assert_string_equal(err.path, "spec");
    assert_null(strstr(err.msg, "plain-text"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_leaf_is_a_path),
        cmocka_unit_test(merge_and_strip_are_inverse),
        cmocka_unit_test(a_changed_or_missing_secret_is_told),
        cmocka_unit_test(the_note_tells_changes_and_nothing_else),
        cmocka_unit_test(one_source_for_each_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
