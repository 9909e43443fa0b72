// SPDX-License-Identifier: Apache-2.0
// Files read whole.
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/err.h"

#include <stdio.h>

// A file of at most `limit` bytes, with a NUL behind it. ERR_NOT_FOUND when there is none; ERR_INVALID and
// the system's reason; ERR_LIMIT.
bool file_read(struct arena *arena, const char *path, size_t limit, const char **text, size_t *len,
               struct err *err);

// The rest of a stream; `name` for errors.
bool file_read_stream(struct arena *arena, FILE *stream, const char *name, size_t limit, const char **text,
                      size_t *len, struct err *err);

#endif
