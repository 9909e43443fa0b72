// SPDX-License-Identifier: Apache-2.0
#include "provider/secrets.h"
#include "files.h"
#include "provider/secret_plan.h"

#include <string.h>

static const struct secrets NONE;

static struct secrets two(struct arena *arena) {
    struct secrets secrets = {0};
    secrets_add(arena, &secrets, "values.global.license", value_string(arena, "the-license"));
    secrets_add_tree(
        arena, &secrets,
        json(arena, "{\"values\":{\"mysql\":{\"password\":\"pw\",\"none\":null},\"list\":[{\"a\":1}]}}"));
    return secrets;
}

static struct value note_of(struct arena *arena, const struct secrets *given) {
    return secrets_note(arena, given, &NONE, value_null());
}

static struct secrets_seen look(struct arena *arena, struct value note, const char *live, const char *plain) {
    struct secret_claims claims = {.trees = {json(arena, plain)}, .count = 1};
    struct secrets_live there = {json(arena, live), json(arena, live)};
    return secrets_look(arena, note, &there, &claims, false);
}

static const char *texts(struct arena *arena, const struct secret_texts *list) {
    struct buf out;
    buf_init(&out, arena);
    for (size_t i = 0; i < list->count; i++)
        buf_printf(&out, "%s%s", i ? " " : "", list->items[i]);
    return buf_text(&out);
}

static void merge_and_look_are_inverse(void **state) {
    (void)state;
    static const char *const specs[] = {"{\"values\":{\"global\":{\"host\":\"h\"}}}", "{}",
                                        "{\"values\":{\"global\":{},\"mysql\":{\"port\":1}}}"};
    SCRATCH_ARENA(arena);
    struct secrets secrets = two(arena);
    struct value note = note_of(arena, &secrets);
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct err err = err_in(arena);
        struct value plain = json(arena, specs[i]), merged;
        assert_true(secrets_merge(arena, &secrets, plain, &merged, &err));
        assert_string_equal(value_dig_string(merged, "values", "global", "license", NULL), "the-license");
        struct secrets_seen seen = look(arena, note, json_text(arena, merged), specs[i]);
        assert_int_equal(seen.changed.count + seen.moved.count, 0);
        assert_string_equal(json_text(arena, seen.rest), specs[i]);
        assert_true(value_equal(value_get(seen.note, "hashes"), value_get(note, "hashes")));
    }
}

static void a_changed_or_missing_secret_is_told(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct secrets secrets = two(arena);
    struct value note = note_of(arena, &secrets);
    struct secrets_seen seen =
        look(arena, note, "{\"values\":{\"global\":{\"license\":\"another\"},\"list\":[{\"a\":1}]}}", "{}");
    assert_string_equal(texts(arena, &seen.changed), "values.global.license values.mysql.password");
    assert_string_equal(json_text(arena, seen.rest), "{}");
    assert_true(value_equal(value_get(seen.note, "hashes"), value_get(note, "hashes"))); // what was written
}

// What others add, change and remove is followed and never told as a change of ours.
static void what_is_kept_is_followed(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct secrets secrets = two(arena);
    struct value note = note_of(arena, &secrets);
    const char *ours = "\"values\":{\"global\":{\"license\":\"the-license\"},\"list\":[{\"a\":1}],\"mysql\":{"
                       "\"password\":\"pw\"}}";
    const char *plain = "{\"mine\":{\"token\":\"t\"}}";
    struct secrets_seen seen =
        look(arena, note,
             arena_printf(arena, "{%s,\"mine\":{\"token\":\"t\"},\"new\":{\"token\":\"1\"}}", ours), plain);
    assert_string_equal(json_text(arena, seen.rest), plain);
    assert_string_equal(json_text(arena, value_get(seen.note, "kept")), "[\"new.token\"]");
    const char *first = value_dig_string(seen.note, "hashes", "new.token", NULL);
    struct secrets_seen again =
        look(arena, seen.note,
             arena_printf(arena, "{%s,\"mine\":{\"token\":\"t\"},\"new\":{\"token\":\"2\"}}", ours), plain);
    assert_string_equal(texts(arena, &again.moved), "new.token");
    assert_int_equal(again.changed.count, 0);
    assert_string_not_equal(value_dig_string(again.note, "hashes", "new.token", NULL), first);
    struct secrets_seen gone =
        look(arena, again.note, arena_printf(arena, "{%s,\"mine\":{\"token\":\"t\"}}", ours), plain);
    assert_int_equal(gone.changed.count, 0);
    assert_true(value_equal(value_get(gone.note, "hashes"), value_get(note, "hashes")));
}

