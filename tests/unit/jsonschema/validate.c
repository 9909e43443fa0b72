// SPDX-License-Identifier: Apache-2.0
// Against golden files made by the validator inside Helm (tests/golden/jsonschema/generate), and
// against the JSON Schema test suite where it is installed.
#include "jsonschema/validate.h"
#include "files.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The validator tells members of an object in random order: lines are compared as a set.
static const char *sorted_lines(struct arena *arena, const char *text) {
    const char **lines = arena_array(arena, strlen(text) + 1, sizeof *lines);
    size_t count = 0;
    for (const char *at = text; *at;) {
        size_t len = strcspn(at, "\n");
        lines[count++] = arena_strndup(arena, at, len);
        at += len + (at[len] == '\n');
    }
    qsort(lines, count, sizeof *lines, by_text);
    struct buf out;
    buf_init(&out, arena);
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%s\n", lines[i]);
    return buf_text(&out);
}

static void check_case(struct value one, size_t number) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    const char *report, *wanted = value_dig_string(one, "report", NULL);
    const char *error = value_dig_string(one, "error", NULL);
    struct jsonschema_document schema = {value_get(one, "schema"), "file:///values.schema.json", NULL};
    bool ok = jsonschema_check(arena, &schema, value_get(one, "instance"), &report, &err);
    if (error && ok)
        fail_msg("%zu: %s\nwanted the error %s", number, json_text(arena, one), error);
    if (error)
        return;
    const char *got = !ok ? err.msg : report ? report : "";
    if (strcmp(sorted_lines(arena, got), sorted_lines(arena, wanted)) != 0)
        fail_msg("%zu: %s\nwanted\n%s\ngot\n%s", number, json_text(arena, one), wanted, got);
}

static void words_of_helm(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value cases = read_json(arena, TESTS_DIR "/golden/jsonschema/cases.json");
    assert_true(value_len(cases) > 100);
    for (size_t i = 0; i < value_len(cases); i++)
        check_case(value_at(cases, i), i);
}

static bool load(struct arena *arena, const char *path, struct value *out, struct err *err) {
    struct buf text;
    if (!read_if_there(arena, path, &text))
        return err_set(err, ERR_NOT_FOUND, "no such document");
    return json_decode(arena, buf_text(&text), text.len, out, err);
}

static bool from_own(void *user, struct arena *arena, const char *url, struct value *out, struct err *err) {
    static const char own[] = "file:///OWN/";
    (void)user;
    if (strncmp(url, own, strlen(own)) != 0)
        return err_set(err, ERR_NOT_FOUND, "no such document");
    return load(arena, arena_printf(arena, TESTS_DIR "/golden/jsonschema/own/%s", url + strlen(own)), out,
                err);
}

// malformed.json is made by generate-malformed beside it: texts and schemas that are none, and some that
// refer to the published metaschemas or to their own.
static void malformed_schemas(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value cases = read_json(arena, TESTS_DIR "/golden/jsonschema/malformed.json");
    assert_true(value_len(cases) > 30);
    for (size_t i = 0; i < value_len(cases); i++) {
        struct value one = value_at(cases, i);
        struct err err = err_in(arena);
        const char *report = NULL, *wanted = value_dig_string(one, "words", NULL);
        const struct jsonschema_loader loader = {from_own, NULL};
        struct value text = value_get(one, "text");
        struct jsonschema_document schema = {value_get(one, "schema"), "file:///values.schema.json", &loader};
        bool ok = jsonschema_check(arena, &schema, value_get(one, "instance"), &report, &err);
        const char *got = !ok ? err.msg : report ? report : "";
        if (value_has(one, "text"))
            got = json_problem(arena, value_get_string(text), value_len(text));
        if (strcmp(sorted_lines(arena, got), sorted_lines(arena, wanted)) != 0)
            fail_msg("%zu: %s\nwanted\n%s\ngot\n%s", i, json_text(arena, one), wanted, got);
    }
}

// A reference that names no host has none, in the words of Helm too.
static void names_what_it_would_load(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"file:/nowhere/../else.json#a", "failing loading \"file:/else.json\""},
        {"else where.json", "failing loading \"file:///else%20where.json\""},
        {"//h/../x", "failing loading \"file://h/x\""},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = err_in(arena);
        const char *report;
        struct value text = json(arena, arena_printf(arena, "{\"$ref\":\"%s\"}", cases[i][0]));
        struct jsonschema_document schema = {text, "file:///x.json", NULL};
        assert_false(jsonschema_check(arena, &schema, value_null(), &report, &err));
        if (!strstr(err.msg, cases[i][1]))
            fail_msg("%s: %s", cases[i][0], err.msg);
    }
}

