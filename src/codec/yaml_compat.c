// SPDX-License-Identifier: Apache-2.0
// goyaml is a copy of an older libyaml. Where the two read flow style differently, the text is rewritten so
// that libyaml finds what goyaml would: in [a:] and {a:} the scalar is "a:", in [a?b] a key begins behind
// a; \/ is no escape, but \' is. Only texts that hold such a pair of characters are looked at. Where it is
// not sure whether flow style begins, in what may be the next line of a plain scalar, nothing is changed.
#include "codec/yaml_compat.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct reader {
    const char *text;
    size_t len, at;
    struct buf out;
    size_t copied; // up to here the text is in `out`
    int flow;      // brackets that are open
    size_t indent; // blanks at the start of the line
    bool alone;    // nothing but tags and anchors before the place in its line
};

static int at(const struct reader *r, size_t offset) {
    return r->at + offset < r->len ? (unsigned char)r->text[r->at + offset] : 0;
}

static bool is_blankz(int c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || !c;
}

static bool is_break(int c) {
    return c == '\n' || c == '\r';
}

static bool one_of(int c, const char *set) {
    return c && strchr(set, c);
}

// Puts `with` in the place of the text from `from` to `to`.
static void replace(struct reader *r, size_t from, size_t to, const char *with, size_t len) {
    buf_add(&r->out, r->text + r->copied, from - r->copied);
    buf_add(&r->out, with, len);
    r->copied = to;
}

static void skip_line(struct reader *r) {
    while (r->at < r->len && !is_break(at(r, 0)))
        r->at++;
}

static void skip_indent(struct reader *r) {
    for (r->indent = 0; at(r, 0) == ' '; r->indent++)
        r->at++;
}

// To the next line that holds something; its indentation is noted.
static void skip_breaks(struct reader *r) {
    while (r->at < r->len && is_break(at(r, 0))) {
        r->at++;
        skip_indent(r);
        r->alone = true;
    }
}

static void skip_quoted(struct reader *r, char quote) {
    for (r->at++; r->at < r->len && at(r, 0) != quote; r->at++) {
        if (quote == '"' && at(r, 0) == '\\') {
            if (at(r, 1) == '/')
                replace(r, r->at + 1, r->at + 2, "z", 1); // as unknown as it is to goyaml
            else if (at(r, 1) == '\'')
                replace(r, r->at, r->at + 1, "", 0);
            r->at++;
        }
    }
    r->at += r->at < r->len;
}

// The header's line, then all that is indented as the header says, or like the first line that holds
// something.
static void skip_block_scalar(struct reader *r) {
    size_t header = r->alone ? 0 : r->indent, start = r->at;
    skip_line(r);
    size_t told = 0;
    for (size_t i = start + 1; i < r->at && i <= start + 2 && !told; i++)
        told = r->text[i] >= '1' && r->text[i] <= '9' ? (size_t)(r->text[i] - '0') : 0;
    skip_breaks(r);
    size_t wanted = told ? header + told : r->indent;
    while (wanted > header && r->indent >= wanted && r->at < r->len) {
        skip_line(r);
        skip_breaks(r);
    }
}

// A plain scalar outside flow style, with all further lines that may belong to it: those that are indented
// more than what stands before it in its line, any if nothing does.
static void skip_plain(struct reader *r) {
    size_t first = r->indent;
    bool alone = r->alone;
    for (; r->at < r->len; r->at++) {
        if (is_break(at(r, 0))) {
            skip_breaks(r);
            if ((r->indent <= first && !alone) || at(r, 0) == '#')
                return;
        }
        if (at(r, 0) == ':' && is_blankz(at(r, 1)))
            return;
        if (at(r, 0) == '#' && r->at && is_blankz(r->text[r->at - 1]))
            return;
    }
}

