// SPDX-License-Identifier: Apache-2.0
// Renders tests/golden/charts and compares with what helm 3.20.1 and 4.3.1 printed, byte for byte.
// GOLDEN=word runs only the cases whose name contains it.
#include "base/file.h"
#include "files.h"
#include "helm/render.h"

#include <string.h>
#include <unistd.h>

#define CHARTS TESTS_DIR "/golden/charts"

struct inputs {
    struct helm_input items[16];
    size_t count;
};

static bool read_named(struct call *call, const char *name, const char **text, size_t *len, struct err *err) {
    struct buf file;
    buf_init(&file, call->arena);
    bool ok = file_read(name, HELM_CHART_LIMIT, &file, err);
    *text = buf_text(&file);
    *len = file.len;
    return ok;
}

static void add_inputs(struct arena *arena, struct value item, const char *key, enum helm_input_kind kind,
                       struct inputs *inputs) {
    struct value list = value_get(item, key);
    for (size_t i = 0; i < value_len(list); i++) {
        const char *text = value_get_string(value_at(list, i));
        struct helm_input input = {.kind = kind, .name = text, .text = text, .read = read_named};
        struct buf file;
        if (kind == HELM_INPUT_FILE) {
            file = read_file(arena, text);
            input.text = buf_text(&file);
            input.len = file.len;
        }
        inputs->items[inputs->count++] = input;
    }
}

static const char *const *texts(struct arena *arena, struct value list) {
    const char **out = arena_array(arena, value_len(list) + 1, sizeof *out);
    for (size_t i = 0; i < value_len(list); i++)
        out[i] = value_get_string(value_at(list, i));
    return out;
}

static bool render(struct call *call, struct value item, enum helm_profile profile, const char *chart_path,
                   struct buf *out, struct err *err) {
    static const char *const keys[] = {"values", "set_json", "set", "set_string", "set_file", "set_literal"};
    static const enum helm_input_kind kinds[] = {HELM_INPUT_FILE,     HELM_INPUT_SET_JSON,
                                                 HELM_INPUT_SET,      HELM_INPUT_SET_STRING,
                                                 HELM_INPUT_SET_FILE, HELM_INPUT_SET_LITERAL};
    struct arena *arena = call->arena;
    struct inputs inputs = {.count = 0};
    struct value user, apis = value_get(item, "api_versions"), shown = value_get(item, "show_only");
    struct helm_chart *chart;
    struct helm_rendered rendered;
    for (size_t i = 0; i < 6; i++)
        add_inputs(arena, item, keys[i], kinds[i], &inputs);
    struct helm_render_options options = {
        .release_name = "golden",
        .namespace = value_get_string(value_get(item, "namespace")),
        .is_upgrade = value_get_bool(value_get(item, "is_upgrade")),
        .skip_schema = value_get_bool(value_get(item, "skip_schema")),
        .capabilities = {.kube_version = value_get_string(value_get(item, "kube_version")),
                         .extra_api_versions = texts(arena, apis),
                         .extra_api_version_count = value_len(apis)},
    };
    struct helm_print_options print = {
        .include_crds = value_get_bool(value_get(item, "include_crds")),
        .no_hooks = value_get_bool(value_get(item, "no_hooks")),
        .skip_tests = value_get_bool(value_get(item, "skip_tests")),
        .show_only = texts(arena, shown),
        .show_only_count = value_len(shown),
    };
    return helm_kube_version_check(arena, profile, options.capabilities.kube_version, err) &&
           helm_values_compose(call, inputs.items, inputs.count, profile, &user, err) &&
           helm_chart_load(call, chart_path, profile, &chart, err) &&
           helm_chart_check_installable(chart, err) && helm_chart_check_dependencies(arena, chart, err) &&
           helm_render(call, chart, user, &options, &rendered, err) &&
           helm_render_print(&rendered, profile, &print, out, err);
}

static const char *replaced(struct arena *arena, const char *text, const char *what, const char *with) {
    struct buf out;
    buf_init(&out, arena);
    for (const char *hit; (hit = strstr(text, what)); text = hit + strlen(what)) {
        buf_add(&out, text, (size_t)(hit - text));
        buf_str(&out, with);
    }
    buf_str(&out, text);
    return buf_text(&out);
}

static const char *outcome(struct call *call, struct value item, enum helm_profile profile) {
    const char *path = arena_printf(call->arena, CHARTS "/%s", value_get_string(value_get(item, "chart")));
    struct err err = err_in(call->arena);
    struct buf out;
    buf_init(&out, call->arena);
    assert_int_equal(chdir(path), 0);
    if (render(call, item, profile, path, &out, &err))
        return buf_text(&out);
    size_t len = strlen(err.msg);
    while (len && err.msg[len - 1] == '\n')
        len--;
    return replaced(call->arena, arena_printf(call->arena, "Error: %.*s", (int)len, err.msg), path, "CHART");
}

static const char *expected(struct arena *arena, const char *name, enum helm_profile profile) {
    struct buf text;
    if (!read_if_there(arena, arena_printf(arena, CHARTS "/expected/%s.txt", name), &text) &&
        !read_if_there(arena, arena_printf(arena, CHARTS "/expected/%s.%d.txt", name, profile), &text))
        return NULL;
    const char *all = buf_text(&text);
    size_t len = text.len;
    while (!strncmp(all, "Error: ", 7) && len && all[len - 1] == '\n')
        len--;
    return arena_strndup(arena, all, len);
}

static void show_difference(const char *name, int profile, const char *wanted, const char *found) {
    size_t at = 0, line = 1, start = 0;
    for (; wanted[at] && wanted[at] == found[at]; at++)
        if (wanted[at] == '\n')
            line++, start = at + 1;
    print_error("%s, profile %d, line %zu\n  helm: %.*s\n  ours: %.*s\n", name, profile, line,
                (int)strcspn(wanted + start, "\n"), wanted + start, (int)strcspn(found + start, "\n"),
                found + start);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The same lines, sorted: for what helm prints in the order of a Go map.
static const char *sorted_lines(struct arena *arena, const char *text) {
    const char **lines = arena_array(arena, strlen(text) + 1, sizeof *lines);
    size_t count = 0;
    struct buf out;
    buf_init(&out, arena);
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
        lines[count++] = arena_strndup(arena, text, strcspn(text, "\n"));
    qsort(lines, count, sizeof *lines, by_text);
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%s\n", lines[i]);
    return buf_text(&out);
}

static int run_case(struct value item, enum helm_profile profile) {
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    const char *name = value_get_string(value_get(item, "name"));
    const char *wanted = expected(arena, name, profile);
    assert_non_null(wanted);
    const char *found = outcome(&call, item, profile);
    if (value_get_bool(value_get(item, "unordered"))) {
        wanted = sorted_lines(arena, wanted);
        found = sorted_lines(arena, found);
    }
    if (!strcmp(wanted, found))
        return 0;
    show_difference(name, profile, wanted, found);
    return 1;
}

static void charts(void **state) {
    SCRATCH_ARENA(arena);
    struct value cases = read_json(arena, CHARTS "/cases.json");
    const char *word = getenv("GOLDEN");
    int different = 0, ran = 0;
    (void)state;
    for (size_t i = 0; i < value_len(cases); i++) {
        const char *name = value_get_string(value_get(value_at(cases, i), "name"));
        for (int profile = 3; profile <= 4 && (!word || strstr(name, word)); profile++, ran++)
            different += run_case(value_at(cases, i), (enum helm_profile)profile);
    }
    print_message("%d renderings, %d different\n", ran, different);
    assert_int_equal(different, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(charts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
