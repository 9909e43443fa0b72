// SPDX-License-Identifier: Apache-2.0
#include "base/call.h"

#include <limits.h>
#include <time.h>

enum { LOOK_EVERY_MS = 50 };

struct call call_in(struct arena *arena) {
    return (struct call){.arena = arena, .deadline = CALL_NO_DEADLINE};
}

int64_t call_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct call call_within(const struct call *call, int64_t ms) {
    struct call within = *call;
    int64_t end = call_now() + ms;
    if (end < within.deadline)
        within.deadline = end;
    within.notices = NULL;
    within.notices_tail = NULL;
    return within;
}

static void append(struct call *call, struct notice *first, struct notice **tail) {
    *(call->notices ? call->notices_tail : &call->notices) = first;
    call->notices_tail = tail;
}

void call_join(struct call *call, const struct call *within) {
    if (within->notices)
        append(call, within->notices, within->notices_tail);
}

void call_hide(const struct call *call, const char *text) {
    hidden_add(call->hidden, text);
}

const char *call_shown(const struct call *call, const char *text) {
    return hidden_mask(call->hidden, call->arena, text);
}

int call_left(const struct call *call) {
    if (call->deadline == CALL_NO_DEADLINE)
        return INT_MAX;
    int64_t left = call->deadline - call_now();
    return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static bool stopped(const struct call *call) {
    for (size_t i = 0; i < sizeof call->stop / sizeof *call->stop; i++)
        if (call->stop[i] && atomic_load_explicit(call->stop[i], memory_order_relaxed))
            return true;
    return false;
}

bool call_alive(const struct call *call, struct err *err) {
    if (stopped(call))
        return err_set(err, ERR_CANCELLED, "interrupted");
    if (call_left(call) == 0)
        return err_set(err, ERR_TIMEOUT, "timed out");
    return true;
}

bool call_sleep(const struct call *call, int64_t ms, struct err *err) {
    int64_t end = call_now() + ms;
    for (;;) {
        if (!call_alive(call, err))
            return false;
        int64_t left = end - call_now();
        if (left <= 0)
            return true;
        int64_t nap = left < LOOK_EVERY_MS ? left : LOOK_EVERY_MS;
        nanosleep(&(struct timespec){.tv_nsec = (long)nap * 1000000}, NULL);
    }
}

const char *call_part(const struct call *call, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *part = arena_vprintf(call->arena, format, args);
    va_end(args);
    return call->about ? arena_printf(call->arena, "%s of %s", part, call->about) : part;
}

struct subject subject_of(const char *object) {
    return (struct subject){.object = object};
}

struct subject subject_at(const char *object, const char *path) {
    return (struct subject){.object = object, .path = path};
}

struct subject subject_many(const char *object, size_t count, const char *unit) {
    return (struct subject){.object = object, .count = count, .unit = unit};
}

static const char *summary_of(struct arena *arena, const struct subject *about, const char *what) {
    if (!about->count)
        return arena_printf(arena, "%s %s", what, about->object);
    return arena_printf(arena, "%s %s: %zu %s%s", what, about->object, about->count, about->unit,
                        about->count == 1 ? "" : "s");
}

void call_warn(struct call *call, struct subject about, const char *what, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct notice *notice = arena_alloc(call->arena, sizeof *notice);
    notice->path = arena_strdup(call->arena, about.path);
    notice->summary = summary_of(call->arena, &about, what);
    notice->detail = arena_vprintf(call->arena, format, args);
    va_end(args);
    append(call, notice, &notice->next);
}
