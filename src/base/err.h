// SPDX-License-Identifier: Apache-2.0
// The one error type. The caller owns it and passes it last; a function that
// fails fills it and returns false or NULL, in one line:
//     return err_set(err, ERR_CONFLICT, "release \"%s\" exists already", name);
// Text lives in the arena the error was made with.
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/arena.h"

#include <stdbool.h>

enum err_kind {
    ERR_NONE = 0,
    ERR_INVALID,      // the input is wrong
    ERR_NOT_FOUND,    // confirmed absent (HTTP 404), never "could not look"
    ERR_CONFLICT,     // exists already, or someone else owns it (HTTP 409)
    ERR_UNAUTHORIZED, // HTTP 401
    ERR_FORBIDDEN,    // HTTP 403
    ERR_UNAVAILABLE,  // could not connect, or HTTP 429/5xx
    ERR_TIMEOUT,      // the call's deadline passed
    ERR_CANCELLED,    // StopProvider or the peer went away
    ERR_LIMIT,        // a documented bound on hostile input was hit
    ERR_UNSUPPORTED,  // well-formed, but not something we do
    ERR_REFUSED,      // the cluster refuses what is written: HTTP 400 and 422, admission
    ERR_FAILED,       // what was started in the cluster failed there: a hook, a workload
    ERR_INTERNAL,     // a bug or an answer nobody expected
};

struct err {
    struct arena *arena; // where texts go
    enum err_kind kind;
    const char *path; // attribute path in value/path.h's text form, or NULL
    const char *msg;  // UTF-8, one sentence or more, no trailing newline
};

// `struct err err = err_in(arena);`
struct err err_in(struct arena *arena);

// Fills the error; always false, so that it can be returned.
bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The same for an error about an attribute.
bool err_at(struct err *err, const char *path, const char *format, ...) __attribute__((format(printf, 3, 4)));

// Puts "context: " before the message, keeping kind and path; once per room crossed. Always false.
bool err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

// "not found", "conflict", …; for logs.
const char *err_kind_name(enum err_kind kind);

#endif