static void what_the_plain_attribute_lets_go_stays_to_be_compared(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct secrets_seen seen = look(arena, value_null(), "{\"a\":{\"token\":\"t\"},\"b\":{\"token\":\"t\"}}",
                                    "{\"a\":{\"token\":null}}");
    assert_string_equal(json_text(arena, seen.rest), "{\"a\":{\"token\":\"t\"}}");
}

static bool changed(struct arena *arena, const struct secrets *given, struct value note, const char *plain) {
    struct secret_claims claims = {.trees = {json(arena, plain)}, .count = 1};
    return secrets_changed(arena, given, &claims, note);
}

static void the_note_tells_changes_and_nothing_else(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct secrets secrets = two(arena);
    struct value note = note_of(arena, &secrets);
    const char *text = json_text(arena, note);
    assert_null(strstr(text, "the-license"));
    assert_null(strstr(text, "pw"));
    assert_false(changed(arena, &secrets, note, "{}"));
    assert_true(changed(arena, &secrets, value_null(), "{}"));
    assert_false(changed(arena, &NONE, value_null(), "{}"));
    // what is not given any more is kept; null lets it go
    assert_false(changed(arena, &NONE, note, "{}"));
    assert_true(changed(arena, &NONE, note, "{\"values\":{\"mysql\":null}}"));
    assert_false(changed(arena, &NONE, note, "{\"values\":{\"other\":null}}"));
    secrets.items[0].value = value_string(arena, "the-licensf");
    assert_true(changed(arena, &secrets, note, "{}"));
    // two notes of the same secrets share no hash: each has its own salt
    struct secrets same = two(arena);
    assert_false(value_equal(value_get(note_of(arena, &same), "hashes"), value_get(note, "hashes")));
    assert_true(
        value_equal(value_get(secrets_note(arena, &same, &NONE, note), "hashes"), value_get(note, "hashes")));
}

// Private state is a file that anybody may have edited.
static void a_note_of_another_layout_is_none(void **state) {
    (void)state;
    static const char *const notes[] = {"{}", "[]", "7", "{\"hashes\":[1],\"kept\":{\"a\":1},\"salt\":5}",
                                        "{\"hashes\":{\"values.global.license\":7,\"a[\":\"x\"},\"kept\":[7,"
                                        "\"values.global.license\"],\"salt\":\"s\"}"};
    SCRATCH_ARENA(arena);
    struct secrets secrets = two(arena);
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        struct value note = json(arena, notes[i]);
        struct secrets_seen seen = look(arena, note, "{\"a\":{\"password\":\"x\"}}", "{}");
        assert_true(value_has(secrets_noted(seen.note), "a.password"));
        assert_string_equal(json_text(arena, seen.rest), "{}");
        assert_true(changed(arena, &secrets, note, "{}"));
        struct secret_claims claims = {
            .trees = {json(arena, "{}")}, .count = 1, .noted = secrets_noted(note)};
        assert_int_equal(secrets_kept(arena, json(arena, "{\"a\":1}"), &claims).count, 0);
    }
}

