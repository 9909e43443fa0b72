// SPDX-License-Identifier: Apache-2.0
// Text for errors: what keeps a workload from being ready.
#include "base/buf.h"
#include "base/cursor.h"
#include "kube/private.h"
#include "kube/ready.h"

#include <stdlib.h>
#include <string.h>

enum {
    BUDGET_MS = 5000,
    PODS = 3,   // shown
    EVENTS = 4, // shown for an object
    LOG_LINES = 10,
    MESSAGE = 400, // bytes of a message
};

struct explaining {
    struct call *call;
    struct kube_client *client;
    struct buf *text;
};

static void line(struct explaining *e, int indent, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void line(struct explaining *e, int indent, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *said = call_shown(e->call, arena_vprintf(e->call->arena, format, args));
    va_end(args);
    char *text = arena_strdup(e->call->arena, said);
    size_t len = strlen(text);
    while (len && (text[len - 1] == '\n' || text[len - 1] == ' '))
        text[--len] = '\0';
    for (char *c = text; *c; c++)
        *c = *c == '\n' || *c == '\r' || *c == '\t' ? ' ' : *c;
    if (e->text->len)
        buf_char(e->text, '\n');
    buf_fill(e->text, ' ', (size_t)indent);
    buf_printf(e->text, len > MESSAGE ? "%.*s…" : "%.*s", len > MESSAGE ? MESSAGE : (int)len, text);
}

static const char *text_or(struct value map, const char *key, const char *otherwise) {
    const char *text = value_text_or(value_get(map, key), "");
    return *text ? text : otherwise;
}

// ---- conditions ----

// True for a condition that tells of trouble: most are good when True.
static bool is_trouble(struct value condition) {
    static const char *const bad_when_true[] = {"ReplicaFailure", "Failed", "Stalled", "FailureTarget"};
    const char *type = text_or(condition, "type", ""), *status = text_or(condition, "status", "");
    bool bad = !strcmp(status, "False");
    for (size_t i = 0; i < sizeof bad_when_true / sizeof *bad_when_true; i++)
        if (!strcmp(type, bad_when_true[i]))
            bad = !strcmp(status, "True");
    return bad;
}

static void conditions(struct explaining *e, int indent, struct value object) {
    struct value list = value_dig(object, "status", "conditions", NULL);
    for (size_t i = 0; i < value_len(list); i++) {
        struct value condition = value_at(list, i);
        if (is_trouble(condition))
            line(e, indent, "%s is %s: %s%s%s", text_or(condition, "type", "?"),
                 text_or(condition, "status", "?"), text_or(condition, "reason", ""),
                 value_has(condition, "message") ? ": " : "", text_or(condition, "message", ""));
    }
}

// ---- events ----

static const char *event_time(struct value event) {
    static const char *const keys[] = {"lastTimestamp", "eventTime", "firstTimestamp"};
    const char *time = value_dig_string(event, "series", "lastObservedTime", NULL);
    for (size_t i = 0; !time && i < 3; i++)
        time = value_dig_string(event, keys[i], NULL);
    return time ? time : text_or(value_get(event, "metadata"), "creationTimestamp", "");
}

static int newest_first(const void *a, const void *b) {
    return strcmp(event_time(*(const struct value *)b), event_time(*(const struct value *)a));
}

static struct kube_request events_request(struct arena *arena, const struct kube_ref *ref) {
    const char *namespace = ref->namespace && *ref->namespace ? ref->namespace : "default";
    return (struct kube_request){
        .verb = KUBE_LIST,
        .ref = KUBE_REF("v1", "Event", namespace, NULL),
        .field_selector =
            arena_printf(arena, "involvedObject.kind=%s,involvedObject.name=%s", ref->kind, ref->name),
    };
}

// Warnings first, since "Pulling image" says little.
static void events(struct explaining *e, int indent, struct value list) {
    size_t count = value_len(list), shown = 0;
    struct value *sorted = arena_array(e->call->arena, count, sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = value_at(list, i);
    if (count)
        qsort(sorted, count, sizeof *sorted, newest_first);
    for (int warnings = 1; warnings >= 0 && !shown; warnings--)
        for (size_t i = 0; i < count && shown < EVENTS; i++) {
            if (warnings != !strcmp(text_or(sorted[i], "type", ""), "Warning"))
                continue;
            int64_t times = value_get_int(value_get(sorted[i], "count"));
            line(e, indent, "event %s%s: %s", text_or(sorted[i], "reason", "?"),
                 times > 1 ? arena_printf(e->call->arena, " (%lld times)", (long long)times) : "",
                 text_or(sorted[i], "message", ""));
            shown++;
        }
}

// ---- pods ----

static bool is_well(struct value pod) {
    struct value list = value_dig(pod, "status", "conditions", NULL);
    for (size_t i = 0; i < value_len(list); i++)
        if (!strcmp(text_or(value_at(list, i), "type", ""), "Ready") &&
            !strcmp(text_or(value_at(list, i), "status", ""), "True"))
            return true;
    return value_is_text(value_dig(pod, "status", "phase", NULL), "Succeeded");
}

static void log_tail(struct explaining *e, struct value pod, const char *container, bool logs) {
    struct err ignored = err_in(e->call->arena);
    struct kube_ref ref = kube_ref_of(pod);
    const char *text;
    if (!logs ||
        !kube_pod_log(e->call, e->client, ref.namespace, ref.name, container, LOG_LINES, &text, &ignored))
        return;
    struct cursor rest = cursor_of(text);
    if (cursor_left(rest))
        line(e, 4, "last lines of its log:");
    while (cursor_left(rest))
        line(e, 6, "%s", cursor_text(cursor_line(&rest), e->call->arena));
}

static void container(struct explaining *e, struct value pod, struct value status, bool logs) {
    struct value now = value_dig(status, "state", "waiting", NULL);
    struct value ended = value_dig(status, "state", "terminated", NULL);
    struct value before = value_dig(status, "lastState", "terminated", NULL);
    const char *name = text_or(status, "name", "?");
    struct value end = value_is_null(ended) ? before : ended;
    int64_t code = value_get_int(value_get(end, "exitCode"));
    if (!value_is_null(now))
        line(e, 2, "container %s waits: %s%s%s", name, text_or(now, "reason", "?"),
             value_has(now, "message") ? ": " : "", text_or(now, "message", ""));
    if (!value_is_null(end) && code)
        line(e, 2, "container %s ended with exit code %lld (%s)%s%s", name, (long long)code,
             text_or(end, "reason", "?"), value_has(end, "message") ? ": " : "", text_or(end, "message", ""));
    if (!value_is_null(end) && code)
        log_tail(e, pod, name, logs);
}

static void show_pod(struct explaining *e, struct value pod, struct value its_events, bool logs) {
    static const char *const lists[] = {"initContainerStatuses", "containerStatuses"};
    struct kube_ref ref = kube_ref_of(pod);
    line(e, 0, "Pod %s is %s", ref.name, text_or(value_get(pod, "status"), "phase", "not started"));
    const char *reason = value_dig_string(pod, "status", "reason", NULL);
    if (reason)
        line(e, 2, "%s: %s", reason, text_or(value_get(pod, "status"), "message", ""));
    struct value list = value_dig(pod, "status", "conditions", NULL);
    for (size_t i = 0; i < value_len(list); i++)
        if (!strcmp(text_or(value_at(list, i), "type", ""), "PodScheduled") &&
            !strcmp(text_or(value_at(list, i), "status", ""), "False"))
            line(e, 2, "%s: %s", text_or(value_at(list, i), "reason", "not scheduled"),
                 text_or(value_at(list, i), "message", ""));
    for (size_t i = 0; i < 2; i++) {
        struct value statuses = value_dig(pod, "status", lists[i], NULL);
        for (size_t j = 0; j < value_len(statuses); j++)
            container(e, pod, value_at(statuses, j), logs);
    }
    events(e, 2, its_events);
}

static void show_pods(struct explaining *e, struct value pods, bool logs) {
    struct arena *arena = e->call->arena;
    struct kube_request requests[PODS];
    struct kube_answer answers[PODS];
    struct value shown[PODS];
    struct err each_has_its_own = err_in(arena);
    size_t n = 0, unwell = 0;
    for (size_t i = 0; i < value_len(pods); i++) {
        if (is_well(value_at(pods, i)))
            continue;
        unwell++;
        if (n < PODS)
            shown[n++] = value_at(pods, i);
    }
    for (size_t i = 0; i < n; i++) {
        struct kube_ref ref = kube_ref_of(shown[i]);
        ref.kind = "Pod";
        requests[i] = events_request(arena, &ref);
    }
    kube_do_many(e->call, e->client, requests, n, answers, &each_has_its_own);
    for (size_t i = 0; i < n; i++)
        show_pod(e, shown[i], answers[i].object, logs);
    if (unwell > n)
        line(e, 0, "and %zu more pods that are not ready", unwell - n);
    if (!value_len(pods))
        line(e, 0, "it has no pods");
}

// ---- selectors ----

static const struct {
    const char *name, *before, *between; // of key and values; no `between`: no values
} operators[] = {
    {"In", "", " in "}, {"NotIn", "", " notin "}, {"Exists", "", NULL}, {"DoesNotExist", "!", NULL}};

static void add_expression(struct buf *text, struct value expression) {
    const char *name = text_or(expression, "operator", "");
    struct value values = value_get(expression, "values");
    size_t i = 0, count = sizeof operators / sizeof *operators;
    while (i < count && strcmp(operators[i].name, name))
        i++;
    if (i == count)
        return;
    buf_printf(text, "%s%s%s", text->len ? "," : "", operators[i].before, text_or(expression, "key", ""));
    if (!operators[i].between)
        return;
    buf_printf(text, "%s(", operators[i].between);
    for (size_t j = 0; j < value_len(values); j++)
        buf_printf(text, "%s%s", j ? "," : "", value_text_or(value_at(values, j), ""));
    buf_char(text, ')');
}

const char *kube_selector_text(struct arena *arena, struct value selector) {
    struct value labels = value_get(selector, "matchLabels"),
                 expressions = value_get(selector, "matchExpressions");
    struct buf text;
    buf_init(&text, arena);
    for (size_t i = 0; value_kind(labels) == VALUE_MAP && i < value_len(labels); i++)
        buf_printf(&text, "%s%s=%s", text.len ? "," : "", value_entry_at(labels, i)->key,
                   value_text_or(value_entry_at(labels, i)->value, ""));
    for (size_t i = 0; i < value_len(expressions); i++)
        add_expression(&text, value_at(expressions, i));
    return text.len ? buf_text(&text) : NULL;
}

// ---- all of it ----

static void explain_object(struct explaining *e, const struct kube_ref *ref, struct value object,
                           struct value its_events) {
    struct err ignored = err_in(e->call->arena);
    const char *selector = kube_selector_text(e->call->arena, value_dig(object, "spec", "selector", NULL));
    struct kube_ref pods = KUBE_REF("v1", "Pod", ref->namespace, NULL);
    struct value list;
    if (!strcmp(ref->kind, "Pod")) {
        show_pod(e, object, its_events, true);
        return;
    }
    conditions(e, 0, object);
    events(e, 0, its_events);
    if (selector && ref->namespace && kube_list(e->call, e->client, &pods, selector, &list, &ignored))
        show_pods(e, list, true);
}

const char *kube_explain(struct call *call, struct kube_client *client, const struct kube_ref *ref) {
    struct call own = *call; // the deadline may be what brought us here; the stop flags still count
    struct buf text;
    struct err ignored = err_in(call->arena);
    buf_init(&text, call->arena);
    own.deadline = call_now() + BUDGET_MS;
    struct explaining e = {&own, client, &text};
    struct kube_request requests[] = {{.verb = KUBE_GET, .ref = *ref}, events_request(call->arena, ref)};
    struct kube_answer answers[2];
    kube_do_many(&own, client, requests, 2, answers, &ignored);
    if (answers[0].failure.kind == ERR_NOT_FOUND)
        line(&e, 0, "it does not exist");
    else if (!answers[0].failure.kind)
        explain_object(&e, ref, answers[0].object, answers[1].object);
    return buf_text(&text);
}
