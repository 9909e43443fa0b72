// SPDX-License-Identifier: Apache-2.0
// The report on tests/golden/report: a plan with every kind of action and drift, and values that mean
// something to each format, written in each of them. UPDATE_GOLDEN=1 rewrites what is expected.
#include "report/report.h"
#include "files.h"

#include <stdlib.h>

#define GOLDEN TESTS_DIR "/golden/report/"

static struct report read_plan(struct arena *arena, const char *name) {
    struct buf text = read_file(arena, name);
    struct err err = err_in(arena);
    struct report report;
    if (!report_read(arena, buf_text(&text), text.len, &report, &err))
        fail_msg("%s: %s", name, err.msg);
    return report;
}

static void write_file(const char *path, struct buf *text) {
    CLEANUP_FILE file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(buf_text(text), 1, text->len, file), text->len);
}

static void every_format(void **state) {
    (void)state;
    static const char *const FORMATS[] = {"text", "markdown", "html", "json", "junit", "sarif"};
    SCRATCH_ARENA(arena);
    struct report report = read_plan(arena, GOLDEN "plan.json");
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        const char *path = arena_printf(arena, GOLDEN "expected.%s", FORMATS[i]);
        struct err err = err_in(arena);
        struct buf out, want;
        buf_init(&out, arena);
        assert_true(report_write(&report, FORMATS[i], &out, &err));
        if (getenv("UPDATE_GOLDEN"))
            write_file(path, &out);
        want = read_file(arena, path);
        assert_string_equal(buf_text(&out), buf_text(&want));
        assert_null(strstr(buf_text(&out), "pl4nted"));
    }
}

// The same plan's messages tell the same drift; what changes in attributes they do not have.
static void a_stream_of_messages(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct report plan = read_plan(arena, GOLDEN "plan.json"),
                  stream = read_plan(arena, GOLDEN "stream.jsonl");
    const struct report_resource *one = &plan.resources[0], *other = &stream.resources[0];
    assert_string_equal(one->address, other->address);
    assert_string_equal(one->action, other->action);
    assert_string_equal(other->file, "main.tf");
    assert_int_equal(other->line, 12);
    assert_int_equal(other->drift_count, one->drift_count);
    for (size_t i = 0; i < one->drift_count; i++) {
        assert_string_equal(one->drifts[i].object, other->drifts[i].object);
        assert_string_equal(one->drifts[i].path, other->drifts[i].path);
        assert_string_equal(one->drifts[i].wanted, other->drifts[i].wanted);
        assert_string_equal(one->drifts[i].found, other->drifts[i].found);
        assert_string_equal(one->drifts[i].manager, other->drifts[i].manager);
        assert_string_equal(one->drifts[i].time, other->drifts[i].time);
    }
    assert_int_equal(stream.error_count, 0);
    assert_int_equal(report_changed(&stream), 1);
}

static void plans_that_failed(void **state) {
    (void)state;
    static const char *const TEXTS[] = {
        "{\"@level\":\"info\",\"type\":\"version\"}\n{\"@level\":\"error\",\"type\":\"diagnostic\","
        "\"diagnostic\":"
        "{\"severity\":\"error\",\"summary\":\"No cluster\",\"detail\":\"\"}}\n",
        "{\"format_version\":\"1.2\",\"planned_values\":{},\"errored\":true}",
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        struct report report;
        assert_true(report_read(arena, TEXTS[i], strlen(TEXTS[i]), &report, &err));
        assert_int_equal(report.error_count, 1);
    }
}

static void what_is_no_plan(void **state) {
    (void)state;
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "there is nothing to read"},
        {" \n", "there is nothing to read"},
        {"Terraform will perform", "this is no JSON"},
        {"{\"format_version\":\"1.0\",\"values\":{}}", "this is a state"},
        {"{}", "no plan of Terraform"},
        {"{\"resource_changes\":[", "line 1"},
        {"{\"@level\":\"info\"}\n{", "line 2 of the plan's messages"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        struct report report;
        assert_false(report_read(arena, rows[i].text, strlen(rows[i].text), &report, &err));
        if (!strstr(err.msg, rows[i].why))
            fail_msg("%s: %s", rows[i].text, err.msg);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format),
        cmocka_unit_test(a_stream_of_messages),
        cmocka_unit_test(plans_that_failed),
        cmocka_unit_test(what_is_no_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
