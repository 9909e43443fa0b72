// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"
#include "base/cursor.h"
#include "kube/private.h"
#include "kube/ready.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    ONE_BY_ONE = 8, // up to that many of a kind and namespace get a watch each, more share one
    TICK_MS = 1000, // rules with a grace period change without an event
    SURE_FAILED_MS = 3000,
    EXPLAINED = 5,     // workloads in an error's text
    EXPLAIN_MS = 5000, // then no other is begun
    PODS_MS = 180000,  // without an event, pods are looked at as often as Helm 4 does
};

struct waited {
    struct kube_ref ref;
    struct value object; // the last state, in `arena`
    struct arena *arena; // replaced with every state
    struct kube_status status;
    char told[512]; // status.reason, as progress was told last
    int64_t pods_seen;
    size_t pods_lost;
};

struct wait_state {
    struct call *call;
    struct kube_client *client;
    const struct kube_wait *wait;
    struct waited *items;
    size_t count;
    struct kube_watch_target *targets;
    size_t target_count;
    int64_t failed_since;
};

// ---- what is watched ----

static bool same_collection(const struct kube_ref *a, const struct kube_ref *b) {
    const char *x = a->namespace ? a->namespace : "", *y = b->namespace ? b->namespace : "";
    return !strcmp(a->kind, b->kind) && !strcmp(a->api_version, b->api_version) && !strcmp(x, y);
}

static bool has_target(const struct wait_state *w, const struct kube_ref *ref) {
    for (size_t i = 0; i < w->target_count; i++)
        if (!w->targets[i].ref.name && same_collection(&w->targets[i].ref, ref))
            return true;
    return false;
}

static void choose_targets(struct wait_state *w) {
    for (size_t i = 0; i < w->count; i++) {
        struct kube_ref ref = w->items[i].ref;
        size_t siblings = 0;
        if (w->items[i].status.state == KUBE_STATE_READY)
            continue;
        for (size_t j = 0; j < w->count; j++)
            siblings +=
                w->items[j].status.state != KUBE_STATE_READY && same_collection(&w->items[j].ref, &ref);
        if (siblings > ONE_BY_ONE)
            ref.name = NULL;
        if (ref.name || !has_target(w, &ref))
            w->targets[w->target_count++].ref = ref;
    }
}

static struct waited *find_waited(struct wait_state *w, const struct kube_event *event) {
    struct kube_ref here = w->targets[event->target].ref;
    struct value name = value_dig(event->object, "metadata", "name", NULL);
    name = here.name ? value_string_ref(here.name) : name;
    for (size_t i = 0; i < w->count; i++)
        if (value_is_text(name, w->items[i].ref.name) && same_collection(&w->items[i].ref, &here))
            return &w->items[i];
    return NULL;
}

// ---- what happens ----

static void keep(struct waited *item, struct value object) {
    struct arena *old = item->arena;
    item->arena = arena_create();
    item->object = value_copy(item->arena, object);
    arena_destroy(old);
}

static bool answers_for_pods(const struct kube_ref *ref) {
    return !strcmp(ref->api_version, "apps/v1") &&
           (!strcmp(ref->kind, "StatefulSet") || !strcmp(ref->kind, "ReplicaSet"));
}

// What cannot be listed is not held against it.
static size_t count_lost_pods(struct wait_state *w, const struct waited *item, struct arena *scratch) {
    struct call within = *w->call;
    struct err ignored = err_in(scratch);
    struct kube_ref pods = KUBE_REF("v1", "Pod", item->ref.namespace, NULL);
    struct value list;
    const char *selector = kube_selector_text(scratch, value_dig(item->object, "spec", "selector", NULL));
    size_t lost = 0;
    within.arena = scratch;
    if (selector && kube_list(&within, w->client, &pods, selector, &list, &ignored))
        for (size_t i = 0; i < value_len(list); i++)
            lost += kube_pod_is_lost(scratch, value_at(list, i), (int64_t)time(NULL));
    return lost;
}

static struct kube_status judge_pods(struct wait_state *w, struct waited *item, bool fresh,
                                     struct arena *scratch, struct kube_status status) {
    if (!w->wait->pods || status.state != KUBE_STATE_WAITING || !answers_for_pods(&item->ref))
        return status;
    if (fresh || call_now() - item->pods_seen > PODS_MS) {
        item->pods_lost = count_lost_pods(w, item, scratch);
        item->pods_seen = call_now();
    }
    if (!item->pods_lost)
        return status;
    return (struct kube_status){
        KUBE_STATE_FAILED,
        arena_printf(scratch, "%s, and %zu of its pods have failed", status.reason, item->pods_lost)};
}

// In a scratch arena: this happens every second, however long the wait. `fresh`: the object has changed.
static void judge(struct wait_state *w, struct waited *item, bool fresh) {
    SCRATCH_ARENA(scratch);
    struct kube_status now = kube_status_of(scratch, w->wait->rules, item->object, (int64_t)time(NULL));
    now = judge_pods(w, item, fresh, scratch, now);
    const char *reason = now.reason ? now.reason : "";
    bool news = now.state != item->status.state || strncmp(item->told, reason, sizeof item->told - 1);
    if (news)
        snprintf(item->told, sizeof item->told, "%s", reason);
    item->status = (struct kube_status){now.state, now.reason ? item->told : NULL};
    if (news && now.state != KUBE_STATE_READY && w->wait->progress)
        w->wait->progress(w->wait->data, &item->ref, &item->status);
}