static void quote(struct reader *r, size_t from, size_t to) {
    replace(r, from, from, "\"", 1);
    for (size_t i = from; i < to; i++)
        if (r->text[i] == '"' || r->text[i] == '\\')
            replace(r, i, i, "\\", 1);
    replace(r, to, to, "\"", 1);
}

// In flow style: as far as goyaml reads, quoted where libyaml would stop elsewhere.
static void read_flow_plain(struct reader *r) {
    size_t start = r->at, end = r->at;
    bool colon = false;
    for (; r->at < r->len && !one_of(at(r, 0), ",?[]{}"); r->at++) {
        if (at(r, 0) == ':' && is_blankz(at(r, 1)))
            break;
        if (at(r, 0) == '#' && is_blankz(r->text[r->at - 1]))
            break;
        colon = at(r, 0) == ':';
        if (!is_blankz(at(r, 0)))
            end = r->at + 1;
    }
    if (end > start && !one_of(r->text[start], "%@`") && (at(r, 0) == '?' || (colon && end == r->at)))
        quote(r, start, end);
}

static bool is_marker(const struct reader *r) {
    bool first = r->at == 0 || is_break(r->text[r->at - 1]);
    return first && is_blankz(at(r, 3)) &&
           (!strncmp(r->text + r->at, "---", 3) || !strncmp(r->text + r->at, "...", 3));
}

static void read_word(struct reader *r) {
    do
        r->at++;
    while (r->at < r->len && !is_blankz(at(r, 0)) && !(r->flow && one_of(at(r, 0), ",[]{}")));
}

static void read_token(struct reader *r) {
    int c = at(r, 0);
    bool alone = r->alone && one_of(c, "&*!");
    if (is_marker(r)) {
        r->flow = 0;
        alone = true;
        r->at += 3;
    } else if (c == '%' && (r->at == 0 || is_break(r->text[r->at - 1])) && !r->flow) {
        skip_line(r);
    } else if (one_of(c, "[{")) {
        r->flow++;
        r->at++;
    } else if (r->flow && one_of(c, "]}")) {
        r->flow--;
        r->at++;
    } else if (one_of(c, "-?:") && is_blankz(at(r, 1))) {
        r->at++;
    } else if (r->flow && one_of(c, ",?:")) {
        r->at++;
    } else if (one_of(c, "\"'")) {
        skip_quoted(r, (char)c);
    } else if (one_of(c, "&*!")) {
        read_word(r);
    } else if (one_of(c, "|>") && !r->flow) {
        skip_block_scalar(r);
    } else if (r->flow) {
        read_flow_plain(r);
    } else {
        skip_plain(r);
        return;
    }
    r->alone = alone;
}

// Whether any two characters stand side by side that the two read differently.
static bool may_differ(const char *text, size_t len) {
    bool flow = memchr(text, '[', len) || memchr(text, '{', len);
    for (size_t i = 0; i + 1 < len; i++)
        if ((text[i] == '\\' && one_of(text[i + 1], "/'")) || (flow && text[i] == '?') ||
            (flow && text[i] == ':' && one_of(text[i + 1], ",?[]{}")))
            return true;
    return false;
}

const char *yaml_as_older(struct arena *arena, const char *text, size_t *len) {
    if (!may_differ(text, *len))
        return text;
    struct reader r = {.text = arena_strndup(arena, text, *len), .len = *len, .alone = true};
    buf_init(&r.out, arena);
    skip_indent(&r);
    for (size_t last = SIZE_MAX; r.at < r.len;) {
        if (r.at == last)
            r.at++; // whatever it is, go on
        last = r.at;
        if (at(&r, 0) == ' ' || at(&r, 0) == '\t')
            r.at++;
        else if (is_break(at(&r, 0)))
            skip_breaks(&r);
        else if (at(&r, 0) == '#' && (r.at == 0 || is_blankz(r.text[r.at - 1])))
            skip_line(&r);
        else
            read_token(&r);
    }
    replace(&r, r.len, r.len, "", 0);
    *len = r.out.len;
    return buf_text(&r.out);
}
