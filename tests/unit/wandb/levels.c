// SPDX-License-Identifier: Apache-2.0
#include "wandb/levels.h"

#include "codec/base64.h"
#include "files.h"
#include "wandb/reference.h"

#include <string.h>

// A Secret with the given JSON texts; NULL leaves the key out.
static struct kube_answer secret(struct arena *arena, const char *chart, const char *values) {
    const char *const keys[] = {"chart", "values"}, *const texts[] = {chart, values};
    struct value data = value_map(arena, NULL, 0);
    for (size_t i = 0; i < 2; i++) {
        struct buf encoded;
        buf_init(&encoded, arena);
        if (!texts[i])
            continue;
        base64_encode(&encoded, texts[i], strlen(texts[i]));
        data = value_with(arena, data, keys[i], value_string(arena, buf_text(&encoded)));
    }
    struct value object =
        value_with(arena, json(arena, "{\"metadata\":{\"name\":\"wandb-spec-x\"}}"), "data", data);
    return (struct kube_answer){.object = object, .status = 200};
}

static const struct kube_answer ABSENT = {.status = 404,
                                          .failure = {.kind = ERR_NOT_FOUND, .msg = "not found"}};
static const struct kube_ref REF = KUBE_REF("apps.wandb.com/v1", "WeightsAndBiases", "ns", "wandb");

static void reads_what_is_there(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct levels levels;
    struct kube_answer answers[LEVEL_COUNT] = {
        secret(arena, "null", "{\"a\":1}"), ABSENT,
        secret(arena, "{\"url\":\"https://c\",\"name\":\"n\",\"version\":\"1\"}",
               "{\"global\":{\"operator\":{\"namespace\":\"elsewhere\"}}}")};
    assert_true(levels_from(arena, answers, &levels, &err));
    assert_true(levels.console.present && !levels.console.lacks && !levels.channel.present);
    assert_string_equal(value_dig_string(levels.active.chart, "name", NULL), "n");
    struct hierarchy merged = levels_merge(arena, &levels, json(arena, "{\"b\":2}"));
    assert_string_equal(json_text(arena, merged.merged),
                        "{\"a\":1,\"b\":2,\"global\":{\"operator\":{\"apiVersion\":\"apps.wandb.com/"
                        "v1\",\"namespace\":\"elsewhere\"}}}");
}

static void a_broken_level_is_an_error_without_its_text(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct levels levels;
    struct kube_answer answers[LEVEL_COUNT] = {secret(arena, "null", "{\"password\": pl4nted"), ABSENT,
                                               ABSENT};
    assert_false(levels_from(arena, answers, &levels, &err));
    assert_non_null(strstr(err.msg, "wandb-spec-x, key values"));
    assert_null(strstr(err.msg, "pl4nted"));
}

static void says_why_the_operator_stops(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct levels levels;
    struct kube_answer fine[LEVEL_COUNT] = {ABSENT, secret(arena, "null", "{\"port\":1}"), ABSENT};
    struct kube_answer broken[LEVEL_COUNT] = {secret(arena, NULL, "{}"), ABSENT, ABSENT};
    assert_true(levels_from(arena, fine, &levels, &err));
    assert_null(levels_problem(arena, &REF, &levels, json(arena, "{\"port\":2}")));
    const char *problem = levels_problem(arena, &REF, &levels, json(arena, "{\"port\":\"2\"}"));
    assert_non_null(strstr(
        problem,
        "spec.values.port: it is a string in the custom resource and a number in the release channel"));
    assert_non_null(levels_problem(arena, &REF, &levels, json(arena, "{\"port\":null}")));
    assert_true(levels_from(arena, broken, &levels, &err));
    assert_non_null(strstr(levels_problem(arena, &REF, &levels, value_null()),
                           "ns/wandb-spec-user has no key \"chart\""));
}

// The System Console may hide what the channel says; that is no doing of a spec that leaves the path out.
static void only_the_specs_own_paths_override(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct levels levels;
    struct kube_answer answers[LEVEL_COUNT] = {
        secret(arena, "null", "{\"banner\":\"b\",\"global\":{\"host\":\"console\",\"size\":\"small\"}}"),
        secret(arena, "null", "{\"banner\":\"c\",\"global\":{\"host\":\"channel\",\"size\":\"large\"}}"),
        ABSENT};
    assert_true(levels_from(arena, answers, &levels, &err));
    struct value none = levels_overrides(arena, &levels, json(arena, "{\"global\":{\"other\":1}}"));
    assert_string_equal(json_text(arena, none), "[]");
    assert_string_equal(json_text(arena, levels_overrides(arena, &levels, value_null())), "[]");
    struct value one = levels_overrides(arena, &levels, json(arena, "{\"global\":{\"size\":\"large\"}}"));
    assert_string_equal(json_text(arena, one), "[\"global.size\"]");
}

