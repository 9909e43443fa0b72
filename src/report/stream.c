// SPDX-License-Identifier: Apache-2.0
// A plan as `terraform plan -json` prints it: a message a line
// (https://developer.hashicorp.com/terraform/internals/machine-readable-ui). What drifted stands in the
// provider's warnings.
#include "report/read.h"

#include "base/cursor.h"
#include "base/list.h"

#include <stdlib.h>
#include <string.h>

// ---- a warning's lines: "  OBJECT PATH: wanted VALUE, found VALUE, written by MANAGER at TIME" ----

// A value of JSON, or any words up to `stop`, which stands outside of quotes.
static struct cursor take_value(struct cursor *line, const char *stop) {
    struct cursor rest = *line, part = *line;
    while (cursor_left(rest)) {
        part = cursor_before(*line, rest);
        if (cursor_eat(&rest, stop)) {
            *line = rest;
            return part;
        }
        if (cursor_peek(rest) == '"')
            cursor_quoted(&rest);
        else
            cursor_drop(&rest, 1);
    }
    part = *line;
    cursor_drop(line, cursor_left(*line));
    return part;
}

static bool read_line(struct arena *arena, struct cursor line, struct report_drift *out) {
    if (!cursor_eat(&line, "  "))
        return false;
    struct cursor object = cursor_until(&line, " ");
    if (!cursor_eat(&line, " "))
        return false;
    struct cursor path = take_value(&line, ": wanted ");
    if (!cursor_left(line))
        return false;
    struct cursor wanted = take_value(&line, ", found ");
    struct cursor found = take_value(&line, ", written by ");
    struct cursor manager = take_value(&line, " at ");
    struct cursor unrecorded, of_found = found;
    while (cursor_find(of_found, ',', &unrecorded)) { // ", by whom the server does not record"
        struct cursor words = unrecorded;
        if (cursor_eat(&words, ", by whom "))
            found = cursor_before(found, unrecorded);
        of_found = unrecorded;
        cursor_drop(&of_found, 1);
    }
    *out = (struct report_drift){.object = cursor_text(object, arena),
                                 .path = cursor_text(path, arena),
                                 .wanted = cursor_text(wanted, arena),
                                 .found = cursor_text(found, arena),
                                 .manager = cursor_text(manager, arena),
                                 .time = cursor_text(line, arena)};
    return true;
}

static void read_drift(struct arena *arena, struct report_resource *resource, const char *detail) {
    struct cursor rest = cursor_of(detail);
    while (cursor_left(rest)) {
        struct report_drift drift;
        if (read_line(arena, cursor_line(&rest), &drift))
            *LIST_ADD(arena, resource->drifts, resource->drift_count) = drift;
    }
}

// ---- messages ----

static void read_diagnostic(struct arena *arena, struct value diagnostic, struct report *out) {
    const char *summary = value_text_or(value_get(diagnostic, "summary"), "");
    const char *address = value_text_or(value_get(diagnostic, "address"), "");
    if (value_is_text(value_get(diagnostic, "severity"), "error"))
        *LIST_ADD(arena, out->errors, out->error_count) = summary;
    if (!*address || strncmp(summary, "Drift in ", 9) != 0)
        return;
    struct report_resource *resource = report_resource_at(arena, out, address);
    struct value range = value_get(diagnostic, "range");
    resource->file = value_dig_string(range, "filename", NULL);
    struct value line = value_dig(range, "start", "line", NULL);
    resource->line = value_kind(line) == VALUE_INT ? (long)value_get_int(line) : 0;
    if (!resource->drift_count)
        read_drift(arena, resource, value_text_or(value_get(diagnostic, "detail"), ""));
}

static void read_planned(struct arena *arena, struct value change, struct report *out) {
    struct value resource = value_get(change, "resource");
    const char *address = value_text_or(value_get(resource, "addr"), "");
    if (!report_is_ours(value_text_or(value_get(resource, "resource_type"), "")))
        return;
    const char *action = value_text_or(value_get(change, "action"), "no-op");
    report_resource_at(arena, out, address)->action = !strcmp(action, "noop") ? "no-op" : action;
}

void report_read_message(struct arena *arena, struct value message, struct report *out) {
    struct value type = value_get(message, "type");
    if (value_is_text(type, "diagnostic"))
        read_diagnostic(arena, value_get(message, "diagnostic"), out);
    else if (value_is_text(type, "planned_change"))
        read_planned(arena, value_get(message, "change"), out);
}
