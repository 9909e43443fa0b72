// SPDX-License-Identifier: Apache-2.0
// Regular expressions as Go's regexp package: RE2's language, leftmost-first, in
// linear time. The only door to RE2. Compiled patterns come from a cache shared by
// the whole process (bounded, thread-safe); a handle is released by REGEX's cleanup.
#ifndef TEMPLATE_REGEX_H
#define TEMPLATE_REGEX_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

struct regex;

// NULL with ERR_INVALID and Go's words: "error parsing regexp: missing closing ): `a(`".
struct regex *regex_open(const char *pattern, size_t len, struct err *err);
void regex_cleanup(struct regex **regex);
#define REGEX __attribute__((cleanup(regex_cleanup))) struct regex *

// Byte offsets of a match; start is -1 for a group that took no part.
struct regex_span {
    ptrdiff_t start, end;
};

// Groups of the pattern, the whole match included; at most REGEX_MAX_GROUPS are reported.
enum { REGEX_MAX_GROUPS = 64 };
size_t regex_group_count(const struct regex *regex);
// Number of a named group, or -1.
int regex_group_number(const struct regex *regex, const char *name, size_t len);

// The first match at or after `from`, looking at the whole text for context. Fills `count` groups.
bool regex_find(const struct regex *regex, const char *text, size_t len, size_t from,
                struct regex_span *groups, size_t count);

// Walks the matches as Go's FindAll: an empty match right after another does not count.
struct regex_walk {
    const struct regex *regex;
    const char *text;
    size_t len, at;
    ptrdiff_t last_end;
};
struct regex_walk regex_start(const struct regex *regex, const char *text, size_t len);
bool regex_next(struct regex_walk *walk, struct regex_span *match);

// Appends `text` with each match replaced. Unless literal, the replacement is expanded by Go's
// rules: $1, $name (the longest name), ${name}, $$. False when more than `limit` bytes would be written.
bool regex_replace(const struct regex *regex, struct buf *out, const char *text, size_t len, const char *by,
                   size_t by_len, bool literal, size_t limit);

// Appends `text` with every special byte escaped.
void regex_quote(struct buf *out, const char *text, size_t len);

#endif
