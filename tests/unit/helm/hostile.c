// SPDX-License-Identifier: Apache-2.0
// Charts made to hurt: each ends in an error that says what is wrong, in bounded time and memory.
#include "codec/archive.h"
#include "files.h"
#include "funcs/decimal.h"
#include "go/semver.h"
#include "helm/render.h"
#include "template/fmt.h"
#include "template/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

// --- archives ---

static void add_entry(struct buf *tar, const char *name, char type, const char *text) {
    char header[512] = {0};
    size_t len = strlen(text);
    unsigned sum = 0;
    snprintf(header, 100, "%s", name);
    memcpy(header + 100, "0000644", 8);
    snprintf(header + 124, 12, "%011o", (unsigned)(len & 0777));
    memset(header + 148, ' ', 8);
    header[156] = type;
    memcpy(header + 257,
           "ustar\0"
           "00",
           8);
    if (type == '2')
        memcpy(header + 157, "/etc/passwd", 11);
    for (size_t i = 0; i < sizeof header; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 8, "%06o", sum);
    buf_add(tar, header, sizeof header);
    buf_str(tar, text);
    buf_fill(tar, '\0', (512 - len % 512) % 512);
}

static const char *load_archive(struct arena *arena, const char *name, char type) {
    struct buf tar, tgz;
    struct err err = err_in(arena);
    struct helm_chart *chart;
    buf_init(&tar, arena);
    buf_init(&tgz, arena);
    add_entry(&tar, "a/Chart.yaml", '0', "{apiVersion: v2, name: a, version: 1.0.0}");
    add_entry(&tar, name, type, type == '2' ? "" : "x");
    buf_fill(&tar, '\0', 1024);
    assert_true(gzip_encode(arena, buf_text(&tar), tar.len, &tgz, &err));
    return helm_chart_load_tgz(arena, cursor_over(buf_text(&tgz), tgz.len), HELM_3, &chart, &err) ? "fine"
                                                                                                  : err.msg;
}

