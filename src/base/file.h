// SPDX-License-Identifier: Apache-2.0
// Files read whole.
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdio.h>

// Appends a file of at most `limit` bytes. ERR_NOT_FOUND when there is none; ERR_INVALID and the system's
// reason; ERR_LIMIT.
bool file_read(const char *path, size_t limit, struct buf *out, struct err *err);

// The rest of a stream; `name` for errors.
bool file_read_stream(FILE *stream, const char *name, size_t limit, struct buf *out, struct err *err);

#endif