static void the_first_chart_counts(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct levels levels;
    struct kube_answer answers[LEVEL_COUNT] = {secret(arena, "null", "{}"),
                                               secret(arena, "{\"path\":\"channel\"}", "{}"), ABSENT};
    assert_true(levels_from(arena, answers, &levels, &err));
    assert_string_equal(json_text(arena, levels_chart(&levels, json(arena, "{}"))), "{\"path\":\"channel\"}");
    assert_string_equal(
        json_text(arena, levels_chart(&levels, json(arena, "{\"chart\":{\"path\":\"own\"}}"))),
        "{\"path\":\"own\"}");
    assert_int_equal(levels_chart_level(&levels, json(arena, "{}")), LEVELS_CHANNEL);
    assert_int_equal(levels_chart_level(&levels, json(arena, "{\"chart\":{\"path\":\"own\"}}")), LEVELS_SPEC);
    levels.console.chart = json(arena, "{\"path\":\"console\"}");
    assert_int_equal(levels_chart_level(&levels, json(arena, "{\"chart\":{\"name\":\"own\"}}")),
                     LEVELS_CONSOLE);
    levels = (struct levels){0};
    assert_int_equal(levels_chart_level(&levels, value_null()), LEVELS_NOWHERE);
}

static void knows_the_forms_of_a_chart(void **state) {
    (void)state;
    static const struct {
        const char *chart;
        enum levels_chart_form form;
    } cases[] = {
        {"null", LEVELS_CHART_NONE},
        {"{\"version\":\"1.2.3\"}", LEVELS_CHART_NONE},
        {"{\"url\":\"https://c\"}", LEVELS_CHART_NONE},
        {"{\"path\":\"\",\"url\":\"https://c\",\"name\":\"n\"}", LEVELS_CHART_REPO},
        {"{\"path\":\"/c.tgz\",\"name\":\"n\"}", LEVELS_CHART_PATH},
        {"{\"url\":\"oci://h/p/n\"}", LEVELS_CHART_NONE},
        {"{\"url\":\"oci://h:5000/p/n\",\"version\":\"1\"}", LEVELS_CHART_OCI},
        {"{\"url\":\"oci://h:5000/p/n:1.0\"}", LEVELS_CHART_OCI},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(levels_chart_form(json(arena, cases[i].chart)), cases[i].form);
}

static void finds_references(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct references found = references_find(
        arena,
        json(arena,
             "{\"chart\":{\"credentialSecret\":{\"name\":\"c\"}},\"values\":{\"global\":{"
             "\"licenseSecret\":{\"name\":\"l\",\"key\":\"k\"},\"bucket\":{\"secret\":{\"secretName\":\"b\","
             "\"accessKeyName\":\"A\",\"secretKeyName\":\"S\"}},\"mysql\":{\"password\":{\"valueFrom\":{"
             "\"secretKeyRef\":"
             "{\"name\":\"m\",\"key\":\"p\"}}}},\"auth\":{\"oidc\":{\"secret\":\"text\",\"oidcSecret\":{"
             "\"name\":\"\"}}}},"
             "\"list\":[{\"secretKeyRef\":{\"name\":\"o\",\"key\":\"p\",\"optional\":true}}]}}"));
    assert_int_equal(found.count, 4);
    assert_string_equal(found.items[0].path, "chart.credentialSecret");
    assert_int_equal(found.items[0].key_count, 0);
    assert_string_equal(found.items[1].secret, "b");
    assert_int_equal(found.items[1].key_count, 2);
    assert_string_equal(found.items[2].path, "values.global.licenseSecret");
    assert_string_equal(found.items[3].keys[0], "p");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_there),
        cmocka_unit_test(a_broken_level_is_an_error_without_its_text),
        cmocka_unit_test(says_why_the_operator_stops),
        cmocka_unit_test(only_the_specs_own_paths_override),
        cmocka_unit_test(the_first_chart_counts),
        cmocka_unit_test(knows_the_forms_of_a_chart),
        cmocka_unit_test(finds_references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
