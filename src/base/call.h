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

// What a warning is about, made by subject_of, subject_at or subject_many. Of several warnings with one
// summary Terraform and OpenTofu show the first and count the others, so the summary names what its warning
// is about.
struct subject {
    const char *object; // "WeightsAndBiases/team-a/a", "chart operator"
    const char *path;   // as struct notice has it
    size_t count;       // how many of `unit`, "path", for a list; 0 for none
    const char *unit;
};

struct log_field {
    const char *name, *value; // "tf_resource_type", "wandb_instance"
};

struct call {
    struct arena *arena;
    int64_t deadline;             // call_now() milliseconds, CALL_NO_DEADLINE for none
    const atomic_bool *stop[2];   // any true ends the work; entries may be NULL
    struct notice *notices;       // oldest first
    struct notice **notices_tail; // NULL until the first notice
    struct log_field log_field;   // what every record of the call has besides; without a name none
    struct hidden *hidden;        // the secrets it met, shared with its copies; NULL: nobody looks for any
    const char *about;            // the object that it is for, as call_part names it, or NULL
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

// Part of what the call is for, as it tells warnings apart: "chart redis of Release/wandb/operator". The part
// alone where the call is for nothing in particular.
const char *call_part(const struct call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));

// An object as a whole; the same, with the attribute that the warning stands at; a list of things about it.
struct subject subject_of(const char *object);
struct subject subject_at(const char *object, const char *path);
struct subject subject_many(const char *object, size_t count, const char *unit);

// Leaves a warning for the user. `what` goes before the object: "Instance kept:", "Drift in"; the summary is
// "Drift in WeightsAndBiases/team-a/a: 2 paths".
void call_warn(struct call *call, struct subject about, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
