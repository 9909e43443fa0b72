// SPDX-License-Identifier: Apache-2.0
// A growing byte string in an arena. Always NUL-terminated, may hold NULs.
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"

struct buf {
    struct arena *arena;
    char *ptr; // "" semantics: NULL until the first byte, see buf_text
    size_t len;
    size_t cap;
};

void buf_init(struct buf *buf, struct arena *arena);
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_str(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_fill(struct buf *buf, char c, size_t count);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Cuts back to `len` bytes (no effect when it is shorter already).
void buf_truncate(struct buf *buf, size_t len);

// The text so far, NUL-terminated, owned by the arena; valid until the next write.
char *buf_text(struct buf *buf);

#endif
