// SPDX-License-Identifier: Apache-2.0
#include "kube/watch.h"

#include "base/buf.h"
#include "base/cursor.h"
#include "base/log.h"
#include "codec/json.h"
#include "http/url.h"
#include "kube/private.h"

#include <string.h>

enum {
    WATCH_S = 290,  // after that the server ends the stream, and we go on
    POLL_MS = 1000, // where watching is forbidden
    FIRST_BACKOFF_MS = 200,
    LONGEST_BACKOFF_MS = 5000,
    LONGEST_WAIT_MS = 60000,
    LONGEST_LINE = 64 << 20, // as of any other answer
};

// What we last saw of an object, to tell changes from repetitions.
struct seen {
    struct seen *next;
    const char *key; // namespace/name
    char version[32];
    bool listed; // by the list under way
};

struct watched {
    const struct kube_watch_target *target;
    struct kube_resource resource;
    bool single, synced, polls;
    bool found;       // a single object was reported as there
    char version[32]; // to go on from; "" when a list is due
    int64_t due;      // of the next list, poll or stream
    int failures;     // in a row
    struct http_stream *stream;
    struct arena *stream_arena; // what the stream's request borrows
    struct buf rest;            // the beginning of a line
    size_t searched;            // of it, for its end
    unsigned credential;
    struct seen *seen;
};

struct watching {
    struct call *call;
    struct kube_client *client;
    struct watched *items;
    size_t count;
    kube_watch_fn *fn;
    void *data;
    struct err *err;
    struct arena *scratch; // of this turn
    bool all_synced;
};

// ---- telling the caller ----

static enum kube_watch_next tell(struct watching *w, const struct kube_event *event) {
    struct call within = *w->call;
    within.arena = w->scratch;
    within.notices = NULL;
    within.notices_tail = NULL;
    return w->fn(w->data, &within, event, w->err);
}

static const char *key_of(struct arena *arena, struct value object) {
    struct kube_ref ref = kube_ref_of(object);
    return arena_printf(arena, "%s/%s", ref.namespace ? ref.namespace : "", ref.name ? ref.name : "");
}

static struct seen *find_seen(struct watched *item, const char *key) {
    struct seen *seen = item->seen;
    while (seen && strcmp(seen->key, key))
        seen = seen->next;
    return seen;
}

static void note_version(char into[32], const char *version) {
    strncpy(into, version ? version : "", 31);
}

static enum kube_watch_next tell_there(struct watching *w, struct watched *item, struct value object) {
    const char *key = key_of(w->scratch, object);
    const char *version = value_text_or(value_dig(object, "metadata", "resourceVersion", NULL), "");
    struct seen *seen = find_seen(item, key);
    struct kube_event event = {seen ? KUBE_EVENT_CHANGED : KUBE_EVENT_FOUND, (size_t)(item - w->items),
                               object};
    if (seen) {
        seen->listed = true;
        if (*version && !strcmp(seen->version, version))
            return KUBE_WATCH_ON;
    } else {
        seen = arena_alloc(w->call->arena, sizeof *seen);
        *seen = (struct seen){.next = item->seen, .key = arena_strdup(w->call->arena, key), .listed = true};
        item->seen = seen;
    }
    note_version(seen->version, version);
    return tell(w, &event);
}

static enum kube_watch_next tell_gone(struct watching *w, struct watched *item, struct value object) {
    struct kube_event event = {KUBE_EVENT_GONE, (size_t)(item - w->items), object};
    const char *key = key_of(w->scratch, object);
    for (struct seen **at = &item->seen; *at; at = &(*at)->next)
        if (!strcmp((*at)->key, key)) {
            *at = (*at)->next;
            break;
        }
    return tell(w, &event);
}

// Objects that a new list lacks were deleted meanwhile; only their names are known.
static enum kube_watch_next tell_unlisted(struct watching *w, struct watched *item) {
    for (struct seen **at = &item->seen; *at;) {
        struct seen *seen = *at;
        if (seen->listed) {
            at = &seen->next;
            continue;
        }
        *at = seen->next;
        const char *slash = strchr(seen->key, '/');
        const struct value_entry metadata[] = {
            {"name", value_string_ref(slash + 1)},
            {"namespace", value_string_len(w->scratch, seen->key, (size_t)(slash - seen->key))}};
        const struct value_entry object[] = {
            {"apiVersion", value_string_ref(item->target->ref.api_version)},
            {"kind", value_string_ref(item->target->ref.kind)},
            {"metadata", value_map(w->scratch, metadata, slash > seen->key ? 2 : 1)}};
        struct kube_event event = {KUBE_EVENT_GONE, (size_t)(item - w->items),
                                   value_map(w->scratch, object, 3)};
        enum kube_watch_next next = tell(w, &event);
        if (next != KUBE_WATCH_ON)
            return next;
    }
    return KUBE_WATCH_ON;
}

