// SPDX-License-Identifier: Apache-2.0
// Durations as Go's time.Duration: nanoseconds, written "1h2m3.5s".
#ifndef GO_DURATION_H
#define GO_DURATION_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

// ERR_INVALID: Go's words.
bool duration_parse(const char *text, size_t len, int64_t *out, struct err *err);
void duration_string(struct buf *out, int64_t nanoseconds);
int64_t duration_round(int64_t d, int64_t to);

#endif
