// SPDX-License-Identifier: Apache-2.0
// A page that stands alone: no script, no request to anywhere, readable from a file, by keyboard, on a narrow
// screen and in the dark.
#include "report/private.h"

enum { OPEN_AT_MOST = 50 }; // rows of a table that is not folded

static const char HEAD[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<title>Weights &amp; Biases: drift report</title>\n<style>\n"
    ":root { color-scheme: light dark; --line: #8886; --mark: #b45309; }\n"
    "@media (prefers-color-scheme: dark) { :root { --mark: #fbbf24; } }\n"
    "body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1rem; }\n"
    "h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; overflow-wrap: anywhere; }\n"
    ".drifted { color: var(--mark); }\n"
    ".wide { overflow-x: auto; }\n"
    "table { border-collapse: collapse; width: 100%; margin: .5rem 0; }\n"
    "caption { text-align: left; font-weight: 600; }\n"
    "th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }\n"
    "td { overflow-wrap: anywhere; min-width: 6rem; }\n"
    "code { font: .9em ui-monospace, monospace; }\n"
    "summary { cursor: pointer; }\n"
    "</style>\n</head>\n<body>\n<main>\n";

static void write_code(struct buf *out, const char *text) {
    buf_str(out, "<code>");
    report_escape(out, text);
    buf_str(out, "</code>");
}

static void write_cell(struct buf *out, const char *text) {
    buf_str(out, "<td>");
    if (*text)
        write_code(out, text);
    buf_str(out, "</td>");
}

// A table's beginning: folded when it is long, so that the page stays one that can be looked over.
static void open_table(struct buf *out, size_t rows, const char *what, const char *columns) {
    buf_printf(out, "<details%s><summary>%s: %zu</summary>\n", rows > OPEN_AT_MOST ? "" : " open", what,
               rows);
    buf_printf(
        out,
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table><caption>%s</caption>\n"
        "<thead><tr>%s</tr></thead>\n<tbody>\n",
        what, what, columns);
}

static void close_table(struct buf *out) {
    buf_str(out, "</tbody></table></div></details>\n");
}

static void write_drifts(struct buf *out, const struct report_resource *resource) {
    if (!resource->drift_count)
        return;
    open_table(out, resource->drift_count, "Drifted",
               "<th scope=\"col\">Object</th><th scope=\"col\">Path</th><th scope=\"col\">Wanted</th>"
               "<th scope=\"col\">Found</th><th scope=\"col\">Written by</th><th scope=\"col\">When</th>");
    for (size_t i = 0; i < resource->drift_count; i++) {
        const struct report_drift *drift = &resource->drifts[i];
        const char *const cells[] = {drift->object, drift->path,    drift->wanted,
                                     drift->found,  drift->manager, drift->time};
        buf_str(out, "<tr>");
        for (size_t k = 0; k < sizeof cells / sizeof *cells; k++)
            write_cell(out, cells[k]);
        buf_str(out, "</tr>\n");
    }
    close_table(out);
}

static void write_changes(struct buf *out, const struct report_resource *resource) {
    if (!resource->change_count)
        return;
    open_table(out, resource->change_count, "The plan changes",
               "<th scope=\"col\">Attribute</th><th scope=\"col\">From</th><th scope=\"col\">To</th>");
    for (size_t i = 0; i < resource->change_count; i++) {
        buf_str(out, "<tr>");
        write_cell(out, resource->changes[i].path);
        write_cell(out, resource->changes[i].before);
        write_cell(out, resource->changes[i].after);
        buf_str(out, "</tr>\n");
    }
    close_table(out);
}

static void write_resource(struct buf *out, const struct report_resource *resource) {
    buf_printf(out, "<section>\n<h2%s>", resource->drift_count ? " class=\"drifted\"" : "");
    write_code(out, resource->address);
    buf_str(out, ": ");
    report_headline(out, resource);
    buf_str(out, "</h2>\n");
    write_drifts(out, resource);
    write_changes(out, resource);
    buf_str(out, "</section>\n");
}

void report_html(const struct report *report, struct buf *out) {
    buf_str(out, HEAD);
    buf_str(out, "<h1>Weights &amp; Biases: drift report</h1>\n<p>");
    report_count(out, report->count, "resource");
    buf_str(out, ", ");
    report_count(out, report_drifts(report), "path");
    buf_printf(out, " drifted, %zu to change.</p>\n", report_changed(report));
    for (size_t i = 0; i < report->error_count; i++) {
        buf_str(out, "<p role=\"alert\"><strong>The plan failed:</strong> ");
        report_escape(out, report->errors[i]);
        buf_str(out, "</p>\n");
    }
    for (size_t i = 0; i < report->count; i++)
        write_resource(out, &report->resources[i]);
    buf_str(out, "</main>\n</body>\n</html>\n");
}
