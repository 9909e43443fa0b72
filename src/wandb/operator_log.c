// SPDX-License-Identifier: Apache-2.0
#include "wandb/operator_log.h"

#include "base/hidden.h"
#include "codec/json.h"
#include "drift/drift.h"
#include "drift/secret_names.h"
#include "value/path.h"
#include "wandb/levels.h"

#include <string.h>

enum { BUDGET_MS = 5000, LINES = 300, PODS = 4, MESSAGE = 600 };

static const char SELECTOR[] = "control-plane=controller-manager"; // of both major versions' charts
static const char CONTAINER[] = "manager";
static const char HOME[] = "wandb"; // the namespace that the operator is usually in

// ---- lines ----

// slog's text form: key=value key="quoted value" …
static struct value logfmt(struct arena *arena, const char *line, size_t len) {
    struct value fields = value_map(arena, NULL, 0);
    const char *at = line, *end = line + len;
    while (at < end) {
        while (at < end && *at == ' ')
            at++;
        const char *key = at;
        while (at < end && *at != '=' && *at != ' ')
            at++;
        if (at == key || at == end || *at != '=')
            return at == end ? fields : value_null();
        const char *name = arena_strndup(arena, key, (size_t)(at++ - key)), *from = at;
        bool quoted = at < end && *at == '"';
        for (at += quoted; at < end && (quoted ? *at != '"' : *at != ' '); at++)
            at += quoted && *at == '\\' && at + 1 < end;
        at += quoted && at < end;
        struct value text;
        struct err ignored = err_in(arena);
        if (!quoted || !json_decode(arena, from, (size_t)(at - from), &text, &ignored))
            text = value_string_len(arena, from, (size_t)(at - from));
        fields = value_with(arena, fields, name, text);
    }
    return fields;
}

// zap's console form has the fields behind tabs: time, LEVEL, (logger, caller,) message, {…}.
static struct value console(struct arena *arena, const char *line, size_t len, const char *brace) {
    struct value fields;
    struct err ignored = err_in(arena);
    if (!json_decode(arena, brace, len - (size_t)(brace - line), &fields, &ignored))
        return value_null();
    const char *tab = memchr(line, '\t', (size_t)(brace - line));
    if (!tab)
        return fields;
    fields = value_with(arena, fields, "ts", value_string_len(arena, line, (size_t)(tab - line)));
    const char *level = tab + 1, *end = brace - 1, *message = end;
    while (message > level && message[-1] != '\t')
        message--;
    const char *after = memchr(level, '\t', (size_t)(end - level));
    if (after)
        fields = value_with(arena, fields, "level", value_string_len(arena, level, (size_t)(after - level)));
    return value_with(arena, fields, "msg", value_string_len(arena, message, (size_t)(end - message)));
}

static struct value fields_of(struct arena *arena, const char *line, size_t len) {
    const char *brace = memchr(line, '{', len);
    if (!brace || !strncmp(line, "time=", 5))
        return logfmt(arena, line, len);
    return console(arena, line, len, brace);
}

static bool is_error(struct value fields) {
    const char *level = value_dig_string(fields, "level", NULL);
    return level && (!strcmp(level, "error") || !strcmp(level, "ERROR"));
}

static bool is_about(struct value fields, const struct kube_ref *ref) {
    const char *name = value_dig_string(fields, "name", NULL);
    const char *namespace = value_dig_string(fields, "namespace", NULL);
    return name && namespace && !strcmp(name, ref->name) && !strcmp(namespace, ref->namespace);
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
    static const char MARK[] = "Invalid value: \"";
    const char *at = strstr(text, MARK), *end;
    if (!at)
        return text;
    for (end = at + sizeof MARK - 1; *end && *end != '"'; end++)
        end += *end == '\\' && end[1];
    const char *rest = *end ? without_values(arena, end + 1) : "";
    return arena_printf(arena, "%.*sInvalid value%s", (int)(at - text), text, rest);
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
    const char *message = value_dig_string(fields, "msg", NULL);
    struct value turn = value_get(fields, "reconcileID");
    return message && !strcmp(message, "Reconciler error") && !value_is_null(turn) &&
           value_equal(turn, value_get(before, "reconcileID"));
}

