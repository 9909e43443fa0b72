// SPDX-License-Identifier: Apache-2.0
// What the writers have in common.
#include "report/private.h"

#include <string.h>

size_t report_drifts(const struct report *report) {
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++)
        count += report->resources[i].drift_count;
    return count;
}

bool report_changes(const struct report_resource *resource) {
    return strcmp(resource->action, "no-op") != 0 && strcmp(resource->action, "read") != 0;
}

size_t report_changed(const struct report *report) {
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++)
        count += report_changes(&report->resources[i]);
    return count;
}

// XML knows no control characters, not even written as numbers.
static const char *entity_of(unsigned char c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\t':
    case '\n': return " ";
    default: return c < ' ' || c == 0x7f ? "\xef\xbf\xbd" : NULL;
    }
}

static size_t whole_letters(const char *text, size_t most) {
    size_t len = strnlen(text, most + 1);
    if (len <= most)
        return len;
    for (len = most; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
        len--;
    return len;
}

void report_escape(struct buf *out, const char *text) {
    for (; *text; text++) {
        const char *entity = entity_of((unsigned char)*text);
        if (entity)
            buf_str(out, entity);
        else
            buf_char(out, *text);
    }
}

void report_cut(struct buf *out, const char *text) {
    size_t len = whole_letters(text, REPORT_CUT);
    for (size_t i = 0; i < len; i++)
        buf_char(out, (unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i]);
    buf_str(out, text[len] ? "…" : "");
}

void report_count(struct buf *out, size_t count, const char *noun) {
    buf_printf(out, "%zu %s%s", count, noun, count == 1 ? "" : "s");
}

void report_headline(struct buf *out, const struct report_resource *resource) {
    if (resource->drift_count)
        report_count(out, resource->drift_count, "path");
    buf_str(out, resource->drift_count ? " drifted" : "no drift");
    if (report_changes(resource))
        buf_printf(out, "; planned: %s", resource->action);
}

void report_sentence(struct buf *out, const struct report_drift *drift) {
    report_cut(out, drift->object);
    buf_str(out, *drift->path ? " " : "");
    report_cut(out, drift->path);
    buf_str(out, ": wanted ");
    report_cut(out, drift->wanted);
    buf_str(out, ", found ");
    report_cut(out, drift->found);
    if (*drift->manager) {
        buf_str(out, ", written by ");
        report_cut(out, drift->manager);
    }
    if (*drift->time) {
        buf_str(out, " at ");
        report_cut(out, drift->time);
    }
}
