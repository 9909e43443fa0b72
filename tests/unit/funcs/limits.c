// SPDX-License-Identifier: Apache-2.0
// Hostile templates end in an error, soon and in little memory.
#include "funcs/funcs.h"
#include "template/template.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum err_kind run_within(struct arena *arena, const char *text, uint64_t steps, const char **message) {
    struct template_options options = {
        .functions = funcs_find,
        .profile = TEMPLATE_HELM3,
        .limits = {.output = 1 << 20, .steps = steps, .memory = 256 << 20},
    };
    struct template_set *set = template_set_create(&options);
    struct err err = err_in(arena);
    struct buf out;
    buf_init(&out, arena);
    struct rmap *data = rmap_create(template_heap(set), 0);
    rmap_put(data, "self", rv_map(RT_MAP, data));
    bool ok = template_parse(set, "main", text, strlen(text), &err) &&
              template_execute(set, "main", rv_map(RT_MAP, data), &out, &err);
    *message = ok ? "" : arena_strdup(arena, err.msg);
    template_set_destroy(set);
    return ok ? ERR_NONE : err.kind;
}

static enum err_kind run(struct arena *arena, const char *text, const char **message) {
    return run_within(arena, text, 1000000, message);
}

static void expect_limit(const char *text) {
    SCRATCH_ARENA(arena);
    const char *message;
    enum err_kind kind = run(arena, text, &message);
    if (kind != ERR_LIMIT)
        fail_msg("%.60s: %s: %.300s", text, err_kind_name(kind), message);
}

static void loops_and_sizes_are_bounded(void **state) {
    (void)state;
    expect_limit("{{ range 1000000000 }}x{{ end }}");
    expect_limit("{{ range until 1000000000 }}x{{ end }}");
    expect_limit("{{ repeat 1000000000 \"x\" }}");
    expect_limit(
        "{{ range 100 }}{{ range 100 }}{{ range 100 }}{{ range 100 }}x{{ end }}{{ end }}{{ end }}{{ end }}");
    expect_limit("{{ $x := \"xxxxxxxxxxxxxxxx\" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}");
    expect_limit("{{ $x := list 1 }}{{ range 40 }}{{ $x = concat $x $x }}{{ end }}");
    expect_limit("{{ range 100000 }}{{ printf \"%1000000d\" 1 }}{{ end }}");
    expect_limit("{{ seq 1 1000000000 }}");
    expect_limit("{{ indent 1000000000 \"x\\ny\" }}");
}

static void values_that_hold_themselves_are_cut(void **state) {
    (void)state;
    expect_limit("{{ . }}");
    expect_limit("{{ toJson . }}");
    expect_limit("{{ toYaml . }}");
    expect_limit("{{ printf \"%v\" . }}");
    expect_limit("{{ quote . }}");
    expect_limit("{{ deepCopy . }}");
    expect_limit("{{ $a := dict }}{{ $_ := set $a \"x\" $a }}{{ $b := dict }}{{ $_ := set $b \"x\" $b }}"
                 "{{ deepEqual $a $b }}");
    expect_limit("{{ $a := dict }}{{ $_ := set $a \"x\" $a }}{{ $_ := set $a \"y\" $a }}{{ $a }}");
}

// Helm's own bound: 1000 nested includes of one name, deep in whatever else is open.
static void recursion_ends_in_helms_words(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const char *message;
    assert_int_equal(
        run(arena, "{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}", &message),
        ERR_INVALID);
    assert_non_null(
        strstr(message, "rendering template has a nested reference name: a: unable to execute template"));
    assert_int_equal(run(arena,
                         "{{ define \"a\" }}{{ if true }}{{ range list 1 }}{{ with 1 }}{{ include \"a\" "
                         "(print (print 1)) }}"
                         "{{ end }}{{ end }}{{ end }}{{ end }}{{ include \"a\" . }}",
                         &message),
                     ERR_INVALID);
    assert_non_null(strstr(message, "nested reference name: a"));
}