static void order_is_that_of_keywords_and_names(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    const char *report;
    static const char s[] =
        "{\"required\":[\"z\"],\"minProperties\":9,\"properties\":{\"b\":{\"type\":\"string\"},\"a\":"
        "{\"minimum\":2,\"multipleOf\":5}}}";
    static const char v[] = "{\"a\":1,\"b\":2}";
    struct jsonschema_document schema = {json(arena, s), "file:///x.json", NULL};
    assert_true(jsonschema_check(arena, &schema, json(arena, v), &report, &err));
    assert_string_equal(report, "- at '': minProperties: got 2, want 9\n"
                                "- at '': missing property 'z'\n"
                                "- at '/a': validation failed\n"
                                "  - at '/a': minimum: got 1, want 2\n"
                                "  - at '/a': multipleOf: got 1, want 5\n"
                                "- at '/b': got number, want string");
}

static bool from_suite(void *user, struct arena *arena, const char *url, struct value *out, struct err *err) {
    (void)user;
    static const char remote[] = "http://localhost:1234/";
    if (strncmp(url, remote, strlen(remote)) != 0)
        return err_set(err, ERR_NOT_FOUND, "no such document");
    return load(arena,
                arena_printf(arena, "/usr/share/json-schema-test-suite/remotes/%s", url + strlen(remote)),
                out, err);
}

// A draft's folder in the test suite and its own name.
static const struct draft {
    const char *folder, *schema;
} DRAFTS[] = {
    {"draft4", "http://json-schema.org/draft-04/schema#"},
    {"draft6", "http://json-schema.org/draft-06/schema#"},
    {"draft7", "http://json-schema.org/draft-07/schema#"},
};

static bool run_suite_test(struct arena *arena, struct value schema, struct value test, const char *title) {
    struct err err = err_in(arena);
    const char *report = NULL;
    struct jsonschema_loader loader = {.load = from_suite};
    struct jsonschema_document document = {schema, "file:///schema.json", &loader};
    bool ok = jsonschema_check(arena, &document, value_get(test, "data"), &report, &err);
    if (ok && value_get_bool(value_get(test, "valid")) == !report)
        return true;
    print_message("%s: %s: %s\n", title, value_dig_string(test, "description", NULL),
                  !ok      ? err.msg
                  : report ? report
                           : "valid");
    return false;
}

// Returns how many tests of the file came out differently.
static size_t run_suite_file(const struct draft *draft, const char *name) {
    SCRATCH_ARENA(arena);
    struct buf text;
    size_t wrong = 0;
    const char *path =
        arena_printf(arena, "/usr/share/json-schema-test-suite/tests/%s/%s.json", draft->folder, name);
    if (!read_if_there(arena, path, &text))
        return 0;
    struct value groups = json(arena, buf_text(&text));
    for (size_t i = 0; i < value_len(groups); i++) {
        struct value group = value_at(groups, i), tests = value_get(group, "tests");
        struct value schema = value_get(group, "schema");
        if (value_kind(schema) == VALUE_MAP && !value_has(schema, "$schema"))
            schema = value_with(arena, schema, "$schema", value_string_ref(draft->schema));
        const char *title = arena_printf(arena, "%s/%s: %s", draft->folder, name,
                                         value_dig_string(group, "description", NULL));
        for (size_t j = 0; j < value_len(tests); j++)
            wrong += !run_suite_test(arena, schema, value_at(tests, j), title);
    }
    return wrong;
}

static void published_suite(void **state) {
    (void)state;
    static const char *const names[] = {
        "additionalItems",
        "additionalProperties",
        "allOf",
        "anyOf",
        "boolean_schema",
        "const",
        "contains",
        "default",
        "dependencies",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "if-then-else",
        "infinite-loop-detection",
        "items",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "not",
        "oneOf",
        "pattern",
        "patternProperties",
        "properties",
        "propertyNames",
        "ref",
        "refRemote",
        "required",
        "type",
        "uniqueItems",
    };
    size_t wrong = 0;
    // Debian's json-schema-test-suite, which tests/setup installs; a draft has not every file, but each has
    // this one.
    for (size_t i = 0; i < sizeof DRAFTS / sizeof *DRAFTS; i++) {
        char path[256];
        snprintf(path, sizeof path, "/usr/share/json-schema-test-suite/tests/%s/type.json", DRAFTS[i].folder);
        assert_int_equal(access(path, R_OK), 0);
    }
    for (size_t i = 0; i < sizeof DRAFTS / sizeof *DRAFTS; i++)
        for (size_t j = 0; j < sizeof names / sizeof *names; j++)
            wrong += run_suite_file(&DRAFTS[i], names[j]);
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_helm),
        cmocka_unit_test(malformed_schemas),
        cmocka_unit_test(names_what_it_would_load),
        cmocka_unit_test(order_is_that_of_keywords_and_names),
        cmocka_unit_test(published_suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
