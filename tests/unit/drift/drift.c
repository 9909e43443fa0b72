// SPDX-License-Identifier: Apache-2.0
#include "drift/drift.h"
#include "codec/json.h"
#include "drift/secret_names.h"
#include "files.h"

#include <string.h>

static const char OBJECT[] = "WeightsAndBiases/ns/wandb";

static struct drift_part part_of(struct arena *arena, const char *wanted, const char *found,
                                 struct value baseline) {
    struct value spec = json(arena, found);
    return (struct drift_part){.object = OBJECT,
                               .path = "spec",
                               .wanted = json(arena, wanted),
                               .found = spec,
                               .live = value_map(arena, (struct value_entry[]){{"spec", spec}}, 1),
                               .baseline = baseline};
}

static struct value baseline_of(struct arena *arena, const char *wanted, const char *found) {
    struct drift_part part = part_of(arena, wanted, found, value_null());
    return drift_baseline(arena, &part);
}

static struct drift compare(struct arena *arena, const char *wanted, const char *found,
                            struct value baseline) {
    struct drift drift = {.manager = "us"};
    struct drift_part part = part_of(arena, wanted, found, baseline);
    drift_compare(arena, &drift, &part);
    return drift;
}

static void names_each_path(void **state) {
    (void)state;
    static const struct {
        const char *wanted, *found, *path, *says_wanted, *says_found;
    } cases[] = {
        {"{\"a\":1}", "{\"a\":2}", "spec.a", "1", "2"},
        {"{\"a\":1}", "{}", "spec.a", "1", "absent"},
        {"{}", "{\"a\":{\"b\":[1]}}", "spec.a", "absent", "{\"b\":[1]}"},
        {"{}", "{\"a\":null}", "spec.a", "absent", "null"},
        {"{\"a\":1}", "{\"a\":null}", "spec.a", "1", "absent"},
        {"{\"l\":[1,2]}", "{\"l\":[1]}", "spec.l[1]", "2", "absent"},
        {"{\"a\":3306}", "{\"a\":\"3306\"}", "spec.a", "3306", "\"3306\""},
        {"{\"a.b\":1}", "{\"a.b\":2}", "spec[\"a.b\"]", "1", "2"},
        {"{\"password\":\"x\"}", "{\"password\":\"y\"}", "spec.password", "(sensitive)", "(sensitive)"},
        {"{}", "{\"m\":{\"password\":\"y\",\"n\":1}}", "spec.m", "absent",
         "{\"n\":1,\"password\":\"(sensitive)\"}"},
        {"{}", "{\"l\":[{\"license\":\"y\"}]}", "spec.l", "absent", "[{\"license\":\"(sensitive)\"}]"},
        {"{\"OIDC_SECRET\":\"x\"}", "{}", "spec.OIDC_SECRET", "(sensitive)", "absent"},
        {"{\"url\":\"a://b:c@d\"}", "{\"url\":\"a://d\"}", "spec.url", "(sensitive)", "\"a://d\""},
        {"{}", "{\"env\":[{\"name\":\"A_TOKEN\",\"value\":\"y\"}]}", "spec.env", "absent",
         "[{\"name\":\"A_TOKEN\",\"value\":\"(sensitive)\"}]"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct drift drift = compare(arena, cases[i].wanted, cases[i].found, value_null());
        assert_int_equal(drift.count, 1);
        assert_string_equal(drift.items[0].path, cases[i].path);
        assert_string_equal(drift.items[0].wanted, cases[i].says_wanted);
        assert_string_equal(drift.items[0].found, cases[i].says_found);
    }
}

static void same_in_other_words_is_none(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"{\"a\":1}", "{\"a\":1.0}"},
        {"{\"a\":null,\"b\":1}", "{\"b\":1}"},
        {"{\"a\":null}", "{\"a\":null}"},
        {"{\"b\":1,\"a\":2}", "{\"a\":2,\"b\":1}"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_int_equal(compare(arena, pairs[i][0], pairs[i][1], value_null()).count, 0);
}

// What the server made of our own write is no drift, as long as it stays that.
static void baseline_is_none(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const char *wanted = "{\"a\":1}", *defaulted = "{\"a\":1,\"size\":\"dev\",\"tolerations\":[]}";
    struct value baseline = baseline_of(arena, wanted, defaulted);
    assert_int_equal(value_len(value_get(baseline, "known")), 2);
    assert_int_equal(compare(arena, wanted, defaulted, baseline).count, 0);
    assert_int_equal(
        compare(arena, wanted, "{\"a\":1,\"size\":\"large\",\"tolerations\":[]}", baseline).count, 1);
    assert_int_equal(compare(arena, wanted, "{\"a\":2,\"size\":\"dev\",\"tolerations\":[]}", baseline).count,
                     1);
    assert_true(value_is_null(baseline_of(arena, wanted, wanted)));
}

static void warning_is_sorted_and_cut(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct drift drift = {.manager = "us"};
    for (int i = 149; i >= 0; i--) {
        const char *found = arena_printf(arena, "{\"k%03d\":1}", i);
        struct drift_part part = part_of(arena, "{}", found, value_null());
        drift_compare(arena, &drift, &part);
    }
    drift_warn(&call, &drift, OBJECT, DRIFT_FOUND, DRIFT_OUTLOOK);
    assert_string_equal(call.notices->summary, arena_printf(arena, "Drift in %s: 150 paths", OBJECT));
    const char *text = call.notices->detail;
    assert_non_null(strstr(text, "spec.k000"));
    assert_true(strstr(text, "spec.k000") < strstr(text, "spec.k099"));
    assert_null(strstr(text, "spec.k100"));
    assert_non_null(strstr(text, "… and 50 more"));
    assert_int_equal(value_len(drift_to_value(arena, &drift)), 150);
}

static void long_values_are_cut_between_characters(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    char text[1200] = "{\"a\":\"";
    for (int i = 0; i < 300; i++)
        strcat(text, "ä");
    strcat(text, "\"}");
    struct drift drift = compare(arena, "{\"a\":1}", text, value_null());
    const char *found = drift.items[0].found;
    assert_true(strlen(found) < 230);
    assert_non_null(strstr(found, "… (602 bytes)"));
}

static void knows_secrets_by_name(void **state) {
    (void)state;
    static const struct {
        const char *object, *path;
        bool secret;
    } cases[] = {
        {OBJECT, "spec.values.global.license", true},
        {OBJECT, "spec.values.global.mysql.password", true},
        {OBJECT, "spec.values.bucket.accessKey", true},
        {OBJECT, "spec.values.bucket.access_key", true},
        {OBJECT, "spec.values.a[\"client-secret\"]", true},
        {OBJECT, "spec.values.extraEnv.API_KEY", true},
        {OBJECT, "spec.redis.secret.secretKey", false},
        {OBJECT, "spec.oidc.oidcSecret.secretKey", false},
        {OBJECT, "spec.values.bucket.secretKey", true},
        {OBJECT, "secretKey", true},
        {OBJECT, "spec.values.licenseSecret.name", false},
        {OBJECT, "spec.values.global.host", false},
        {OBJECT, "spec.values.password[0]", true},
        {OBJECT, "spec.values.hosts[12]", false},
        {"Secret/ns/x", "data.anything", true},
        {"Secret/ns/x", "metadata.labels.a", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (secret_names_in_object(cases[i].object, cases[i].path) != cases[i].secret)
            fail_msg("%s %s", cases[i].object, cases[i].path);
}

static void the_state_shows_neither_secrets_nor_defaults(void **state) {
    (void)state;
    static const struct {
        const char *wanted, *found, *shown;
    } cases[] = {
        {"{\"a\":1}", "{\"a\":2,\"size\":\"dev\"}", "{\"a\":2}"},
        {"{\"a\":1}", "{\"a\":1,\"size\":\"large\"}", "{\"a\":1,\"size\":\"large\"}"},
        {"{\"a\":1}", "{\"a\":2,\"m\":{\"password\":\"x\",\"n\":1}}", "{\"a\":2,\"m\":{\"n\":1}}"},
        {"{\"password\":\"mine\"}", "{\"password\":\"theirs\",\"b\":1}", "{\"b\":1,\"password\":\"mine\"}"},
        {"{\"password\":\"mine\",\"b\":1}", "{\"b\":2}", "{\"b\":2}"},
        {"{}", "{\"l\":[{\"license\":\"x\",\"n\":1}]}", "{\"l\":[{\"n\":1}]}"},
        {"{\"l\":[1,2]}", "{\"l\":[2]}", "{\"l\":[2]}"},
        {"{\"u\":\"mine\"}", "{\"u\":\"a://b:c@d\",\"v\":\"a://b:c@d\"}", "{\"u\":\"mine\"}"},
    };
    SCRATCH_ARENA(arena);
    struct value baseline = baseline_of(arena, "{}", "{\"size\":\"dev\"}");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct drift_part part = part_of(arena, cases[i].wanted, cases[i].found, baseline);
        assert_string_equal(json_text(arena, drift_presentable(arena, &part)), cases[i].shown);
    }
}

static void what_is_ignored_is_none(void **state) {
    static const struct {
        const char *pattern, *wanted, *found, *left, *shown; // `left`: the paths that drifted
    } cases[] = {
        {"spec.a", "{'a':1,'b':1}", "{'a':2,'b':1}", "", NULL},
        {"spec.a", "{'a':1,'b':1}", "{'a':2,'b':2}", "spec.b ", "{'a':1,'b':2}"},
        {"spec.a", "{'a':1,'b':1}", "{'b':2}", "spec.b ", "{'a':1,'b':2}"},
        {"spec.a", "{'b':1}", "{'a':1,'b':2}", "spec.b ", "{'b':2}"},
        {"spec.m.a", "{'b':1}", "{'b':1,'m':{'a':1}}", "", NULL},
        {"spec.m.a", "{}", "{'m':{'a':1,'b':2}}", "spec.m.b ", "{'m':{'b':2}}"},
        {"spec.m[\"x/*\"]", "{}", "{'m':{'x/a':1,'y/b':2}}", "spec.m[\"y/b\"] ", "{'m':{'y/b':2}}"},
        {"spec.m.a", "{'m':{'a':1,'b':2}}", "{}", "spec.m.b ", "{'m':{'a':1}}"},
        {"spec.l[*].i", "{'l':[{'i':1,'n':1},{'i':1,'n':1}]}", "{'l':[{'i':2,'n':1},{'i':1,'n':2}]}",
         "spec.l[1].n ", "{'l':[{'i':1,'n':1},{'i':1,'n':2}]}"},
        {"spec.l[1]", "{'l':[1]}", "{'l':[2,3]}", "spec.l[0] ", "{'l':[2]}"},
        {"spec.l[1]", "{'l':[1,2]}", "{'l':[3]}", "spec.l[0] ", "{'l':[3,2]}"},
        {"spec.a", "{'b':1}", "{'a':null,'b':1}", "", NULL},
        {"spec", "{'a':1}", "{'a':2,'b':1}", "", NULL},
        {"spec.m.a", "{'b':1}", "{'b':2,'m':{'a':1}}", "spec.b ", "{'b':2}"},
        {"spec.m.a", "{'b':1,'m':{'a':1}}", "{'b':2}", "spec.b ", "{'b':2,'m':{'a':1}}"},
    };
    (void)state;
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct kube_ignored ignored;
        struct err err = err_in(arena);
        struct drift drift = {.manager = "us"};
        const char *left = "";
        struct value pattern =
            value_string(arena, arena_printf(arena, "WeightsAndBiases/wandb %s", cases[i].pattern));
        assert_true(
            kube_ignored_parse(arena, "ignore_drift", value_list(arena, &pattern, 1), &ignored, &err));
        struct drift_part part = part_of(arena, json_text(arena, json_quoted(arena, cases[i].wanted)),
                                         json_text(arena, json_quoted(arena, cases[i].found)), value_null());
        part.ignored = &ignored;
        drift_compare(arena, &drift, &part);
        for (size_t j = 0; j < drift.count; j++)
            left = arena_printf(arena, "%s%s ", left, drift.items[j].path);
        assert_string_equal(left, cases[i].left);
        // What is ignored is no part of the baseline, either: once it is not ignored any more, it is drift.
        assert_int_equal(value_len(value_get(drift_baseline(arena, &part), "known")), drift.count);
        if (cases[i].shown)
            assert_string_equal(json_text(arena, drift_presentable(arena, &part)),
                                json_text(arena, json_quoted(arena, cases[i].shown)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_each_path),
        cmocka_unit_test(same_in_other_words_is_none),
        cmocka_unit_test(baseline_is_none),
        cmocka_unit_test(warning_is_sorted_and_cut),
        cmocka_unit_test(long_values_are_cut_between_characters),
        cmocka_unit_test(knows_secrets_by_name),
        cmocka_unit_test(the_state_shows_neither_secrets_nor_defaults),
        cmocka_unit_test(what_is_ignored_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