static enum kube_watch_next take_list(struct watching *w, struct watched *item, struct value list) {
    enum kube_watch_next next = KUBE_WATCH_ON;
    bool first = !item->synced;
    for (struct seen *seen = item->seen; seen; seen = seen->next)
        seen->listed = false;
    for (size_t i = 0; i < value_len(list) && next == KUBE_WATCH_ON; i++)
        next = tell_there(w, item, value_at(list, i));
    if (next == KUBE_WATCH_ON)
        next = tell_unlisted(w, item);
    item->synced = true;
    if (next == KUBE_WATCH_ON && first && item->single && !value_len(list))
        next = tell(w, &(struct kube_event){KUBE_EVENT_GONE, (size_t)(item - w->items), value_null()});
    return next;
}

// ---- lists and polls ----

static const char *field_selector(struct arena *arena, const struct watched *item) {
    return item->single ? arena_printf(arena, "metadata.name=%s", item->target->ref.name) : NULL;
}

static struct kube_request list_request(struct watching *w, const struct watched *item) {
    struct kube_request request = {.verb = item->polls ? KUBE_GET : KUBE_LIST, .ref = item->target->ref};
    if (!item->polls) {
        request.ref.name = NULL;
        request.label_selector = item->target->label_selector;
        request.field_selector = field_selector(w->scratch, item);
    }
    return request;
}

static void back_off(struct watched *item) {
    int64_t wait = (int64_t)FIRST_BACKOFF_MS << (item->failures < 5 ? item->failures : 5);
    item->due = call_now() + (wait < LONGEST_BACKOFF_MS ? wait : LONGEST_BACKOFF_MS);
    item->failures++;
}

static bool passes(enum err_kind kind) {
    return kind == ERR_UNAVAILABLE || kind == ERR_INTERNAL;
}

// Where lists are forbidden a single object may still be read.
static bool try_polling(struct watched *item, enum err_kind kind) {
    if (kind != ERR_FORBIDDEN || !item->single || item->polls)
        return false;
    item->polls = true;
    item->due = 0;
    return true;
}

static enum kube_watch_next take_answer(struct watching *w, struct watched *item,
                                        const struct kube_answer *answer) {
    enum err_kind kind = answer->failure.kind;
    struct value list = answer->object;
    if (kind == ERR_NOT_FOUND && (item->polls || item->synced)) {
        list = value_list(w->scratch, NULL, 0); // the object, or by now its kind, is gone
    } else if (kind && (passes(kind) || try_polling(item, kind))) {
        if (passes(kind))
            back_off(item);
        return KUBE_WATCH_ON;
    } else if (kind) {
        err_set(w->err, kind, "%s", answer->failure.msg);
        return KUBE_WATCH_FAILED;
    } else if (item->polls) {
        list = value_list(w->scratch, &answer->object, 1);
    }
    item->failures = 0;
    item->due = item->polls || kind ? call_now() + POLL_MS : 0;
    note_version(item->version, kind ? "" : answer->resource_version);
    return take_list(w, item, list);
}

static bool wants_list(const struct watched *item, int64_t now) {
    return !item->stream && (item->polls || !*item->version) && item->due <= now;
}

static enum kube_watch_next list_due(struct watching *w) {
    int64_t now = call_now();
    struct kube_request *requests = arena_array(w->scratch, w->count, sizeof *requests);
    struct kube_answer *answers = arena_array(w->scratch, w->count, sizeof *answers);
    struct watched **items = arena_array(w->scratch, w->count, sizeof(struct watched *));
    struct err each_has_its_own = err_in(w->scratch);
    enum kube_watch_next next = KUBE_WATCH_ON;
    struct call within = *w->call;
    size_t n = 0;
    within.arena = w->scratch;
    for (size_t i = 0; i < w->count; i++)
        if (wants_list(&w->items[i], now)) {
            requests[n] = list_request(w, &w->items[i]);
            items[n++] = &w->items[i];
        }
    if (n)
        kube_do_many(&within, w->client, requests, n, answers, &each_has_its_own);
    for (size_t i = 0; i < n && next == KUBE_WATCH_ON; i++)
        next = take_answer(w, items[i], &answers[i]);
    return next;
}

static enum kube_watch_next tell_synced(struct watching *w) {
    if (w->all_synced)
        return KUBE_WATCH_ON;
    for (size_t i = 0; i < w->count; i++)
        if (!w->items[i].synced)
            return KUBE_WATCH_ON;
    w->all_synced = true;
    return tell(w, &(struct kube_event){.kind = KUBE_EVENT_SYNCED});
}

