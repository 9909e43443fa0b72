// SPDX-License-Identifier: Apache-2.0
// Texts as words: the case styles of huandu/xstrings 1.5 and the word functions of
// Masterminds/goutils 1.1, which sprig's functions are. All append to `out`.
#ifndef FUNCS_WORDS_H
#define FUNCS_WORDS_H

#include "base/buf.h"
#include "base/cursor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// "FirstName" as "first_name" ('_') or "first-name" ('-').
void words_join_lower(struct buf *out, const char *text, size_t len, char connector);

// "first_name" as "FirstName".
void words_pascal(struct buf *out, const char *text, size_t len);

// Go's strings.Title: a title-case letter after everything that is no letter, digit or `_`.
void words_title(struct buf *out, const char *text, size_t len);

// The first letter of each word in lower case.
void words_untitle(struct buf *out, const char *text, size_t len);

void words_swap_case(struct buf *out, const char *text, size_t len);

// These two read bytes, not characters, and write each as the rune of that number.
void words_initials(struct buf *out, const char *text, size_t len);
void words_without_space(struct buf *out, const char *text, size_t len);

// Lines of at most `width` bytes, broken at spaces; longer words too when `break_words`.
struct words_lines {
    int64_t width;
    struct cursor newline; // what ends one
    bool break_words;
};
void words_wrap(struct buf *out, const char *text, size_t len, const struct words_lines *lines);

// At most `width` bytes with "..." for what is left out; `offset` is the first byte that must stay.
void words_abbreviate(struct buf *out, const char *text, size_t len, int64_t offset, int64_t width);

#endif
