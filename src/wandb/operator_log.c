// SPDX-License-Identifier: Apache-2.0
#include "wandb/operator_log.h"

#include "base/buf.h"
#include "base/cursor.h"
#include "base/hidden.h"
#include "codec/json.h"
#include "drift/drift.h"
#include "drift/secret_names.h"
#include "value/path.h"
#include "wandb/levels.h"
#include "wandb/operator_pods.h"

#include <string.h>

enum { BUDGET_MS = 5000, LINES = 300, TIME = 40, MESSAGE = 600 };

static const char CONTAINER[] = "manager"; // of both major versions' charts

// ---- lines ----

struct fields {
    struct value_entry *items;
    size_t count, cap;
};

static void add_field(struct arena *arena, struct fields *fields, const char *name, struct value text) {
    size_t size = sizeof *fields->items;
    if (fields->count == fields->cap) {
        size_t cap = fields->cap ? fields->cap * 2 : 16;
        fields->items = arena_grow(arena, fields->items, fields->cap * size, cap * size);
        fields->cap = cap;
    }
    fields->items[fields->count++] = (struct value_entry){name, text};
}

static struct value text_at(struct arena *arena, struct cursor at) {
    return value_string_len(arena, at.at, cursor_left(at));
}

static struct value unquoted(struct arena *arena, struct cursor at) {
    struct value text;
    struct err ignored = err_in(arena);
    return json_decode(arena, at.at, cursor_left(at), &text, &ignored) ? text : text_at(arena, at);
}

// slog's text form: key=value key="quoted value" …
static struct value logfmt(struct arena *arena, struct cursor line) {
    struct fields fields = {0};
    for (cursor_skip(&line, " "); cursor_left(line); cursor_skip(&line, " ")) {
        struct cursor key = cursor_until(&line, "= ");
        if (!cursor_left(key) || !cursor_eat(&line, "=")) {
            if (cursor_left(line))
                return value_null();
            break;
        }
        bool quoted = cursor_peek(line) == '"';
        struct cursor text = quoted ? cursor_quoted(&line) : cursor_until(&line, " ");
        add_field(arena, &fields, cursor_text(key, arena),
                  quoted ? unquoted(arena, text) : text_at(arena, text));
    }
    return value_map(arena, fields.items, fields.count);
}

// zap's console form has the fields behind tabs: time, LEVEL, (logger, caller,) message, {…}.
static struct value console(struct arena *arena, struct cursor line, struct cursor brace) {
    struct value fields;
    struct err ignored = err_in(arena);
    if (!json_decode(arena, brace.at, cursor_left(brace), &fields, &ignored))
        return value_null();
    struct cursor head = cursor_before(line, brace), time = cursor_until(&head, "\t");
    if (!cursor_eat(&head, "\t"))
        return fields;
    struct cursor level = cursor_until(&head, "\t"), message = level;
    while (cursor_eat(&head, "\t") && cursor_left(head))
        message = cursor_until(&head, "\t");
    fields = value_with(arena, fields, "ts", text_at(arena, time));
    if (message.at != level.at)
        fields = value_with(arena, fields, "level", text_at(arena, level));
    return value_with(arena, fields, "msg", text_at(arena, message));
}

static struct value fields_of(struct arena *arena, struct cursor line) {
    struct cursor brace, rest = line;
    if (!cursor_find(line, '{', &brace) || cursor_eat(&rest, "time="))
        return logfmt(arena, line);
    return console(arena, line, brace);
}

static bool is_error(struct value fields) {
    struct value level = value_get(fields, "level");
    return value_is_text(level, "error") || value_is_text(level, "ERROR");
}

static bool is_about(struct value fields, const struct kube_ref *ref) {
    return value_is_text(value_get(fields, "name"), ref->name) &&
           value_is_text(value_get(fields, "namespace"), ref->namespace);
}

static const char *first_text(struct value fields, const char *const *keys) {
    for (; *keys; keys++) {
        const char *text = value_dig_string(fields, *keys, NULL);
        if (text && *text)
            return text;
    }
    return NULL;
}

// The API server quotes what it refuses, whole objects with all their secrets.
static const char *without_values(struct arena *arena, const char *text) {
    struct cursor rest = cursor_of(text);
    struct buf out;
    buf_init(&out, arena);
    while (cursor_left(rest)) {
        struct cursor value = rest;
        if (cursor_eat(&value, "Invalid value: ") && cursor_left(cursor_quoted(&value))) {
            buf_str(&out, "Invalid value");
            rest = value;
        } else {
            buf_char(&out, (char)cursor_peek(rest));
            cursor_drop(&rest, 1);
        }
    }
    return buf_text(&out);
}

