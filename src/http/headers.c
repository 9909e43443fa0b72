// SPDX-License-Identifier: Apache-2.0
// The header lines of an answer.
#include "http/private.h"

#include "base/list.h"

#include <string.h>

static const char *lowered(struct arena *arena, const char *name, size_t len) {
    char *copy = arena_strndup(arena, name, len);
    for (char *c = copy; *c; c++)
        *c |= *c >= 'A' && *c <= 'Z' ? 0x20 : 0;
    return copy;
}

bool headers_add(struct arena *arena, struct headers *headers, const char *line, size_t len) {
    const char *colon = memchr(line, ':', len), *end = line + len;
    headers->bytes += len;
    if (headers->bytes > HEADERS_LIMIT)
        return false;
    if (!colon || memchr(line, ' ', (size_t)(colon - line))) // a status line, or no header at all
        return true;
    const char *value = colon + 1;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && strchr(" \t\r\n", end[-1]))
        end--;
    *LIST_ADD(arena, headers->items, headers->count) = (struct http_header){
        lowered(arena, line, (size_t)(colon - line)), arena_strndup(arena, value, (size_t)(end - value))};
    return true;
}