static void archives(void **state) {
    static const struct {
        const char *name;
        char type;
        const char *part; // of the message
    } rows[] = {
        {"a/templates/x.yaml", '0', "fine"},
        {"a/../../etc/passwd", '0', "chart illegally references parent directory"},
        {"a/..", '0', "chart illegally references parent directory"},
        {"a//etc/passwd", '0', "chart illegally contains absolute paths"},
        {"a", '0', "chart illegally contains content outside the base directory: \"a\""},
        {"a/c:/x", '0', "chart contains illegally named files"},
        {"Chart.yaml", '0', "chart yaml not in base directory"},
        {"a\\..\\x", '0', "chart illegally references parent directory"},
        {"a/link", '2', "link"},
        {"a/device", '3', "device"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        const char *message = load_archive(arena, rows[i].name, rows[i].type);
        if (!strstr(message, rows[i].part))
            fail_msg("%s: %s", rows[i].name, message);
    }
}

static void gzip_bombs(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct helm_chart *chart;
    struct buf tgz;
    size_t size = (size_t)128 << 20;
    char *zeros = arena_alloc(arena, size);
    buf_init(&tgz, arena);
    assert_true(gzip_encode(arena, zeros, size, &tgz, &err));
    assert_false(helm_chart_load_tgz(arena, cursor_over(buf_text(&tgz), tgz.len), HELM_3, &chart, &err));
    assert_non_null(err.msg);
}

// --- folders ---

static void links_in_a_circle(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct helm_chart *chart;
    char folder[] = "/tmp/hostile-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *link = arena_printf(arena, "%s/again", folder);
    assert_int_equal(symlink(folder, link), 0);
    assert_false(helm_chart_load(&call, folder, HELM_3, &chart, &err));
    assert_non_null(
        strstr(err.msg, "link")); // our bound on depth or the kernel's on links, whichever comes first
    unlink(link);
    rmdir(folder);
}

// Helm names what is missing behind a link, not the link.
static void a_link_to_nothing(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct helm_chart *chart;
    char folder[] = "/tmp/hostile-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *link = arena_printf(arena, "%s/link", folder);
    assert_int_equal(symlink("none/deeper", link), 0);
    assert_false(helm_chart_load(&call, folder, HELM_3, &chart, &err));
    assert_string_equal(
        err.msg, arena_printf(arena, "error evaluating symlink %s: lstat %s/none: no such file or directory",
                              link, folder));
    unlink(link);
    rmdir(folder);
}

// --- templates and values ---

struct bomb {
    const char *name, *text;
    const char *part;
};

static const char *render_bytes(struct arena *arena, const char *name, const char *text, size_t len,
                                enum err_kind *kind) {
    struct helm_file items[] = {{"Chart.yaml", "{apiVersion: v2, name: a, version: 1.0.0}", 41},
                                {name, text, len}};
    struct helm_files files = {items, 2};
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct helm_chart *chart;
    struct helm_rendered rendered;
    struct helm_render_options options = {.release_name = "bomb"};
    bool fine = helm_chart_load_files(arena, &files, HELM_3, &chart, &err) &&
                helm_render(&call, chart, value_null(), &options, &rendered, &err);
    *kind = err.kind;
    return fine ? "fine" : err.msg;
}

static const char *render(struct arena *arena, const struct bomb *bomb, enum err_kind *kind) {
    return render_bytes(arena, bomb->name, bomb->text, strlen(bomb->text), kind);
}

static void bombs(void **state) {
    static const struct bomb rows[] = {
        {"templates/a.yaml", "{{ range until 1000000000 }}{{ end }}", "limit"},
        {"templates/a.yaml", "{{ repeat 1000000000 `0123456789` }}", "limit"},
        {"templates/a.yaml", "{{ define `r` }}{{ include `r` . }}{{ end }}{{ include `r` . }}",
         "nested reference name: r"},
        {"templates/a.yaml", "{{ define `t` }}{{ template `t` . }}{{ end }}{{ template `t` . }}",
         "exceeded maximum template depth"},
        {"templates/a.yaml", "{{ $t := `{{ tpl .t . }}` }}{{ tpl $t (dict `t` $t) }}", ""},
        {"templates/a.yaml", "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}", "limit"},
        {"values.yaml",
         "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c "
         "[*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
         "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f "
         "[*e,*e,*e,*e,*e,*e,*e,*e]\n"
         "g: &g [*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g]\n",
         "values.yaml"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        enum err_kind kind;
        int64_t started = call_now();
        const char *message = render(arena, &rows[i], &kind);
        if (kind == ERR_NONE || (!strstr(message, rows[i].part) && kind != ERR_LIMIT))
            fail_msg("%.60s: %.300s", rows[i].text, message);
        assert_true(call_now() - started < 60000);
    }
}

// A million keys in values or in globals take linear time.
static void many_keys(void **state) {
    static const char *const parents[] = {"global", "table"};
    (void)state;
    for (size_t which = 0; which < 2; which++) {
        SCRATCH_ARENA(arena);
        struct buf text;
        enum err_kind kind;
        buf_init(&text, arena);
        buf_printf(&text, "%s:\n", parents[which]);
        for (int i = 0; i < 1000000; i++)
            buf_printf(&text, "  k%d: %d\n", i, i);
        struct bomb bomb = {"values.yaml", buf_text(&text), ""};
        int64_t started = call_now();
        assert_string_equal(render(arena, &bomb, &kind), "fine");
        assert_true(call_now() - started < 30000);
    }
}

static const char *nested(struct arena *arena, const char *open, const char *middle, const char *close,
                          int depth) {
    struct buf text;
    buf_init(&text, arena);
    for (int i = 0; i < depth; i++)
        buf_str(&text, open);
    buf_str(&text, middle);
    for (int i = 0; i < depth; i++)
        buf_str(&text, close);
    return buf_text(&text);
}

// However a file of the chart nests, it is refused by a bound, never by the end of the stack.
static void deep_nesting(void **state) {
    static const struct {
        const char *file, *head, *open, *middle, *close;
    } rows[] = {
        {"values.yaml", "a: ", "[", "1", "]"},
        {"values.yaml", "a: ", "{a: ", "1", "}"},
        {"values.yaml", "", "- ", "1", ""},
        {"values.yaml", "", "? ", "1", ""},
        {"values.schema.json", "{\"default\": ", "[", "1", "]"},
        {"values.schema.json", "", "{\"not\": ", "true", "}"},
        {"templates/a.yaml", "", "{{ if 1 }}", "x", "{{ end }}"},
        {"templates/a.yaml", "{{ fromYaml `a: ", "[", "1", "]` | toYaml }}"},
        {"templates/a.yaml", "{{ ", "(", "1", ")"},
        {"templates/a.yaml", "{{ regexMatch `", "(", "a", ")` `a` }}"},
        {"Chart.yaml", "apiVersion: ", "[", "1", "]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        enum err_kind kind;
        int64_t started = call_now();
        const char *text = arena_printf(arena, "%s%s", rows[i].head,
                                        nested(arena, rows[i].open, rows[i].middle, rows[i].close, 100000));
        render(arena, &(struct bomb){rows[i].file, text, ""}, &kind);
        (void)kind; // some may be fine: what counts is that it ends
        assert_true(call_now() - started < 10000);
    }
}

// What is no text is refused where helm refuses it, in its words, and kept where helm keeps it.
static void broken_text(void **state) {
    static const struct {
        const char *file, *text;
        size_t len;
        const char *part;
    } rows[] = {
        {"values.yaml", "a: \"x\0y\"\n", 9, "control characters are not allowed"},
        {"values.yaml", "a: \xff\xfe\n", 6, "invalid"},
        {"values.yaml", "a: \xc3\n", 5, "invalid trailing UTF-8 octet"},
        {"values.yaml", "a: \xc3", 4, "incomplete UTF-8 octet sequence"},
        {"values.yaml", "a: \xed\xa0\x80\n", 7, "invalid"},
        {"Chart.yaml", "apiVersion: \0", 13, "control characters are not allowed"},
        {"templates/a.yaml", "{{ \0 }}", 7, "parse error at (a/templates/a.yaml:1): U+0000"},
        {"templates/a.yaml", "{{ \xff }}", 8, "parse error at (a/templates/a.yaml:1): U+FFFD"},
        {"templates/a.yaml", "a: b\n# \0\n", 9, "control characters are not allowed"},
        {"templates/a.yaml", "a: {{ `\0` }}\n", 13, "control characters are not allowed"},
        {"templates/a.yaml", "a: b\n---\nc: \xff\n", 14, "invalid leading UTF-8 octet"},
        {"templates/NOTES.txt", "a: \0\xff\n", 6, "fine"},
        {"templates/\xff.yaml", "a: b\n", 5, "fine"},
        {"files/bin", "\0\xff\0", 3, "fine"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        enum err_kind kind;
        const char *message = render_bytes(arena, rows[i].file, rows[i].text, rows[i].len, &kind);
        if (!strstr(message, rows[i].part))
            fail_msg("row %zu, %s: %s", i, rows[i].file, message);
    }
}

// Of this whole program, gzip bombs of 128 MiB and a million keys under AddressSanitizer included.
#ifndef __SANITIZE_THREAD__ // whose shadow of all memory is several times as large
static void memory_is_bounded(void **state) {
    (void)state;
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    assert_true(usage.ru_maxrss < 3 * 1024 * 1024); // KiB
}
#endif

// docs/guides/charts.md names the bounds as they are.
static void limits_are_documented(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct buf text = read_file(arena, TESTS_DIR "/../docs/guides/charts.md");
    const char *rows[] = {
        arena_printf(arena, "| one file of a chart, profile 3 | %zu MiB |", HELM_FILE_LIMIT >> 20),
        arena_printf(arena, "| a chart, unpacked; a packaged chart | %zu MiB |", HELM_CHART_LIMIT >> 20),
        arena_printf(arena, "| parentheses and blocks in a template's text | %d deep |", PARSE_DEPTH_MAX),
        arena_printf(arena, "what a chart renders to | %d MiB |", FMT_BYTES_MAX >> 20),
        arena_printf(arena, "| %d digits |", DECIMAL_MAX_DIGITS),
        arena_printf(arena, "| a version, a constraint | %d and %d bytes |", SEMVER_MAX_LEN,
                     SEMVER_MAX_CONSTRAINT_LEN),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strstr(buf_text(&text), rows[i]))
            fail_msg("docs/guides/charts.md does not say %s", rows[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives),
        cmocka_unit_test(gzip_bombs),
        cmocka_unit_test(links_in_a_circle),
        cmocka_unit_test(a_link_to_nothing),
        cmocka_unit_test(bombs),
        cmocka_unit_test(many_keys),
        cmocka_unit_test(deep_nesting),
        cmocka_unit_test(broken_text),
#ifndef __SANITIZE_THREAD__
        cmocka_unit_test(memory_is_bounded),
#endif
        cmocka_unit_test(limits_are_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
