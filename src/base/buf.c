// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

void buf_init(struct buf *buf, struct arena *arena) {
    *buf = (struct buf){.arena = arena};
}

static void reserve(struct buf *buf, size_t more) {
    size_t need = buf->len + more + 1;
    if (need <= buf->cap)
        return;
    size_t cap = buf->cap ? buf->cap * 2 : 64;
    while (cap < need)
        cap *= 2;
    buf->ptr = arena_grow(buf->arena, buf->ptr, buf->cap, cap);
    buf->cap = cap;
}

void buf_add(struct buf *buf, const void *data, size_t len) {
    reserve(buf, len);
    if (len)
        memcpy(buf->ptr + buf->len, data, len);
    buf->len += len;
    buf->ptr[buf->len] = 0;
}

void buf_str(struct buf *buf, const char *text) {
    buf_add(buf, text, strlen(text));
}

void buf_char(struct buf *buf, char c) {
    buf_add(buf, &c, 1);
}

void buf_fill(struct buf *buf, char c, size_t count) {
    reserve(buf, count);
    memset(buf->ptr + buf->len, c, count);
    buf->len += count;
    buf->ptr[buf->len] = 0;
}

void buf_printf(struct buf *buf, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len > 0) {
        reserve(buf, (size_t)len);
        vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void buf_truncate(struct buf *buf, size_t len) {
    if (len >= buf->len)
        return;
    buf->len = len;
    buf->ptr[len] = 0;
}

char *buf_text(struct buf *buf) {
    reserve(buf, 0);
    buf->ptr[buf->len] = 0;
    return buf->ptr;
}