// ---- streams ----

static const char *stream_url(struct watching *w, const struct watched *item) {
    struct arena *arena = item->stream_arena;
    const struct kube_ref *ref = &item->target->ref;
    struct buf url;
    buf_init(&url, arena);
    buf_printf(&url, "%s%s", w->client->config->host, kube_group_path(arena, ref->api_version));
    if (item->resource.namespaced && ref->namespace && *ref->namespace)
        buf_printf(&url, "/namespaces/%s", url_escape(arena, ref->namespace));
    buf_printf(&url, "/%s?watch=true&allowWatchBookmarks=true&timeoutSeconds=%d&resourceVersion=%s",
               item->resource.plural, WATCH_S, url_escape(arena, item->version));
    if (item->single)
        buf_printf(&url, "&fieldSelector=%s", url_escape(arena, field_selector(arena, item)));
    if (item->target->label_selector)
        buf_printf(&url, "&labelSelector=%s", url_escape(arena, item->target->label_selector));
    return buf_text(&url);
}

static void close_stream(struct watched *item) {
    if (!item->stream)
        return;
    http_stream_close(item->stream);
    arena_destroy(item->stream_arena);
    item->stream = NULL;
}

static bool open_stream(struct watching *w, struct watched *item, unsigned refused) {
    struct call within = *w->call;
    item->stream_arena = within.arena = arena_create();
    buf_init(&item->rest, item->stream_arena);
    item->searched = 0;
    item->stream = kube_stream(&within, w->client, stream_url(w, item), refused, &item->credential, w->err);
    if (!item->stream)
        arena_destroy(item->stream_arena);
    return item->stream != NULL;
}

static bool open_due(struct watching *w) {
    int64_t now = call_now();
    for (size_t i = 0; i < w->count; i++) {
        struct watched *item = &w->items[i];
        if (!item->stream && !item->polls && *item->version && item->due <= now && !open_stream(w, item, 0))
            return false;
    }
    return true;
}

// A line of the stream: {"type":…,"object":…}.
static enum kube_watch_next take_line(struct watching *w, struct watched *item, const char *line,
                                      size_t len) {
    struct err unread = err_in(w->scratch);
    struct value event;
    if (!json_decode(w->scratch, line, len, &event, &unread)) {
        item->version[0] = '\0'; // list again
        return KUBE_WATCH_ON;
    }
    const char *type = value_text_or(value_get(event, "type"), "ERROR");
    struct value object = value_get(event, "object");
    if (!strcmp(type, "ERROR")) { // 410, or whatever: a list tells
        item->version[0] = '\0';
        return KUBE_WATCH_ON;
    }
    note_version(item->version, value_dig_string(object, "metadata", "resourceVersion", NULL));
    item->failures = 0;
    if (!strcmp(type, "BOOKMARK"))
        return KUBE_WATCH_ON;
    if (!kube_is_named(object)) // no event that anything could be made of
        return KUBE_WATCH_ON;
    return strcmp(type, "DELETED") ? tell_there(w, item, object) : tell_gone(w, item, object);
}

static enum kube_watch_next take_lines(struct watching *w, struct watched *item) {
    enum kube_watch_next next = KUBE_WATCH_ON;
    struct cursor rest = cursor_over(item->rest.ptr, item->rest.len), unsearched = rest, end;
    cursor_drop(&unsearched, item->searched);
    while (next == KUBE_WATCH_ON && cursor_find(unsearched, '\n', &end)) {
        struct cursor line = cursor_before(rest, end);
        if (cursor_left(line))
            next = take_line(w, item, line.at, cursor_left(line));
        cursor_drop(&end, 1);
        rest = unsearched = end;
    }
    size_t left = cursor_left(rest);
    memmove(item->rest.ptr, rest.at, left);
    buf_truncate(&item->rest, left);
    item->searched = next == KUBE_WATCH_ON ? left : 0;
    return next;
}

// The stream is over. What its status means for the next one.
static enum kube_watch_next take_end(struct watching *w, struct watched *item, int status) {
    unsigned used = item->credential;
    close_stream(item);
    if (status == 401 && kube_login_maker(&w->client->config->login) && !item->failures++)
        return open_stream(w, item, used) ? KUBE_WATCH_ON : KUBE_WATCH_FAILED;
    if (status == 410 || status == 404 || status == 400 || status == 401 || status == 403) {
        item->version[0] = '\0'; // the list says more clearly what is wrong, if anything is
        item->polls = item->single && status == 403;
    }
    if (status != 200 || item->failures)
        back_off(item);
    else
        item->due = call_now() + FIRST_BACKOFF_MS / 4;
    item->failures += status == 200; // only an event proves that streams work
    return KUBE_WATCH_ON;
}

