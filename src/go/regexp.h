// SPDX-License-Identifier: Apache-2.0
// Regular expressions as Go's regexp package: RE2's language, leftmost-first, in
// linear time. The only door to RE2. Compiled patterns come from a cache shared by
// the whole process (bounded, thread-safe); a handle is released by REGEXP's cleanup.
#ifndef GO_REGEXP_H
#define GO_REGEXP_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

#include <stdint.h>

struct regexp;

// NULL with ERR_INVALID and Go's words: "error parsing regexp: missing closing ): `a(`".
struct regexp *regexp_open(const char *pattern, size_t len, struct err *err);
void regexp_cleanup(struct regexp **regex);
#define REGEXP __attribute__((cleanup(regexp_cleanup))) struct regexp *

// Byte offsets of a match; start is -1 for a group that took no part.
struct regexp_span {
    ptrdiff_t start, end;
};

// Groups of the pattern, the whole match included; at most REGEXP_MAX_GROUPS are reported.
enum { REGEXP_MAX_GROUPS = 64 };
size_t regexp_group_count(const struct regexp *regex);
// Number of a named group, or -1.
int regexp_group_number(const struct regexp *regex, const char *name, size_t len);

// The first match at or after `from`, looking at the whole text for context. Fills `count` groups.
bool regexp_find(const struct regexp *regex, struct cursor text, size_t from, struct regexp_span *groups,
                 size_t count);

// Walks the matches as Go's FindAll: an empty match right after another does not count.
struct regexp_walk {
    const struct regexp *regex;
    const char *text;
    size_t len, at;
    ptrdiff_t last_end;
};
struct regexp_walk regexp_start(const struct regexp *regex, const char *text, size_t len);
bool regexp_next(struct regexp_walk *walk, struct regexp_span *match);

// What stands for a match. Unless literal, it is expanded by Go's rules: $1, $name (the longest name),
// ${name}, $$.
struct regexp_replacement {
    struct cursor text;
    bool literal;
};

// Appends `text` with each match replaced. False when more than `limit` bytes would be written.
bool regexp_replace(const struct regexp *regex, struct buf *out, struct cursor text,
                    struct regexp_replacement by, size_t limit);

// Appends `text` with every special byte escaped.
void regexp_quote(struct buf *out, const char *text, size_t len);

#endif