static void an_unknown_write_only_value_is_a_reason_to_write(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct secret_claims claims = {
        .trees = {value_map(arena, (struct value_entry[]){{"a", value_unknown()}}, 1)}, .count = 1};
    assert_true(secrets_changed(arena, &NONE, &claims, value_null()));
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

// The plan of `given` (a tree of write-only values) and `spec` after a write of "v.a", "v.b" and a kept
// "v.token", and where the spec had "v.plain.password" in plain.
static struct secret_plan planned(struct arena *arena, const char *spec, const char *write_only) {
    struct secrets first = {0}, others = {0};
    secrets_add_tree(arena, &first, json(arena, "{\"v\":{\"a\":\"1\",\"b\":\"2\"}}"));
    secrets_add(arena, &others, "v.token", value_string(arena, "3"));
    struct value_entry private = {"secrets", secrets_note(arena, &first, &others, value_null())};
    struct resource_state prior = {
        .value = json(arena, "{\"secret_versions\":{\"v.a\":4,\"v.b\":1,\"v.token\":2}}"),
        .private = value_map(arena, &private, 1)};
    struct secret_config config = {
        .claims = {.trees = {json(arena, spec), json(arena, write_only)}, .count = 2}};
    secrets_add_tree(arena, &config.given, json(arena, write_only));
    return secret_plan_of(arena, &config, &prior,
                          json(arena, "{\"v\":{\"plain\":{\"password\":\"p\"},\"host\":\"h\"}}"));
}

// "path=number", ? for one that apply decides.
static const char *numbers(struct arena *arena, struct value versions) {
    struct buf out;
    buf_init(&out, arena);
    for (size_t i = 0; i < value_len(versions); i++) {
        const struct value_entry *entry = value_entry_at(versions, i);
        buf_printf(&out, "%s%s=", i ? " " : "", entry->key);
        buf_printf(&out, value_kind(entry->value) == VALUE_INT ? "%lld" : "?",
                   (long long)value_get_int(entry->value));
    }
    return buf_text(&out);
}

static void a_plan_counts_and_names(void **state) {
    (void)state;
    static const char *const SAME = "{\"v\":{\"plain\":{\"password\":\"p\"}}}";
    static const struct {
        const char *spec, *write_only, *versions, *counted, *kept;
        bool changes;
    } cases[] = {
        {SAME, "{\"v\":{\"a\":\"1\",\"b\":\"2\"}}", "v.a=? v.b=? v.token=2", "v.a=4 v.b=1 v.token=2",
         "v.token", false},
        {SAME, "{\"v\":{\"a\":\"x\",\"b\":\"2\"}}", "v.a=5 v.b=? v.token=2", "v.a=5 v.b=1 v.token=2",
         "v.token", true},
        {SAME, "{\"v\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"n\"}}", "v.a=? v.b=? v.c=1 v.token=2",
         "v.a=4 v.b=1 v.c=1 v.token=2", "v.token", true},
        // no longer given: kept. null: gone. Given as it is: no change
        {SAME, "{\"v\":{\"a\":\"1\"}}", "v.a=? v.b=1 v.token=2", "v.a=4 v.b=1 v.token=2", "v.b v.token",
         false},
        {SAME, "{\"v\":{\"a\":\"1\",\"b\":null,\"token\":null}}", "v.a=?", "v.a=4", "", true},
        {SAME, "{\"v\":{\"a\":\"1\",\"b\":\"2\",\"token\":\"3\"}}", "v.a=? v.b=? v.token=?",
         "v.a=4 v.b=1 v.token=2", "", false},
        // into the plain attribute, and out of it
        {"{\"v\":{\"b\":\"2\",\"plain\":{\"password\":\"p\"}}}", "{\"v\":{\"a\":\"1\"}}", "v.a=? v.token=2",
         "v.a=4 v.token=2", "v.token", false},
        {"{}", "{\"v\":{\"a\":\"1\",\"b\":\"2\"}}", "v.a=? v.b=? v.plain.password=1 v.token=2",
         "v.a=4 v.b=1 v.plain.password=1 v.token=2", "v.plain.password v.token", false},
        {"{\"v\":{\"plain\":null}}", "{\"v\":{\"a\":\"1\",\"b\":\"2\"}}", "v.a=? v.b=? v.token=2",
         "v.a=4 v.b=1 v.token=2", "v.token", false},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct secret_plan plan = planned(arena, cases[i].spec, cases[i].write_only);
        assert_string_equal(numbers(arena, plan.versions), cases[i].versions);
        assert_string_equal(numbers(arena, plan.counted), cases[i].counted);
        assert_string_equal(texts(arena, &plan.kept), cases[i].kept);
        assert_int_equal(plan.changes, cases[i].changes);
        struct value written = secret_versions_written(arena, plan.versions, plan.counted, value_null());
        assert_true(value_equal(written, plan.counted));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merge_and_look_are_inverse),
        cmocka_unit_test(a_changed_or_missing_secret_is_told),
        cmocka_unit_test(what_is_kept_is_followed),
        cmocka_unit_test(what_the_plain_attribute_lets_go_stays_to_be_compared),
        cmocka_unit_test(the_note_tells_changes_and_nothing_else),
        cmocka_unit_test(a_note_of_another_layout_is_none),
        cmocka_unit_test(an_unknown_write_only_value_is_a_reason_to_write),
        cmocka_unit_test(one_source_for_each_path),
        cmocka_unit_test(a_plan_counts_and_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
