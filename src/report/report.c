// SPDX-License-Identifier: Apache-2.0
// The command, and the table of formats.
#include "report/report.h"
#include "report/private.h"

#include "base/file.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { PLAN_LIMIT = 1 << 30, FAILED = 1, SOMETHING = 2 };

static const char USAGE[] =
    "usage: terraform-provider-wandb report [--format text|markdown|html|json|junit|sarif] < PLAN\n"
    "PLAN is what `terraform show -json PLANFILE` or `terraform plan -json` prints. The report names what "
    "others\n"
    "changed in W&B's resources since the last apply, and what the plan would change.\n"
    "Exit status: 0, nothing drifted and nothing is to change; 2, something did or is; 1, the plan failed "
    "or\n"
    "cannot be read.\n";

static int status_of(const struct report *report) {
    if (report->error_count)
        return FAILED;
    return report_drifts(report) || report_changed(report) ? SOMETHING : 0;
}

static int fail(const char *text) {
    fprintf(stderr, "terraform-provider-wandb report: %s\n", text);
    return FAILED;
}

static int run(const char *format) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct report report = {0};
    struct buf text, out;
    buf_init(&text, arena);
    buf_init(&out, arena);
    if (!report_write(&report, format, &out, &err) ||
        !file_read_stream(stdin, "standard input", PLAN_LIMIT, &text, &err) ||
        !report_read(arena, buf_text(&text), text.len, &report, &err))
        return fail(err.msg);
    buf_truncate(&out, 0);
    report_write(&report, format, &out, &err);
    if (fwrite(buf_text(&out), 1, out.len, stdout) != out.len || fflush(stdout) != 0)
        return fail("the report could not be written to standard output");
    return status_of(&report);
}

int report_main(int argc, char **argv) {
    static const struct option OPTIONS[] = {
        {"format", required_argument, NULL, 'f'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    const char *format = "text";
    int option;
    while ((option = getopt_long(argc, argv, "f:h", OPTIONS, NULL)) != -1) {
        if (option == 'h')
            return fputs(USAGE, stdout) < 0;
        if (option != 'f')
            return fputs(USAGE, stderr), FAILED;
        format = optarg;
    }
    if (optind < argc)
        return fail("it takes no file; give it the plan on standard input");
    return run(format);
}

static const struct format {
    const char *name;
    report_writer *write;
} FORMATS[] = {
    {"text", report_text}, {"markdown", report_markdown}, {"html", report_html},
    {"json", report_json}, {"junit", report_junit},       {"sarif", report_sarif},
};

bool report_write(const struct report *report, const char *format, struct buf *out, struct err *err) {
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++)
        if (!strcmp(FORMATS[i].name, format)) {
            FORMATS[i].write(report, out);
            return true;
        }
    return err_set(err, ERR_INVALID,
                   "there is no format \"%s\". There are text, markdown, html, json, junit and sarif",
                   format);
}