static enum kube_watch_next read_stream(struct watching *w, struct watched *item) {
    struct err why = err_in(w->scratch);
    const char *data;
    size_t len;
    int status;
    enum http_stream_state state = http_stream_read(item->stream, w->scratch, &data, &len, &status, &why);
    enum kube_watch_next next = KUBE_WATCH_ON;
    if (len && status == 200) {
        buf_add(&item->rest, data, len);
        next = take_lines(w, item);
        if (item->rest.len > LONGEST_LINE)
            item->version[0] = '\0'; // not one that an API server writes: begin again
    }
    if (next != KUBE_WATCH_ON || (state == HTTP_STREAM_OPEN && *item->version))
        return next;
    if (state == HTTP_STREAM_FAILED)
        log_to(w->call, LOG_DEBUG, "kube", "watch of %s: %s", item->target->ref.kind, why.msg);
    return take_end(w, item, state == HTTP_STREAM_FAILED ? 0 : status);
}

static enum kube_watch_next read_streams(struct watching *w) {
    enum kube_watch_next next = KUBE_WATCH_ON;
    for (size_t i = 0; i < w->count && next == KUBE_WATCH_ON; i++)
        if (w->items[i].stream)
            next = read_stream(w, &w->items[i]);
    return next;
}

// ---- the loop ----

static int next_wait(const struct watching *w, int64_t tick_at) {
    int64_t now = call_now(), until = now + LONGEST_WAIT_MS;
    until = tick_at < until ? tick_at : until;
    for (size_t i = 0; i < w->count; i++)
        if (!w->items[i].stream && w->items[i].due < until)
            until = w->items[i].due;
    return until > now ? (int)(until - now) : 0;
}

static enum kube_watch_next wait_for_streams(struct watching *w, int64_t tick_at) {
    struct http_stream **streams = arena_array(w->scratch, w->count, sizeof(struct http_stream *));
    for (size_t i = 0; i < w->count; i++)
        streams[i] = w->items[i].stream;
    return http_streams_wait(w->call, w->client->http, streams, w->count, next_wait(w, tick_at), w->err)
               ? KUBE_WATCH_ON
               : KUBE_WATCH_FAILED;
}

static enum kube_watch_next turn(struct watching *w, int tick_ms, int64_t *tick_at) {
    enum kube_watch_next next = call_alive(w->call, w->err) ? list_due(w) : KUBE_WATCH_FAILED;
    if (next == KUBE_WATCH_ON)
        next = tell_synced(w);
    if (next == KUBE_WATCH_ON)
        next = open_due(w) ? wait_for_streams(w, *tick_at) : KUBE_WATCH_FAILED;
    if (next == KUBE_WATCH_ON)
        next = read_streams(w);
    if (next == KUBE_WATCH_ON && call_now() >= *tick_at) {
        *tick_at = call_now() + tick_ms;
        next = tell(w, NULL);
    }
    return next;
}

static bool prepare(struct watching *w, const struct kube_watch_target *targets) {
    struct kube_ref *refs = arena_array(w->call->arena, w->count, sizeof *refs);
    for (size_t i = 0; i < w->count; i++)
        refs[i] = targets[i].ref;
    if (!kube_discover(w->call, w->client, refs, w->count, w->err))
        return false;
    for (size_t i = 0; i < w->count; i++) {
        struct watched *item = &w->items[i];
        item->target = &targets[i];
        item->single = targets[i].ref.name && *targets[i].ref.name;
        if (!kube_resolve(w->call, w->client, refs[i].api_version, refs[i].kind, &item->resource, w->err))
            return false;
    }
    return true;
}

bool kube_watch(struct call *call, struct kube_client *client, const struct kube_watch_target *targets,
                size_t count, int tick_ms, kube_watch_fn *fn, void *data, struct err *err) {
    struct watching w = {call,  client, arena_array(call->arena, count, sizeof(struct watched)),
                         count, fn,     data,
                         err,   NULL,   false};
    int64_t tick_at = tick_ms > 0 ? call_now() + tick_ms : INT64_MAX;
    enum kube_watch_next next = prepare(&w, targets) ? KUBE_WATCH_ON : KUBE_WATCH_FAILED;
    while (next == KUBE_WATCH_ON) {
        SCRATCH_ARENA(scratch);
        w.scratch = scratch;
        next = turn(&w, tick_ms, &tick_at);
    }
    for (size_t i = 0; i < count; i++)
        close_stream(&w.items[i]);
    return next == KUBE_WATCH_DONE;
}
