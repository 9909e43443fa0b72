// SPDX-License-Identifier: Apache-2.0
// Which values no template looks at.
#include "codec/json.h"
#include "helm/values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char chart_yaml[] = "apiVersion: v2\nname: top\nversion: 1.0.0\ndependencies:\n"
                                 "- {name: low, version: 1.0.0, condition: low.enabled}\n"
                                 "- {name: low, alias: other, version: 1.0.0, tags: [others]}\n";
static const char low_yaml[] = "apiVersion: v2\nname: low\nversion: 1.0.0\n";
static const char low_template[] = "{{ .Values.image }}{{ .Values.global.host }}";

struct row {
    const char *template, *values, *unread;
};

static const struct row rows[] = {
    {"{{ .Values.a }}", "{\"a\":1,\"b\":2,\"c\":{\"d\":1}}", "{\"b\":2,\"c\":{\"d\":1}}"},
    // a map that is asked for is not yet what is in it; what is printed is
    {"{{ if .Values.a }}x{{ end }}", "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}"},
    {"{{ .Values.a.x }}", "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}"},
    {"{{ toYaml .Values.a }}", "{\"a\":{\"b\":{\"c\":1}}}", "{}"},
    {"{{ .Values.a }}", "{\"a\":{\"b\":{\"c\":1}}}", "{}"},
    {"{{ range $k, $v := .Values.a }}{{ $k }}{{ end }}", "{\"a\":{\"b\":1}}", "{}"},
    {"{{ range .Values.a }}{{ .x }}{{ end }}", "{\"a\":{\"b\":{\"x\":1,\"y\":2}}}",
     "{\"a\":{\"b\":{\"y\":2}}}"},
    // what prints all values tells nothing of any
    {"{{ toYaml . }}{{ toJson .Values | sha256sum }}{{ toYaml .Values.c }}", "{\"a\":1,\"c\":1}",
     "{\"a\":1}"},
    // through functions, copies and merges
    {"{{ dig \"a\" \"b\" 0 .Values.AsMap }}{{ get .Values \"c\" }}{{ hasKey .Values \"d\" }}",
     "{\"a\":{\"b\":1,\"e\":1},\"c\":1,\"d\":1}", "{\"a\":{\"e\":1}}"},
    {"{{ $m := merge (deepCopy .Values.a) .Values.b }}{{ $m.x }}{{ $m.y }}",
     "{\"a\":{\"x\":1,\"u\":1},\"b\":{\"y\":2,\"v\":2}}", "{\"a\":{\"u\":1},\"b\":{\"v\":2}}"},
    {"{{ $m := mergeOverwrite (dict) .Values.a .Values.b }}{{ $m.x }}", "{\"a\":{\"x\":1},\"b\":{\"x\":2}}",
     "{}"},
    {"{{ $m := omit .Values.a \"x\" }}{{ $m.y }}", "{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"x\":1}}"},
    // whatever conditions say
    {"{{ if .Values.a }}{{ .Values.b }}{{ else }}{{ .Values.c }}{{ end }}", "{\"a\":true,\"b\":1,\"c\":1}",
     "{}"},
    {"{{ with .Values.x }}{{ .y }}{{ else with .Values.c }}{{ .d }}{{ end }}", "{\"c\":{\"d\":1}}", "{}"},
    {"{{ if or true .Values.a }}{{ end }}{{ if and false .Values.b }}{{ end }}", "{\"a\":1,\"b\":1}", "{}"},
    {"{{ range .Values.none }}{{ $.Values.a }}{{ end }}", "{\"a\":1}", "{}"},
    {"{{ if false }}{{ $x := 1 }}{{ end }}{{ $x := .Values.a }}{{ if false }}{{ $x = .Values.c }}{{ end }}{{ "
     "$x.y }}",
     "{\"a\":{\"y\":1,\"z\":1},\"c\":{\"y\":2}}", "{\"a\":{\"z\":1},\"c\":{\"y\":2}}"},
    {"{{ define \"f\" }}{{ if .n }}{{ include \"f\" . }}{{ end }}{{ .root.Values.a }}{{ end }}"
     "{{ include \"f\" (dict \"root\" .) }}",
     "{\"a\":1}", "{}"},
    // what fails is passed over
    {"{{ fail .Values.a }}{{ $x := .Values.n.o.p }}{{ $x }}{{ .Values.b }}", "{\"a\":\"x\",\"b\":1}", "{}"},
    {"{{ required \"no\" .Values.n }}{{ if .Values.n.o.p }}{{ .Values.a }}{{ end }}{{ genPrivateKey \"x\" }}",
     "{\"a\":1}", "{}"},
    {"{{ with .Values.n.o.p }}{{ toYaml . }}{{ end }}", "{\"a\":1}", "{\"a\":1}"},
    {"{{ range $i, $v := 5 }}{{ end }}{{ .Values.a }}", "{\"a\":1}", "{}"},
    // dependencies, on or off, and their globals
    {"",
     "{\"low\":{\"enabled\":false,\"image\":1,\"imag\":1},\"other\":{\"image\":1},\"tags\":{\"others\":false}"
     "}",
     "{\"low\":{\"imag\":1},\"tags\":{\"others\":false}}"},
    {"", "{\"global\":{\"host\":1,\"hst\":1},\"low\":{\"global\":{\"x\":1}}}",
     "{\"global\":{\"hst\":1},\"low\":{\"global\":{\"x\":1}}}"},
};

static struct helm_chart *chart_with(struct call *call, const char *template) {
    struct helm_file files[] = {
        {"Chart.yaml", chart_yaml, sizeof chart_yaml - 1},
        {"templates/a.yaml", template, strlen(template)},
        {"charts/low/Chart.yaml", low_yaml, sizeof low_yaml - 1},
        {"charts/low/templates/a.yaml", low_template, sizeof low_template - 1},
    };
    struct helm_files all = {files, sizeof files / sizeof *files};
    struct helm_chart *chart;
    struct err err = err_in(call->arena);
    if (!helm_chart_load_files(call->arena, &all, HELM_4, &chart, &err))
        fail_msg("%s", err.msg);
    return chart;
}

static void unread(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct call call = call_in(arena);
        struct err err = err_in(arena);
        struct value given, found, want;
        assert_true(json_decode(arena, rows[i].values, strlen(rows[i].values), &given, &err));
        assert_true(json_decode(arena, rows[i].unread, strlen(rows[i].unread), &want, &err));
        if (!helm_values_unread(&call, chart_with(&call, rows[i].template), given, &found, &err))
            fail_msg("%s: %s", rows[i].template, err.msg);
        if (!value_equal(found, want))
            fail_msg("%s: %s", rows[i].template, json_text(arena, found));
    }
}

// The defaults of what a condition leaves out are known, too.
static void defaults_of_every_dependency(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct value found;
    struct helm_chart *chart = chart_with(&call, "");
    assert_true(helm_values_unread(&call, chart, value_map(arena, NULL, 0), &found, &err));
    assert_true(chart->dependency_count == 2 && value_len(found) == 0);
}

static void endless(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct value found;
    struct helm_chart *chart =
        chart_with(&call, "{{ range $i := until 100000 }}{{ range $j := until 100000 }}{{ end }}{{ end }}");
    assert_false(helm_values_unread(&call, chart, value_map(arena, NULL, 0), &found, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unread), cmocka_unit_test(defaults_of_every_dependency), cmocka_unit_test(endless)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
