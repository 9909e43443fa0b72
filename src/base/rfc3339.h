// SPDX-License-Identifier: Apache-2.0
// Times as Kubernetes, Helm and licenses write them. Source: RFC 3339 section 5.6.
#ifndef BASE_RFC3339_H
#define BASE_RFC3339_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

// Reads a date and time with its offset as seconds since 1970; fractions of a second are dropped. NULL, and
// what is no such text, is false.
bool rfc3339_parse(const char *text, int64_t *unix_s);

// Seconds since 1970 in UTC, "2026-05-04T03:02:01Z"; NULL for a year beyond what the C library counts.
const char *rfc3339_text(struct arena *arena, int64_t unix_s);

// Now, in UTC with nanoseconds.
const char *rfc3339_now(struct arena *arena);

#endif
