// SPDX-License-Identifier: Apache-2.0
#include "base/cursor.h"

#include <string.h>

struct cursor cursor_over(const char *text, size_t len) {
    text = len ? text : "";
    return (struct cursor){text, text + len};
}

struct cursor cursor_of(const char *text) {
    return cursor_over(text, text ? strlen(text) : 0);
}

size_t cursor_left(struct cursor cursor) {
    return (size_t)(cursor.end - cursor.at);
}

char *cursor_text(struct cursor cursor, struct arena *arena) {
    return arena_strndup(arena, cursor.at, cursor_left(cursor));
}

bool cursor_is(struct cursor cursor, const char *text) {
    return cursor_eat(&cursor, text) && cursor.at == cursor.end;
}

int cursor_peek(struct cursor cursor) {
    return cursor.at < cursor.end ? (unsigned char)*cursor.at : -1;
}

static bool found(struct cursor cursor, const char *place, struct cursor *at) {
    if (place)
        *at = (struct cursor){place, cursor.end};
    return place != NULL;
}

bool cursor_find(struct cursor cursor, char byte, struct cursor *at) {
    size_t left = cursor_left(cursor);
    return left && found(cursor, memchr(cursor.at, byte, left), at);
}

bool cursor_find_last(struct cursor cursor, char byte, struct cursor *at) {
    size_t left = cursor_left(cursor);
    return left && found(cursor, memrchr(cursor.at, byte, left), at);
}

struct cursor cursor_before(struct cursor cursor, struct cursor at) {
    bool inside = cursor.at <= at.at && at.at <= cursor.end;
    return (struct cursor){cursor.at, inside ? at.at : cursor.at};
}

bool cursor_eat(struct cursor *cursor, const char *text) {
    size_t len = strlen(text);
    if (len > cursor_left(*cursor) || memcmp(cursor->at, text, len) != 0)
        return false;
    cursor->at += len;
    return true;
}

static bool is_in(const char *set, char byte) {
    return byte && strchr(set, byte);
}

void cursor_skip(struct cursor *cursor, const char *set) {
    while (cursor->at < cursor->end && is_in(set, *cursor->at))
        cursor->at++;
}

void cursor_drop(struct cursor *cursor, size_t count) {
    size_t left = cursor_left(*cursor);
    cursor->at += count < left ? count : left;
}

struct cursor cursor_until(struct cursor *cursor, const char *stops) {
    const char *from = cursor->at;
    while (cursor->at < cursor->end && !is_in(stops, *cursor->at))
        cursor->at++;
    return (struct cursor){from, cursor->at};
}

struct cursor cursor_line(struct cursor *cursor) {
    struct cursor line = cursor_until(cursor, "\n");
    cursor_drop(cursor, 1);
    return line;
}

struct cursor cursor_quoted(struct cursor *cursor) {
    const char *from = cursor->at;
    if (!cursor_eat(cursor, "\""))
        return cursor_over(from, 0);
    while (cursor_peek(*cursor) >= 0 && !cursor_eat(cursor, "\""))
        cursor_drop(cursor, cursor_peek(*cursor) == '\\' ? 2 : 1);
    return (struct cursor){from, cursor->at};
}
