// SPDX-License-Identifier: Apache-2.0
// What a blocking function needs from whoever called it: an arena, a deadline,
// a way to be told to stop, a place for warnings, and a log. A function whose
// first parameter is `struct call *` may block; one call belongs to one thread.
#ifndef BASE_CALL_H
#define BASE_CALL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/hidden.h"

#include <stdatomic.h>
#include <stdint.h>

#define CALL_NO_DEADLINE INT64_MAX

// Something the user should read though the call succeeded.
struct notice {
    struct notice *next;
    const char *path; // attribute path as text, or NULL for the whole resource
    const char *summary;
    const char *detail;
};

struct call {
    struct arena *arena;
    int64_t deadline;             // call_now() milliseconds, CALL_NO_DEADLINE for none
    const atomic_bool *stop[2];   // any true ends the work; entries may be NULL
    struct notice *notices;       // oldest first
    struct notice **notices_tail; // NULL until the first notice
    const char *log_fields;       // JSON members without braces, e.g. "\"tf_rpc\":\"ReadResource\"", or NULL
    struct hidden *hidden;        // the secrets it met, shared with its copies; NULL: nobody looks for any
};

// A call with no deadline and nobody to stop it.
struct call call_in(struct arena *arena);

// Monotonic milliseconds.
int64_t call_now(void);

// The same call, ending `ms` from now or at its own deadline, whichever comes first.
// Notices made through the copy are seen by the original after call_join.
struct call call_within(const struct call *call, int64_t ms);

// Adds the notices of a copy made by call_within to `call`.
void call_join(struct call *call, const struct call *within);

// Notes a secret (as hidden_add; NULL is none): no log line and no message of this call shows it from now on.
void call_hide(const struct call *call, const char *text);

// `text` without the call's secrets, for what is cut or stored before it leaves as a message.
const char *call_shown(const struct call *call, const char *text);

// Milliseconds left, 0 when over, at most INT_MAX (so poll() can take it).
int call_left(const struct call *call);

// False, with ERR_CANCELLED or ERR_TIMEOUT, when the work should end now.
bool call_alive(const struct call *call, struct err *err);

// Sleeps, waking early to fail as call_alive does (it looks every 50 ms).
bool call_sleep(const struct call *call, int64_t ms, struct err *err);

// Leaves a warning for the user.
void call_warn(struct call *call, const char *path, const char *summary, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