static void recursion_without_include_ends_too(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const char *message;
    run(arena, "{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}", &message);
    assert_true(strstr(message, "exceeded maximum template depth (100000)") || strstr(message, "too deeply"));
    expect_limit("{{ tpl \"{{ tpl .t . }}\" (dict \"t\" \"{{ tpl .t . }}\") }}");
}

static char *nested(struct arena *arena, const char *open, const char *middle, const char *close, int depth) {
    struct buf text;
    buf_init(&text, arena);
    for (int i = 0; i < depth; i++)
        buf_str(&text, open);
    buf_str(&text, middle);
    for (int i = 0; i < depth; i++)
        buf_str(&text, close);
    return buf_text(&text);
}

static void deep_texts_are_refused(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const char *message;
    const char *parens = arena_printf(arena, "{{ %s }}", nested(arena, "(", "1", ")", 100000));
    assert_int_equal(run(arena, parens, &message), ERR_INVALID);
    assert_non_null(strstr(message, "max expression depth exceeded"));
    assert_int_equal(run(arena, nested(arena, "{{ if 1 }}", "x", "{{ end }}", 100000), &message),
                     ERR_INVALID);
    assert_int_equal(run(arena, nested(arena, "{{ if 1 }}", "x", "{{ end }}", 900), &message), ERR_NONE);
    assert_int_equal(
        run(arena, arena_printf(arena, "{{ %s }}", nested(arena, "(print ", "1", ")", 900)), &message),
        ERR_NONE);
}

// ---- stacks ----

struct deepest {
    size_t stack; // of the thread
    int calls;    // of templates in each other
};

// At every 64th call of a template: an action as deep as one may be, and inside it the deepest text that
// any function decodes.
static void *run_deepest(void *argument) {
    const struct deepest *deepest = argument;
    SCRATCH_ARENA(arena);
    const char *message;
    const char *action = nested(arena, "(print ", "(len (fromJsonArray .t))", ")", 980);
    const char *text = arena_printf(
        arena,
        "{{ define \"a\" }}{{ if not (mod .n 64) }}{{ %s }}{{ end }}{{ if .n }}"
        "{{ template \"a\" (dict \"t\" .t \"n\" (sub .n 1)) }}{{ end }}{{ end }}"
        "{{ template \"a\" (dict \"t\" (print (repeat 9990 \"[\") (repeat 9990 \"]\")) \"n\" %d) }}",
        action, deepest->calls);
    assert_int_equal(run_within(arena, text, UINT64_MAX, &message), ERR_NONE);
    return NULL;
}

static void the_deepest_fits_whatever_the_stack(void **state) {
    (void)state;
    static const struct deepest rows[] = {{16 << 20, 7000}, {8 << 20, 400}, {2 << 20, 400}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        pthread_attr_t attr;
        pthread_t thread;
        pthread_attr_init(&attr);
        assert_int_equal(pthread_attr_setstacksize(&attr, rows[i].stack), 0);
        assert_int_equal(pthread_create(&thread, &attr, run_deepest, (void *)&rows[i]), 0);
        pthread_join(thread, NULL);
        pthread_attr_destroy(&attr);
    }
}

static void broken_text_is_text(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const char *message;
    assert_int_equal(
        run(arena, "\xff\xfe{{ \"\xff\" | quote }}{{ `\xc3` | upper | title | snakecase }}", &message),
        ERR_NONE);
    assert_int_equal(run(arena, "{{ \xff }}", &message), ERR_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops_and_sizes_are_bounded),
        cmocka_unit_test(values_that_hold_themselves_are_cut),
        cmocka_unit_test(recursion_ends_in_helms_words),
        cmocka_unit_test(recursion_without_include_ends_too),
        cmocka_unit_test(deep_texts_are_refused),
        cmocka_unit_test(the_deepest_fits_whatever_the_stack),
        cmocka_unit_test(broken_text_is_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
