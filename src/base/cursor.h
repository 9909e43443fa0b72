// SPDX-License-Identifier: Apache-2.0
// A place in a text that somebody else wrote (a log, a header, a challenge) and where that text ends. Whoever
// reads through it cannot read past the end, whatever the text is. What it takes out is a cursor again, over
// just that part, without a copy.
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct cursor {
    const char *at, *end; // at <= end
};

// Over `len` bytes, or up to the NUL (NULL is empty).
struct cursor cursor_over(const char *text, size_t len);
struct cursor cursor_of(const char *text);

size_t cursor_left(struct cursor cursor);
char *cursor_text(struct cursor cursor, struct arena *arena); // a copy of what is left
bool cursor_is(struct cursor cursor, const char *text);       // what is left is exactly that

// The next byte, -1 at the end.
int cursor_peek(struct cursor cursor);

// Where the byte stands first or last in what is left; false when it does not. `at` is the part from there
// on.
bool cursor_find(struct cursor cursor, char byte, struct cursor *at);
bool cursor_find_last(struct cursor cursor, char byte, struct cursor *at);

// What is left before the place `at`, which is one inside of it.
struct cursor cursor_before(struct cursor cursor, struct cursor at);

// Each of these moves the cursor.
bool cursor_eat(struct cursor *cursor, const char *text); // past the text when it comes next
void cursor_skip(struct cursor *cursor, const char *set); // past all bytes of the set
void cursor_drop(struct cursor *cursor, size_t count);    // past so many bytes, at most to the end
struct cursor cursor_until(struct cursor *cursor,
                           const char *stops);    // takes what comes before a byte of the set, or all
struct cursor cursor_line(struct cursor *cursor); // takes a line, without its "\n"
struct cursor
cursor_quoted(struct cursor *cursor); // takes "…", quotes and backslash escapes included, or all

#endif
