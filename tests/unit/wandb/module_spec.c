// SPDX-License-Identifier: Apache-2.0
#include "wandb/module_spec.h"
#include "codec/yaml.h"
#include "files.h"
#include "helm/values.h"

#include <string.h>

static void splits(struct arena *arena, struct value spec, const struct type *type, const char *plain,
                   const char *secrets) {
    struct value p, s;
    module_spec_split(arena, spec, type, &p, &s);
    if (plain)
        assert_string_equal(json_text(arena, p), plain);
    assert_string_equal(json_text(arena, s), secrets);
}

static void texts_arrive_as_helm_hands_them_on(void **state) {
    (void)state;
    static const struct {
        const char *text, *arrived;
    } cases[] = {
        {"10.0.0.0/8\\,192.168.0.0/16\n", "10.0.0.0/8,192.168.0.0/16\n"},
        {"[{\\\"HTTPS\\\": 443}]", "[{\"HTTPS\": 443}]"},
        {"a\\\\b", "a\\b"},
        {"a\\nb", "a\nb"},
        {"one\\\\two\nlines", "one\\two\nlines"},
        // none of these gets through Helm; they are what they seem
        {"a\\,b", "a,b"},
        {"a,b", "a,b"},
        {"C:\\dir", "C:\\dir"},
        {"say \"x\"", "say \"x\""},
        {"say \"x\\\"", "say \"x\""},
        {"ends in \\", "ends in \\"},
        {"\nends in \\", "\nends in \\"},
        {"", ""},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value_entry in[] = {{"k", value_string(arena, cases[i].text)}};
        struct value out = module_spec_unescaped(arena, value_map(arena, in, 1));
        assert_string_equal(value_dig_string(out, "k", NULL), cases[i].arrived);
    }
}

static void keys_lists_and_the_rest(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value in =
        json(arena, "{\"a\\\\\\\"b\":[\"x\\\\\\\"\",1,null,true,{\"n\":\"y\\\\\\\\\"}],\"f\":1.5}");
    assert_string_equal(json_text(arena, module_spec_unescaped(arena, in)),
                        "{\"a\\\"b\":[\"x\\\"\",1,null,true,{\"n\":\"y\\\\\"}],\"f\":1.5}");
}

static struct value read_spec(struct arena *arena, const char *cloud) {
    struct buf text =
        read_file(arena, arena_printf(arena, TESTS_DIR "/unit/wandb/module_spec/%s.yaml", cloud));
    struct err err = err_in(arena);
    struct value spec;
    if (!yaml_decode(arena, buf_text(&text), text.len, YAML_NUMBERS_EXACT, &spec, &err))
        fail_msg("%s", err.msg);
    return spec;
}

