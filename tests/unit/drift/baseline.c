// SPDX-License-Identifier: Apache-2.0
#include "drift/baseline.h"

#include "crypto/digest.h"
#include "crypto/password.h"
#include "files.h"

#include <string.h>

static const char SECRET[] = "hunter2";

static struct difference added(struct arena *arena, const char *path, const char *found) {
    return (struct difference){DIFF_ADDED, path, value_null(), value_string(arena, found)};
}

static struct difference removed(const char *path) {
    return (struct difference){.kind = DIFF_REMOVED, .path = path};
}

static void knows_the_same_value_only(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct difference items[] = {added(arena, "spec.password", SECRET), removed("spec.gone")};
    struct value baseline = baseline_note(arena, items, 2, value_null());
    struct difference other = added(arena, "spec.password", "hunter3"),
                      elsewhere = added(arena, "spec.other", SECRET), back = added(arena, "spec.gone", "x"),
                      gone = removed("spec.password");
    assert_true(baseline_knows(arena, baseline, &items[0]));
    assert_true(baseline_knows(arena, baseline, &items[1]));
    assert_false(baseline_knows(arena, baseline, &other));
    assert_false(baseline_knows(arena, baseline, &elsewhere));
    assert_false(baseline_knows(arena, baseline, &back));
    assert_false(baseline_knows(arena, baseline, &gone));
    assert_false(baseline_knows(arena, value_null(), &items[0]));
}

static const char *hash_at(struct arena *arena, const char *path, struct value found, const char **salt) {
    struct difference item = {DIFF_ADDED, path, value_null(), found};
    struct value baseline = baseline_note(arena, &item, 1, value_null());
    *salt = value_dig_string(baseline, "salt", NULL);
    assert_true(baseline_knows(arena, baseline, &item));
    return value_dig_string(baseline, "known", path, NULL);
}

// What was noted before its name counted as secret is still known.
static void noted_as_plain_is_known_as_secret(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const char *salt;
    struct value found = value_string(arena, SECRET);
    const char *plain = hash_at(arena, "spec.size", found, &salt);
    struct value_entry known[] = {{"spec.password", value_string(arena, plain)}};
    struct value_entry note[] = {{"known", value_map(arena, known, 1)}, {"salt", value_string(arena, salt)}};
    struct difference item = added(arena, "spec.password", SECRET),
                      other = added(arena, "spec.password", "x");
    assert_true(baseline_knows(arena, value_map(arena, note, 2), &item));
    assert_false(baseline_knows(arena, value_map(arena, note, 2), &other));
}

// There may be a hundred defaults in a release, and each hash of a secret takes long.
static void secrets_take_long_to_guess(void **state) {
    (void)state;
    static const struct {
        const char *path, *found;
        bool slow;
    } cases[] = {{"spec.password", "\"x\"", true},
                 {"data.key", "\"eA==\"", true},
                 {"spec.values", "{\"app\":[{\"apiKey\":\"x\"}]}", true},
                 {"spec.size", "\"x\"", false},
                 {"spec.values", "{\"size\":[\"x\"]}", false}};
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value found = json(arena, cases[i].found);
        const char *salt, *hash = hash_at(arena, cases[i].path, found, &salt),
                          *text = json_text(arena, found);
        assert_string_equal(hash, cases[i].slow ? crypto_slow_fingerprint(arena, salt, text, strlen(text))
                                                : crypto_fingerprint(arena, salt, text, strlen(text)));
    }
}

// The same value under another salt looks different: no table of hashes finds it.
static void is_salted(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct difference item = added(arena, "spec.password", SECRET);
    const char *one = json_text(arena, baseline_note(arena, &item, 1, value_null()));
    const char *two = json_text(arena, baseline_note(arena, &item, 1, value_null()));
    assert_string_not_equal(one, two);
    assert_null(strstr(one, SECRET));
    const char *hash =
        value_dig_string(baseline_note(arena, &item, 1, value_null()), "known", "spec.password", NULL);
    assert_int_equal(strlen(hash), 64);
}

static void grows_under_its_salt(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct difference one = added(arena, "spec.a", "1"), two = added(arena, "spec.b", "2");
    struct value first = baseline_note(arena, &one, 1, value_null());
    struct value both = baseline_note(arena, &two, 1, first);
    assert_true(baseline_knows(arena, both, &one));
    assert_true(baseline_knows(arena, both, &two));
    assert_true(value_equal(value_get(first, "salt"), value_get(both, "salt")));
    assert_true(value_equal(baseline_note(arena, NULL, 0, both), both));
    assert_true(value_is_null(baseline_note(arena, NULL, 0, value_null())));
}

// What a state of an earlier version says: FNV-1a of "dev" and of "hunter2", as JSON.
static void earlier_state_keeps_its_knowledge(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value old = json(arena, "[{\"found\":\"1a281c9d7527c57a\",\"path\":\"spec.size\"},"
                                   "{\"found\":\"7b030b6d662d2c63\",\"path\":\"spec.password\"},"
                                   "{\"found\":\"absent\",\"path\":\"spec.gone\"}]");
    struct value salted = baseline_salted(arena, old);
    struct difference known[] = {added(arena, "spec.size", "dev"), added(arena, "spec.password", SECRET),
                                 removed("spec.gone")};
    struct difference other = added(arena, "spec.size", "large");
    for (size_t i = 0; i < 3; i++) {
        assert_true(baseline_knows(arena, old, &known[i]));
        assert_true(baseline_knows(arena, salted, &known[i]));
    }
    assert_false(baseline_knows(arena, old, &other));
    assert_false(baseline_knows(arena, salted, &other));
    assert_null(strstr(json_text(arena, salted), "7b030b6d662d2c63"));
    assert_true(value_equal(baseline_salted(arena, salted), salted));
    assert_true(value_is_null(baseline_salted(arena, value_null())));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_same_value_only),  cmocka_unit_test(noted_as_plain_is_known_as_secret),
        cmocka_unit_test(secrets_take_long_to_guess), cmocka_unit_test(is_salted),
        cmocka_unit_test(grows_under_its_salt),       cmocka_unit_test(earlier_state_keeps_its_knowledge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