static size_t count_state(const struct wait_state *w, enum kube_state state) {
    size_t n = 0;
    for (size_t i = 0; i < w->count; i++)
        n += w->items[i].status.state == state;
    return n;
}

static const char *explanation(struct wait_state *w) {
    struct arena *arena = w->call->arena;
    size_t bad = w->count - count_state(w, KUBE_STATE_READY), explained = 0;
    int64_t until = call_now() + EXPLAIN_MS;
    struct buf text;
    buf_init(&text, arena);
    buf_printf(&text, "%zu of %zu objects are not ready", bad, w->count);
    for (size_t i = 0; i < w->count; i++) {
        struct waited *item = &w->items[i];
        if (item->status.state == KUBE_STATE_READY)
            continue;
        buf_printf(&text, "\n%s %s: %s", kube_ref_text(arena, &item->ref),
                   item->status.state == KUBE_STATE_FAILED ? "failed" : "is not ready", item->status.reason);
        const char *why =
            explained++ < EXPLAINED && call_now() < until ? kube_explain(w->call, w->client, &item->ref) : "";
        for (struct cursor rest = cursor_of(why); cursor_left(rest);)
            buf_printf(&text, "\n  %s", cursor_text(cursor_line(&rest), arena));
    }
    return buf_text(&text);
}

static enum kube_watch_next verdict(struct wait_state *w, struct err *err) {
    size_t failures = count_state(w, KUBE_STATE_FAILED);
    if (count_state(w, KUBE_STATE_READY) == w->count)
        return KUBE_WATCH_DONE;
    if (!failures || count_state(w, KUBE_STATE_WAITING)) {
        w->failed_since = 0;
        return KUBE_WATCH_ON;
    }
    w->failed_since = w->failed_since ? w->failed_since : call_now();
    if (call_now() - w->failed_since < SURE_FAILED_MS)
        return KUBE_WATCH_ON;
    err_set(err, ERR_FAILED, "failed");
    return KUBE_WATCH_FAILED;
}

static enum kube_watch_next on_event(void *data, struct call *call, const struct kube_event *event,
                                     struct err *err) {
    struct wait_state *w = data;
    (void)call;
    if (!event) {
        for (size_t i = 0; i < w->count; i++)
            judge(w, &w->items[i], false);
        return verdict(w, err);
    }
    struct waited *item = event->kind == KUBE_EVENT_SYNCED ? NULL : find_waited(w, event);
    if (item) {
        keep(item, event->kind == KUBE_EVENT_GONE ? value_null() : event->object);
        judge(w, item, true);
    }
    return item || event->kind == KUBE_EVENT_SYNCED ? verdict(w, err) : KUBE_WATCH_ON;
}

// Most objects of a release (Secrets, Services, roles) are ready as soon as they exist: they need no watch,
// nor the right to list their kind. What cannot be read here is left to the watch.
static void first_look(struct wait_state *w) {
    struct kube_request *requests = arena_array(w->call->arena, w->count, sizeof *requests);
    struct kube_answer *answers = arena_array(w->call->arena, w->count, sizeof *answers);
    struct err each_has_its_own = err_in(w->call->arena);
    for (size_t i = 0; i < w->count; i++)
        requests[i] = (struct kube_request){.verb = KUBE_GET, .ref = w->items[i].ref};
    kube_do_many(w->call, w->client, requests, w->count, answers, &each_has_its_own);
    for (size_t i = 0; i < w->count; i++)
        if (!answers[i].failure.kind) {
            keep(&w->items[i], answers[i].object);
            judge(w, &w->items[i], true);
        }
}

bool kube_wait_ready(struct call *call, struct kube_client *client, const struct kube_ref *refs, size_t count,
                     const struct kube_wait *wait, struct err *err) {
    struct wait_state w = {.call = call, .client = client, .wait = wait, .count = count};
    w.items = arena_array(call->arena, count, sizeof *w.items);
    w.targets = arena_array(call->arena, count, sizeof *w.targets);
    for (size_t i = 0; i < count; i++) {
        w.items[i].ref = refs[i];
        w.items[i].arena = arena_create();
        w.items[i].status = kube_status_of(call->arena, wait->rules, value_null(), 0);
    }
    first_look(&w);
    choose_targets(&w);
    bool done =
        !w.target_count || kube_watch(call, client, w.targets, w.target_count, TICK_MS, on_event, &w, err);
    bool explain = !done && (err->kind == ERR_TIMEOUT || count_state(&w, KUBE_STATE_FAILED));
    if (explain && err->kind != ERR_CANCELLED)
        err_set(err, err->kind, "%s%s", err->kind == ERR_TIMEOUT ? "timed out: " : "", explanation(&w));
    for (size_t i = 0; i < count; i++)
        arena_destroy(w.items[i].arena);
    return done;
}
