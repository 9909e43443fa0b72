// SPDX-License-Identifier: Apache-2.0
#include "base/err.h"

struct err err_in(struct arena *arena) {
    return (struct err){.arena = arena};
}

bool err_set(struct err *err, enum err_kind kind, const char *format, ...) {
    va_list args;
    va_start(args, format);
    err->kind = kind;
    err->path = NULL;
    err->msg = arena_vprintf(err->arena, format, args);
    va_end(args);
    return false;
}

bool err_at(struct err *err, const char *path, const char *format, ...) {
    va_list args;
    va_start(args, format);
    err->kind = ERR_INVALID;
    err->path = arena_strdup(err->arena, path);
    err->msg = arena_vprintf(err->arena, format, args);
    va_end(args);
    return false;
}

bool err_wrap(struct err *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *context = arena_vprintf(err->arena, format, args);
    va_end(args);
    err->msg = arena_printf(err->arena, "%s: %s", context, err->msg ? err->msg : "failed");
    return false;
}

const char *err_kind_name(enum err_kind kind) {
    static const char *const names[] = {
        [ERR_NONE] = "none",
        [ERR_INVALID] = "invalid",
        [ERR_NOT_FOUND] = "not found",
        [ERR_CONFLICT] = "conflict",
        [ERR_UNAUTHORIZED] = "unauthorized",
        [ERR_FORBIDDEN] = "forbidden",
        [ERR_UNAVAILABLE] = "unavailable",
        [ERR_TIMEOUT] = "timeout",
        [ERR_CANCELLED] = "cancelled",
        [ERR_LIMIT] = "limit exceeded",
        [ERR_UNSUPPORTED] = "unsupported",
        [ERR_REFUSED] = "refused",
        [ERR_FAILED] = "failed",
        [ERR_INTERNAL] = "internal error",
    };
    return (size_t)kind < sizeof names / sizeof *names && names[kind] ? names[kind] : "unknown";
}