bool operator_log_last(struct arena *arena, const char *log, const struct kube_ref *ref,
                       struct operator_complaint *out) {
    struct value last = value_null();
    for (size_t len; *log; log += len + (log[len] == '\n')) {
        len = strcspn(log, "\n");
        struct value fields = fields_of(arena, log, len);
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

// ---- pods ----

static bool find_pods(struct call *call, struct kube_client *kube, const struct levels *levels,
                      struct value *out, struct err *err) {
    struct kube_ref pods = {"v1", "Pod", NULL, NULL};
    const char *home = value_dig_string(levels->active.values, "global", "operator", "namespace", NULL);
    if (kube_list(call, kube, &pods, SELECTOR, out, err))
        return true;
    // who may not look everywhere may look where the operator is
    pods.namespace = home ? home : HOME;
    return err->kind == ERR_FORBIDDEN && kube_list(call, kube, &pods, SELECTOR, out, err);
}

// Other operators carry the same label; those that are W&B's by name come first.
static bool is_likely(struct value pod) {
    struct kube_ref ref = kube_ref_of(pod);
    return strstr(ref.name, HOME) || strstr(ref.namespace, HOME);
}

static size_t choose(struct value pods, struct value out[PODS]) {
    size_t count = 0;
    for (int likely = 1; likely >= 0; likely--)
        for (size_t i = 0; i < value_len(pods) && count < PODS; i++)
            if (is_likely(value_at(pods, i)) == likely)
                out[count++] = value_at(pods, i);
    return count;
}

static const char *say(struct call *call, const struct kube_ref *pod, struct operator_complaint complaint,
                       struct value spec, const struct levels *levels) {
    struct value trees[] = {spec, levels->console.values, levels->channel.values, levels->active.values};
    struct hidden *hidden = call->hidden ? call->hidden : hidden_create(call->arena);
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++)
        hide(hidden, call->arena, NULL, trees[i]);
    const char *text = hidden_mask(hidden, call->arena, complaint.message);
    size_t len = strlen(text), shown = len < MESSAGE ? len : MESSAGE;
    while (shown < len && shown && ((unsigned char)text[shown] & 0xc0) == 0x80)
        shown--;
    return arena_printf(call->arena, "The operator's log (%s)%s%s says: %.*s%s",
                        kube_ref_text(call->arena, pod), *complaint.time ? " at " : "", complaint.time,
                        (int)shown, text, shown < len ? "…" : "");
}

const char *operator_log_about(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                               struct value spec) {
    struct arena *arena = call->arena;
    struct call own = *call; // the deadline may be what brought us here; the stop flags still count
    struct levels levels = {0};
    struct err err = err_in(arena), ignored = err_in(arena);
    struct value pods, chosen[PODS];
    const char *unread = NULL, *log;
    own.deadline = call_now() + BUDGET_MS;
    levels_get(&own, kube, ref->namespace, ref->name, &levels, &ignored);
    if (!find_pods(&own, kube, &levels, &pods, &err))
        return arena_printf(arena, "The operator's log could not be read: %s", err.msg);
    size_t count = choose(pods, chosen);
    for (size_t i = 0; i < count; i++) {
        struct operator_complaint complaint;
        struct kube_ref pod = kube_ref_of(chosen[i]);
        pod.kind = "Pod";
        if (!kube_pod_log(&own, kube, pod.namespace, pod.name, CONTAINER, LINES, &log, &err))
            unread = unread ? unread : err.msg;
        else if (operator_log_last(arena, log, ref, &complaint))
            return say(call, &pod, complaint, spec, &levels);
    }
    if (!count)
        return arena_printf(
            arena, "No pod of the operator was found (label %s): does its controller-manager run?", SELECTOR);
    return unread ? arena_printf(arena, "The operator's log could not be read: %s", unread) : "";
}
