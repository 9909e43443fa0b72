// SPDX-License-Identifier: Apache-2.0
// For a terminal.
#include "report/private.h"

static void write_resource(struct buf *out, const struct report_resource *resource) {
    report_cut(out, resource->address);
    buf_str(out, ": ");
    report_headline(out, resource);
    buf_char(out, '\n');
    for (size_t i = 0; i < resource->drift_count; i++) {
        buf_str(out, "  drift    ");
        report_sentence(out, &resource->drifts[i]);
        buf_char(out, '\n');
    }
    for (size_t i = 0; i < resource->change_count; i++) {
        buf_str(out, "  planned  ");
        report_cut(out, resource->changes[i].path);
        buf_str(out, ": ");
        report_cut(out, resource->changes[i].before);
        buf_str(out, " -> ");
        report_cut(out, resource->changes[i].after);
        buf_char(out, '\n');
    }
}

void report_text(const struct report *report, struct buf *out) {
    for (size_t i = 0; i < report->error_count; i++) {
        buf_str(out, "The plan failed: ");
        report_cut(out, report->errors[i]);
        buf_char(out, '\n');
    }
    for (size_t i = 0; i < report->count; i++)
        write_resource(out, &report->resources[i]);
    report_count(out, report->count, "resource");
    buf_str(out, ", ");
    report_count(out, report_drifts(report), "path");
    buf_printf(out, " drifted, %zu to change\n", report_changed(report));
}
