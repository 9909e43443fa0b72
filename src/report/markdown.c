// SPDX-License-Identifier: Apache-2.0
// For a comment on a pull request: GitHub's and GitLab's Markdown (https://github.github.com/gfm/).
#include "report/private.h"

#include <stdio.h>
#include <string.h>

// Values stand in <code>, with every letter that Markdown reads as an entity: code between backticks cannot
// hold every text, and a "|" would end a table's cell even there.
static void write_code(struct buf *out, const char *text) {
    struct buf cut;
    buf_init(&cut, out->arena);
    report_cut(&cut, text);
    buf_str(out, "<code>");
    for (const char *p = buf_text(&cut); *p; p++) {
        if (strchr("&<>|`*_[]~\\\"'@#:", *p))
            buf_printf(out, "&#%d;", *p);
        else
            buf_char(out, *p);
    }
    buf_str(out, "</code>");
}

static void write_cell(struct buf *out, const char *text) {
    buf_str(out, " | ");
    if (*text)
        write_code(out, text);
}

static void write_drifts(struct buf *out, const struct report_resource *resource) {
    if (!resource->drift_count)
        return;
    buf_str(out, "\n| Object | Path | Wanted | Found | Written by | When |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < resource->drift_count; i++) {
        const struct report_drift *drift = &resource->drifts[i];
        buf_str(out, "| ");
        write_code(out, drift->object);
        write_cell(out, drift->path);
        write_cell(out, drift->wanted);
        write_cell(out, drift->found);
        write_cell(out, drift->manager);
        write_cell(out, drift->time);
        buf_str(out, " |\n");
    }
}

static void write_changes(struct buf *out, const struct report_resource *resource) {
    if (!resource->change_count)
        return;
    buf_str(out, "\n| The plan changes | From | To |\n|---|---|---|\n");
    for (size_t i = 0; i < resource->change_count; i++) {
        buf_str(out, "| ");
        write_code(out, resource->changes[i].path);
        write_cell(out, resource->changes[i].before);
        write_cell(out, resource->changes[i].after);
        buf_str(out, " |\n");
    }
}

void report_markdown(const struct report *report, struct buf *out) {
    buf_str(out, "## Weights & Biases: ");
    report_count(out, report_drifts(report), "path");
    buf_printf(out, " drifted, %zu of ", report_changed(report));
    report_count(out, report->count, "resource");
    buf_str(out, " to change\n");
    for (size_t i = 0; i < report->error_count; i++) {
        buf_str(out, "\n**The plan failed:** ");
        write_code(out, report->errors[i]);
        buf_char(out, '\n');
    }
    for (size_t i = 0; i < report->count; i++) {
        const struct report_resource *resource = &report->resources[i];
        if (!resource->drift_count && !report_changes(resource))
            continue;
        buf_str(out, "\n### ");
        write_code(out, resource->address);
        buf_str(out, ": ");
        report_headline(out, resource);
        buf_char(out, '\n');
        write_drifts(out, resource);
        write_changes(out, resource);
    }
}
