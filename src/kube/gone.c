// SPDX-License-Identifier: Apache-2.0
// Waiting for absence.
#include "base/buf.h"
#include "kube/private.h"
#include "kube/watch.h"

struct absence {
    const struct kube_ref *refs;
    size_t count;
    struct value *left; // the last state of each, null when gone
    bool *gone;
    struct arena *arena;
};

static enum kube_watch_next on_absence(void *data, struct call *call, const struct kube_event *event,
                                       struct err *err) {
    struct absence *a = data;
    (void)call;
    (void)err;
    if (event->kind != KUBE_EVENT_SYNCED) {
        a->gone[event->target] = event->kind == KUBE_EVENT_GONE;
        if (event->kind != KUBE_EVENT_GONE)
            a->left[event->target] =
                value_copy(a->arena, value_dig(event->object, "metadata", "finalizers", NULL));
    }
    for (size_t i = 0; i < a->count; i++)
        if (!a->gone[i])
            return KUBE_WATCH_ON;
    return KUBE_WATCH_DONE;
}

static bool still_there(struct absence *a, struct err *err) {
    struct buf text;
    buf_init(&text, a->arena);
    for (size_t i = 0; i < a->count; i++) {
        if (a->gone[i])
            continue;
        buf_printf(&text, "%s%s", text.len ? "; " : "", kube_ref_text(a->arena, &a->refs[i]));
        for (size_t j = 0; j < value_len(a->left[i]); j++)
            buf_printf(&text, "%s%s", j ? ", " : ", held by finalizer ",
                       value_text_or(value_at(a->left[i], j), "?"));
    }
    return err_set(err, ERR_TIMEOUT, "still there after the time allowed: %s", buf_text(&text));
}

// Of a kind that is not served there is nothing left.
static bool only_served(struct call *call, struct kube_client *client, const struct kube_ref *refs,
                        size_t *count, struct kube_ref *out, struct err *err) {
    size_t n = 0;
    for (size_t i = 0; i < *count; i++) {
        struct err failure = err_in(call->arena);
        struct kube_resource ignored;
        if (kube_resolve(call, client, refs[i].api_version, refs[i].kind, &ignored, &failure))
            out[n++] = refs[i];
        else if (failure.kind != ERR_NOT_FOUND)
            return err_set(err, failure.kind, "%s", failure.msg);
    }
    *count = n;
    return true;
}

bool kube_wait_gone(struct call *call, struct kube_client *client, const struct kube_ref *refs, size_t count,
                    struct err *err) {
    struct arena *arena = call->arena;
    struct kube_ref *served = arena_array(arena, count, sizeof *served);
    if (!only_served(call, client, refs, &count, served, err))
        return false;
    struct kube_watch_target *targets = arena_array(arena, count, sizeof *targets);
    struct absence a = {served, count, arena_array(arena, count, sizeof(struct value)),
                        arena_array(arena, count, sizeof(bool)), arena};
    for (size_t i = 0; i < count; i++)
        targets[i].ref = served[i];
    if (!count || kube_watch(call, client, targets, count, 0, on_absence, &a, err))
        return true;
    return err->kind == ERR_TIMEOUT ? still_there(&a, err) : false;
}
