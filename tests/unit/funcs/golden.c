// SPDX-License-Identifier: Apache-2.0
// Every case of tests/golden/template/cases/*.golden.json, against what real Helm made of it.
#include "codec/yaml.h"
#include "files.h"
#include "funcs/funcs.h"
#include "template/template.h"

#include <glob.h>
#include <stdint.h>
#include <string.h>

enum { SHOWN_MAX = 40 };

static struct rv scope(struct arena *arena, struct template_set *set, struct value test,
                       enum template_profile profile) {
    struct rheap *heap = template_heap(set);
    enum rv_type values_type = profile == TEMPLATE_HELM3 ? RT_VALUES3 : RT_VALUES4;
    struct rmap *map = rmap_create(heap, 4), *release = rmap_create(heap, 8), *self = rmap_create(heap, 2);
    struct value values = value_map(arena, NULL, 0);
    struct err err = err_in(arena);
    const char *text = value_dig_string(test, "values", NULL);
    if (text && !yaml_decode(arena, text, strlen(text), YAML_NUMBERS_FLOAT64, &values, &err))
        fail_msg("%s: %s", text, err.msg);
    rmap_put(map, "Values", rv_map(values_type, rv_from_value(heap, values).u.map));
    rmap_put(release, "Name", rv_literal("rel"));
    rmap_put(release, "Namespace", rv_literal("ns"));
    rmap_put(release, "Revision", rv_int(1));
    rmap_put(release, "IsInstall", rv_bool(true));
    rmap_put(release, "Service", rv_literal("Helm"));
    rmap_put(map, "Release", rv_map(RT_MAP, release));
    rmap_put(self, "Name", rv_literal("c/templates/main"));
    rmap_put(self, "BasePath", rv_literal("c/templates"));
    rmap_put(map, "Template", rv_map(values_type, self));
    return rv_map(RT_MAP, map);
}

static bool parse_all(struct arena *arena, struct template_set *set, struct value test, struct err *err) {
    struct value files = value_get(test, "files"), text = value_get(test, "template");
    (void)arena;
    for (size_t i = 0; i < value_len(files); i++) {
        const struct value_entry *entry = value_entry_at(files, i);
        if (!template_parse(set, entry->key, value_get_string(entry->value), value_len(entry->value), err))
            return false;
    }
    return template_parse(set, "main", value_get_string(text), value_len(text), err);
}

// True when the case gives what Helm gave; prints the difference otherwise.
static bool run_case(const char *topic, size_t index, struct value test, enum template_profile profile,
                     bool show) {
    SCRATCH_ARENA(arena);
    struct value want =
        value_get(test, profile == TEMPLATE_HELM4 && value_has(test, "helm4") ? "helm4" : "helm3");
    struct template_options options = {.functions = funcs_find,
                                       .profile = profile,
                                       .strict = value_get_bool(value_get(test, "strict")),
                                       .lint = value_get_bool(value_get(test, "lint"))};
    struct template_set *set = template_set_create(&options);
    struct err err = err_in(arena);
    struct buf out;
    buf_init(&out, arena);
    bool ok = parse_all(arena, set, test, &err) &&
              template_execute(set, "main", scope(arena, set, test, profile), &out, &err);
    const char *expected = value_dig_string(want, ok ? "output" : "error", NULL);
    const char *got = ok ? buf_text(&out) : err.msg;
    bool same = expected && strcmp(expected, got) == 0;
    template_set_destroy(set);
    if (!same && show) {
        const char *output = value_dig_string(want, "output", NULL),
                   *error = value_dig_string(want, "error", NULL);
        print_message("%s[%zu] helm%d: %s\n  want %s: %s\n  got  %s: %s\n", topic, index, profile,
                      value_dig_string(test, "template", NULL), output ? "output" : "error",
                      output ? output : error, ok ? "output" : "error", got);
    }
    return same;
}

static void run_topic(const char *path, size_t *cases, size_t *failed) {
    SCRATCH_ARENA(arena);
    struct value tests = read_json(arena, path);
    const char *topic = strrchr(path, '/') + 1;
    for (size_t i = 0; i < value_len(tests); i++) {
        *failed += !run_case(topic, i, value_at(tests, i), TEMPLATE_HELM3, *failed < SHOWN_MAX);
        *failed += !run_case(topic, i, value_at(tests, i), TEMPLATE_HELM4, *failed < SHOWN_MAX);
        *cases += 1;
    }
}

// GOLDEN=topic runs that one only.
static void every_golden_case_renders_as_helm_does(void **state) {
    (void)state;
    const char *only = getenv("GOLDEN");
    char pattern[4096];
    snprintf(pattern, sizeof pattern, TESTS_DIR "/golden/template/cases/%s.golden.json", only ? only : "*");
    glob_t found;
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    size_t cases = 0, failed = 0;
    for (size_t i = 0; i < found.gl_pathc; i++)
        run_topic(found.gl_pathv[i], &cases, &failed);
    globfree(&found);
    print_message("%zu cases, both profiles, %zu differences\n", cases, failed);
    assert_int_equal(failed, 0);
    assert_true(only || cases >= 1);
}

int main(void) {
    setenv("TZ", "UTC", 1); // as the goldens were made
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_golden_case_renders_as_helm_does)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