static void the_three_clouds(void **state) {
    (void)state;
    static const char *const clouds[][2] = {
        {"aws", "{\"values\":{\"global\":{\"license\":\"planted.license.aws\",\"mysql\":{\"password\":"
                "\"planted-mysql-aws\"}}}}"},
        {"google", "{\"values\":{\"global\":{\"extraEnv\":{\"OIDC_SECRET\":\"planted-oidc\"},\"license\":"
                   "\"planted.license.google\",\"mysql\":{\"password\":\"planted-mysql-google\"},\"redis\":{"
                   "\"password\":\"planted-redis\"}}}}"},
        {"azure", "{\"values\":{\"global\":{\"defaultBucket\":{\"accessKey\":\"planted-key\"},\"license\":"
                  "\"planted.license.azure\",\"mysql\":{\"password\":\"planted-mysql-azure\"},\"redis\":{"
                  "\"password\":\"planted-redis\"}}}}"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof clouds / sizeof *clouds; i++) {
        struct value spec = module_spec_unescaped(arena, read_spec(arena, clouds[i][0])), plain, secrets;
        module_spec_split(arena, spec, NULL, &plain, &secrets);
        assert_string_equal(json_text(arena, secrets), clouds[i][1]);
        assert_null(strstr(json_text(arena, plain), "planted"));
        assert_true(value_equal(helm_values_merge(arena, plain, secrets), spec));
        assert_true(value_len(value_dig(plain, "values", NULL)) ==
                    value_len(value_dig(spec, "values", NULL)));
    }
}

static void each_value_has_one_place(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"{\"a\":{\"password\":\"x\"}}", "{\"a\":{}}", "{\"a\":{\"password\":\"x\"}}"},
        {"{\"password\":\"\"}", "{}", "{\"password\":\"\"}"},
        {"{\"password\":null}", "{}", "{\"password\":null}"},
        {"{\"password\":12}", "{}", "{\"password\":12}"},
        {"{\"password\":true}", "{\"password\":true}", "{}"},
        {"{\"password\":{\"secretName\":\"s\"}}", "{\"password\":{\"secretName\":\"s\"}}", "{}"},
        {"{\"host\":null}", "{\"host\":null}", "{}"},
        {"{\"url\":\"redis://:x@h\"}", "{}", "{\"url\":\"redis://:x@h\"}"},
        {"{\"passwords\":[\"a\",\"b\"]}", "{}", "{\"passwords\":[\"a\",\"b\"]}"},
        {"{\"passwords\":[]}", "{\"passwords\":[]}", "{}"},
        {"{\"l\":[{\"n\":1},{\"token\":\"x\"}]}", "{}", "{\"l\":[{\"n\":1},{\"token\":\"x\"}]}"},
        {"{\"env\":[{\"name\":\"A_KEY\",\"value\":\"x\"}]}", "{}",
         "{\"env\":[{\"name\":\"A_KEY\",\"value\":\"x\"}]}"},
        {"{\"env\":[{\"name\":\"A\",\"value\":\"x\"}]}", "{\"env\":[{\"name\":\"A\",\"value\":\"x\"}]}",
         "{}"},
        {"{}", "{}", "{}"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        splits(arena, json(arena, cases[i][0]), NULL, cases[i][1], cases[i][2]);
}

static bool is_unknown(struct value v) {
    return value_kind(v) == VALUE_UNKNOWN;
}

// Where a part goes must not depend on whether it is known already, or the plan would not be kept.
static void unknown_parts_go_where_they_belong(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const struct type *map = type_of_elements(arena, TYPE_MAP, &type_string);
    struct type_attr attrs[] = {{"host", &type_string},
                                {"license", &type_string},
                                {"token", &type_bool},
                                {"extraEnv", map},
                                {"any", &type_dynamic},
                                {"secret", &type_dynamic},
                                {"ports", type_of_elements(arena, TYPE_LIST, &type_string)}};
    const struct type *type = type_object(arena, attrs, sizeof attrs / sizeof *attrs);
    struct value_entry entries[sizeof attrs / sizeof *attrs];
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++)
        entries[i] = (struct value_entry){attrs[i].name, value_unknown()};
    struct value plain, secrets, spec = value_map(arena, entries, sizeof attrs / sizeof *attrs);
    module_spec_split(arena, module_spec_unescaped(arena, spec), type, &plain, &secrets);
    static const struct {
        const char *name;
        bool plain, secret;
    } places[] = {{"host", true, false},    {"license", false, true}, {"token", true, false},
                  {"extraEnv", true, true}, {"any", true, true},      {"secret", false, true},
                  {"ports", true, false}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        assert_true(is_unknown(value_get(plain, places[i].name)) == places[i].plain);
        assert_true(is_unknown(value_get(secrets, places[i].name)) == places[i].secret);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_arrive_as_helm_hands_them_on),
        cmocka_unit_test(keys_lists_and_the_rest),
        cmocka_unit_test(the_three_clouds),
        cmocka_unit_test(each_value_has_one_place),
        cmocka_unit_test(unknown_parts_go_where_they_belong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
