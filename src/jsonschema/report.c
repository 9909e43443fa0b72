// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"
#include "go/quote.h"
#include "jsonschema/private.h"
#include "value/number.h"

#include <stdlib.h>
#include <string.h>

// "/a~1b/0"
static void pointer(struct buf *out, const struct path *path) {
    if (!path)
        return;
    pointer(out, path->parent);
    path_pointer_step(out, &path->step);
}

struct js_failure *js_failure(const struct js_visit *visit, enum js_failure_kind kind, const char *text) {
    static struct js_failure silent;
    if (visit->quiet)
        return &silent;
    struct js_failure *failure = arena_alloc(visit->run->arena, sizeof *failure);
    struct buf at;
    buf_init(&at, visit->run->arena);
    pointer(&at, visit->at);
    *failure =
        (struct js_failure){.kind = kind, .at = js_quote(visit->run, buf_text(&at), at.len), .text = text};
    return failure;
}

void js_add(struct js_visit *visit, struct js_failure *failure) {
    if (!failure)
        return;
    visit->count++;
    if (visit->quiet) { // the one silent failure must not be chained to itself
        visit->first = failure;
        return;
    }
    *visit->tail = failure;
    visit->tail = &failure->next;
}

void js_fail(struct js_visit *visit, const struct js_failure *causes, const char *format, ...) {
    if (visit->quiet) {
        js_add(visit, js_failure(visit, JS_PLAIN, NULL));
        return;
    }
    va_list args;
    va_start(args, format);
    struct js_failure *failure = js_failure(visit, JS_PLAIN, arena_vprintf(visit->run->arena, format, args));
    va_end(args);
    failure->causes = causes;
    js_add(visit, failure);
}

// %q of Go, then double quotes plain and single ones escaped.
const char *js_quote(struct js_run *run, const char *text, size_t len) {
    struct buf quoted, out;
    buf_init(&quoted, run->arena);
    buf_init(&out, run->arena);
    quote_text(&quoted, text, len);
    buf_char(&out, '\'');
    for (size_t i = 1; i + 1 < quoted.len; i++) {
        if (quoted.ptr[i] == '\\' && quoted.ptr[i + 1] == '"')
            continue;
        if (quoted.ptr[i] == '\'')
            buf_char(&out, '\\');
        buf_char(&out, quoted.ptr[i]);
    }
    buf_char(&out, '\'');
    return buf_text(&out);
}

const char *js_quote_keys(struct js_run *run, const char *const *keys, size_t count) {
    struct buf out;
    buf_init(&out, run->arena);
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%s%s", i ? ", " : "", js_quote(run, keys[i], strlen(keys[i])));
    return buf_text(&out);
}

// Commas between groups of three digits before the point.
static const char *grouped(struct js_run *run, const char *plain) {
    struct buf out;
    buf_init(&out, run->arena);
    if (*plain == '-')
        buf_char(&out, *plain++);
    size_t whole = strcspn(plain, ".");
    for (size_t i = 0; i < whole; i++) {
        if (i && (whole - i) % 3 == 0)
            buf_char(&out, ',');
        buf_char(&out, plain[i]);
    }
    buf_str(&out, plain + whole);
    return buf_text(&out);
}

const char *js_number(struct js_run *run, struct value number) {
    static const char *const raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char text[NUMBER_TEXT];
    number_g(value_get_float(number), text);
    char *exponent = strchr(text, 'e');
    if (!exponent)
        return grouped(run, text);
    struct buf out;
    buf_init(&out, run->arena);
    buf_add(&out, text, (size_t)(exponent - text));
    buf_str(&out, exponent[1] == '-' ? "×10⁻" : "×10");
    for (const char *digit = exponent + 2; *digit; digit++)
        buf_str(&out, raised[*digit - '0']);
    return buf_text(&out);
}

const char *js_integer(struct js_run *run, int64_t number) {
    return grouped(run, arena_printf(run->arena, "%lld", (long long)number));
}

const char *js_display(struct js_run *run, struct value v) {
    switch (value_kind(v)) {
    case VALUE_STRING: return js_quote(run, value_get_string(v), value_len(v));
    case VALUE_BOOL: return value_get_bool(v) ? "true" : "false";
    case VALUE_NULL: return "<nil>";
    case VALUE_LIST:
    case VALUE_MAP: return "value";
    default: return value_number_text(run->arena, v);
    }
}

static void print(struct buf *out, const struct js_failure *failure, size_t indent) {
    bool passed_over = failure->kind == JS_REFERENCE && failure->causes && !failure->causes->next;
    if (!passed_over) {
        if (out->len)
            buf_char(out, '\n');
        buf_fill(out, ' ', 2 * indent);
        buf_printf(out, "- at %s: %s", failure->at, failure->text);
        indent++;
    }
    for (const struct js_failure *cause = failure->causes; cause; cause = cause->next)
        print(out, cause, indent);
}

const char *js_report(struct arena *arena, const struct js_failure *failure) {
    struct buf out;
    buf_init(&out, arena);
    const struct js_failure *top = failure->kind == JS_GROUP ? failure->causes : failure;
    for (const struct js_failure *one = top; one; one = failure->kind == JS_GROUP ? one->next : NULL)
        print(&out, one, 0);
    return buf_text(&out);
}
