// SPDX-License-Identifier: Apache-2.0
#include "go/strings.h"

#include <string.h>

bool go_has_prefix(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool go_has_suffix(const char *text, const char *suffix) {
    size_t len = strlen(text), tail = strlen(suffix);
    return len >= tail && strcmp(text + len - tail, suffix) == 0;
}

// Length of the Unicode space at `p`, 0 when there is none (Go's unicode.IsSpace).
static size_t space_len(const char *p, const char *end) {
    const unsigned char *u = (const unsigned char *)p;
    if (p >= end)
        return 0;
    if (*u == ' ' || (*u >= '\t' && *u <= '\r'))
        return 1;
    if (end - p >= 2 && u[0] == 0xc2 && (u[1] == 0x85 || u[1] == 0xa0))
        return 2;
    if (end - p < 3)
        return 0;
    bool wide =
        (u[0] == 0xe1 && u[1] == 0x9a && u[2] == 0x80) || (u[0] == 0xe3 && u[1] == 0x80 && u[2] == 0x80) ||
        (u[0] == 0xe2 && u[1] == 0x81 && u[2] == 0x9f) ||
        (u[0] == 0xe2 && u[1] == 0x80 && (u[2] <= 0x8a || u[2] == 0xa8 || u[2] == 0xa9 || u[2] == 0xaf));
    return wide ? 3 : 0;
}

const char *go_trim_left(const char *p, const char *end) {
    for (size_t len; (len = space_len(p, end)) > 0;)
        p += len;
    return p;
}

const char *go_trim_right(const char *p, const char *end) {
    while (end > p) {
        const char *before = end - 1;
        while (before > p && end - before < 3 && ((unsigned char)*before & 0xc0) == 0x80)
            before--;
        size_t len = space_len(before, end);
        if (!len || before + len != end)
            break;
        end = before;
    }
    return end;
}

const char *go_trim_space(struct arena *arena, const char *text, size_t len) {
    const char *end = text + len, *start = go_trim_left(text, end);
    end = go_trim_right(start, end);
    return arena_strndup(arena, start, (size_t)(end - start));
}
