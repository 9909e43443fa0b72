// SPDX-License-Identifier: Apache-2.0
#include "go/regexp.h"

#include "go/rune.h"
#include "go/unicode.h"

#include <string.h>

struct regexp_walk regexp_start(const struct regexp *regex, const char *text, size_t len) {
    return (struct regexp_walk){regex, text, len, 0, -1};
}

// Steps over one character, or past the end.
static size_t step(const char *text, size_t len, size_t at) {
    return at < len ? at + rune_width(text + at, len - at) : len + 1;
}

bool regexp_next(struct regexp_walk *walk, struct regexp_span *match) {
    while (walk->at <= walk->len &&
           regexp_find(walk->regex, cursor_over(walk->text, walk->len), walk->at, match, 1)) {
        bool repeated = match->end == (ptrdiff_t)walk->at && match->start == walk->last_end;
        if (match->end == (ptrdiff_t)walk->at)
            walk->at = step(walk->text, walk->len, walk->at);
        else
            walk->at = (size_t)match->end;
        walk->last_end = match->end;
        if (!repeated)
            return true;
    }
    walk->at = walk->len + 1;
    return false;
}

// A reference in a replacement, after its `$`: the name and how many bytes it took; 0 when malformed.
static size_t scan_reference(const char *at, size_t len, const char **name, size_t *name_len) {
    size_t brace = len && at[0] == '{';
    size_t end = brace;
    while (end < len) {
        size_t width;
        int32_t rune = rune_at(at + end, len - end, &width);
        if (rune != '_' && !unicode_is_letter(rune) && !unicode_is_digit(rune))
            break;
        end += width;
    }
    *name = at + brace;
    *name_len = end - brace;
    if (!*name_len || (brace && (end == len || at[end] != '}')))
        return 0;
    return end + brace;
}

// Index of the group a reference means; -1 for one that does not exist.
static ptrdiff_t find_group(const struct regexp *regex, const char *name, size_t len) {
    ptrdiff_t index = 0;
    for (size_t i = 0; i < len; i++) {
        if (name[i] < '0' || name[i] > '9' || index >= 100000000)
            return regexp_group_number(regex, name, len);
        index = index * 10 + (name[i] - '0');
    }
    if (len > 1 && name[0] == '0')
        return regexp_group_number(regex, name, len);
    return index < (ptrdiff_t)regexp_group_count(regex) && index < REGEXP_MAX_GROUPS ? index : -1;
}

static void expand(const struct regexp *regex, struct buf *out, const char *text,
                   const struct regexp_span *groups, struct cursor replacement) {
    const char *by = replacement.at;
    size_t len = cursor_left(replacement);
    for (size_t i = 0; i < len;) {
        const char *dollar = memchr(by + i, '$', len - i);
        size_t plain = dollar ? (size_t)(dollar - by) - i : len - i;
        buf_add(out, by + i, plain);
        i += plain;
        if (i == len)
            return;
        i++; // the dollar
        const char *name;
        size_t name_len, used;
        if (i < len && by[i] == '$') {
            buf_char(out, '$');
            i++;
        } else if ((used = scan_reference(by + i, len - i, &name, &name_len))) {
            ptrdiff_t group = find_group(regex, name, name_len);
            if (group >= 0 && groups[group].start >= 0)
                buf_add(out, text + groups[group].start, (size_t)(groups[group].end - groups[group].start));
            i += used;
        } else {
            buf_char(out, '$');
        }
    }
}

bool regexp_replace(const struct regexp *regex, struct buf *out, struct cursor text,
                    struct regexp_replacement by, size_t limit) {
    struct regexp_span groups[REGEXP_MAX_GROUPS];
    size_t before = out->len, last = 0, at = 0, len = cursor_left(text);
    while (at <= len && regexp_find(regex, text, at, groups, REGEXP_MAX_GROUPS)) {
        size_t start = (size_t)groups[0].start, end = (size_t)groups[0].end;
        buf_add(out, text.at + last, start - last);
        if (end > last || start == 0) {
            if (by.literal)
                buf_add(out, by.text.at, cursor_left(by.text));
            else
                expand(regex, out, text.at, groups, by.text);
        }
        if (out->len - before > limit)
            return false;
        last = end;
        size_t next = step(text.at, len, at);
        at = next > end ? next : end;
    }
    buf_add(out, text.at + last, len - last);
    return true;
}

void regexp_quote(struct buf *out, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (text[i] && strchr("\\.+*?()|[]{}^$", text[i]))
            buf_char(out, '\\');
        buf_char(out, text[i]);
    }
}
