// SPDX-License-Identifier: Apache-2.0
// gzip and tar, bounded against hostile input.
#ifndef CODEC_ARCHIVE_H
#define CODEC_ARCHIVE_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

struct archive_file {
    const char *name; // as stored, '/' separated
    const char *data; // NUL-terminated
    size_t len;
};

struct archive {
    const struct archive_file *files; // regular files in archive order; links and devices are errors
    size_t count;
};

// Inflates gzip (several members allowed) up to `limit` bytes; ERR_LIMIT beyond.
bool gzip_decode(struct arena *arena, const void *data, size_t len, size_t limit, struct buf *out,
                 struct err *err);

// Deflates at level 9 with a zero time stamp, so equal input gives equal bytes.
bool gzip_encode(struct arena *arena, const void *data, size_t len, struct buf *out, struct err *err);

// How many bytes a file may have, and all together: Helm limits both.
struct archive_limits {
    size_t file, total;
};

// Reads a .tgz (ustar, GNU long names, pax).
bool archive_read_tgz(struct arena *arena, struct cursor data, const struct archive_limits *limits,
                      struct archive *out, struct err *err);

#endif