static void complain(struct arena *arena, struct value fields, struct operator_complaint *out) {
    static const char *const TIMES[] = {"ts", "time", NULL}, *const ERRORS[] = {"error", "err", "panic",
                                                                                NULL};
    const char *message = value_dig_string(fields, "msg", NULL), *error = first_text(fields, ERRORS);
    const char *time = first_text(fields, TIMES);
    out->time = time ? time : "";
    out->message = !error ? message : message ? arena_printf(arena, "%s: %s", message, error) : error;
    out->message = out->message ? without_values(arena, out->message) : NULL;
}

// What ends every failed turn and says less than the line before it.
static bool says_no_more(struct value fields, struct value before) {
    struct value turn = value_get(fields, "reconcileID");
    return value_is_text(value_get(fields, "msg"), "Reconciler error") && !value_is_null(turn) &&
           value_equal(turn, value_get(before, "reconcileID"));
}

bool operator_log_last(struct arena *arena, const char *log, const struct kube_ref *ref,
                       struct operator_complaint *out) {
    struct value last = value_null();
    struct cursor rest = cursor_of(log);
    while (cursor_left(rest)) {
        struct value fields = fields_of(arena, cursor_line(&rest));
        if (is_error(fields) && is_about(fields, ref) && !says_no_more(fields, last))
            last = fields;
    }
    *out = (struct operator_complaint){0};
    complain(arena, last, out);
    return out->message != NULL;
}

// ---- secrets ----

// What it complains of may quote values of any level.
static void hide(struct hidden *hidden, struct arena *arena, const struct path *path, struct value v) {
    v = value_untyped(v);
    const char *secret = value_get_string(v);
    for (size_t i = 0; i < value_len(v) && !secret; i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        struct path here = {path, {.key = entry ? secret_names_key(v, entry->key) : NULL, .index = i}};
        hide(hidden, arena, &here, entry ? entry->value : value_at(v, i));
    }
    if (secret && drift_is_secret_leaf("", path_text(arena, path), v))
        hidden_add(hidden, secret);
}

// Secrets are masked before the text is cut, or their beginnings would be left.
static const char *excerpt(struct hidden *hidden, struct arena *arena, const char *text, size_t limit) {
    text = hidden_mask(hidden, arena, text);
    size_t len = strlen(text), shown = len < limit ? len : limit;
    while (shown < len && shown && ((unsigned char)text[shown] & 0xc0) == 0x80)
        shown--;
    return arena_printf(arena, "%.*s%s", (int)shown, text, shown < len ? "…" : "");
}

static const char *say(struct call *call, const struct kube_ref *pod, struct operator_complaint complaint,
                       struct value spec, const struct levels *levels) {
    struct value trees[] = {spec, levels->console.values, levels->channel.values, levels->active.values};
    struct hidden *hidden = call->hidden ? call->hidden : hidden_create(call->arena);
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++)
        hide(hidden, call->arena, NULL, trees[i]);
    return arena_printf(call->arena, "The operator's log (%s)%s%s says: %s", kube_ref_text(call->arena, pod),
                        *complaint.time ? " at " : "", excerpt(hidden, call->arena, complaint.time, TIME),
                        excerpt(hidden, call->arena, complaint.message, MESSAGE));
}

const char *operator_log_about(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                               struct value spec) {
    struct arena *arena = call->arena;
    struct call own = *call; // the deadline may be what brought us here; the stop flags still count
    struct levels levels = {0};
    struct operator_pods pods;
    struct err err = err_in(arena), ignored = err_in(arena);
    const char *unread = NULL, *log;
    own.deadline = call_now() + BUDGET_MS;
    levels_get(&own, kube, ref->namespace, ref->name, &levels, &ignored);
    const char *home = value_dig_string(levels.active.values, "global", "operator", "namespace", NULL);
    if (!operator_pods_find(&own, kube, ref, home, &pods, &err))
        return arena_printf(arena, "The operator's log could not be read: %s", err.msg);
    for (size_t i = 0; i < pods.count; i++) {
        struct operator_complaint complaint;
        const struct kube_ref *pod = &pods.items[i];
        if (!kube_pod_log(&own, kube, pod->namespace, pod->name, CONTAINER, LINES, &log, &err))
            unread = unread ? unread : err.msg;
        else if (operator_log_last(arena, log, ref, &complaint))
            return say(call, pod, complaint, spec, &levels);
    }
    if (!pods.count)
        return arena_printf(arena,
                            "No pod of the operator was found (label %s, and a service account that may "
                            "write the status of %s): does its controller-manager run?",
                            OPERATOR_LABEL, kube_ref_text(arena, ref));
    return unread ? arena_printf(arena, "The operator's log could not be read: %s", unread) : "";
}
