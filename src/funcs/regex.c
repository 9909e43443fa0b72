// SPDX-License-Identifier: Apache-2.0
// sprig's regular expressions. A bad pattern panics in Go except in the must forms, which say
// less, and in regexMatch, which says no.
#include "funcs/private.h"
#include "go/quote.h"
#include "go/regexp.h"
#include "template/function.h"

#include <string.h>

enum bad_pattern { BAD_PANICS, BAD_FAILS };

// Go shows a pattern in backquotes when it can be written so.
static void show_pattern(struct buf *out, struct rv pattern) {
    bool plain = true;
    for (size_t i = 0; i < pattern.len; i++) {
        unsigned char c = (unsigned char)pattern.u.text[i];
        plain &= (c >= ' ' || c == '\t') && c != '`' && c != 0x7F;
    }
    if (!plain) {
        quote_text(out, pattern.u.text, pattern.len);
        return;
    }
    buf_char(out, '`');
    buf_add(out, pattern.u.text, pattern.len);
    buf_char(out, '`');
}

static struct regexp *open_pattern(struct rt *rt, struct rv pattern, enum bad_pattern bad) {
    struct err err = err_in(rt->heap->arena);
    struct regexp *regex = regexp_open(pattern.u.text, pattern.len, &err);
    if (!regex && bad == BAD_FAILS)
        rt_fail(rt, "%s", err.msg);
    if (!regex && bad == BAD_PANICS) {
        struct buf shown;
        buf_init(&shown, rt->heap->arena);
        show_pattern(&shown, pattern);
        rt_fail(rt, "regexp: Compile(%s): %s", buf_text(&shown), err.msg);
    }
    return regex;
}

static bool matches(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    REGEXP regex = regexp_open(args[0].u.text, args[0].len, &err);
    *out = rv_bool(regex && regexp_find(regex, cursor_over(args[1].u.text, args[1].len), 0, NULL, 0));
    return true;
}

static bool must_match(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    REGEXP regex = open_pattern(rt, args[0], BAD_FAILS);
    if (!regex)
        return false;
    *out = rv_bool(regexp_find(regex, cursor_over(args[1].u.text, args[1].len), 0, NULL, 0));
    return true;
}

static bool find_first(struct rt *rt, const struct rv *args, enum bad_pattern bad, struct rv *out) {
    REGEXP regex = open_pattern(rt, args[0], bad);
    struct regexp_span match;
    if (!regex)
        return false;
    *out = rv_literal("");
    if (regexp_find(regex, cursor_over(args[1].u.text, args[1].len), 0, &match, 1))
        *out = rv_string(args[1].u.text + match.start, (size_t)(match.end - match.start));
    return true;
}

static bool find(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return find_first(rt, args, BAD_PANICS, out);
}

static bool must_find(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return find_first(rt, args, BAD_FAILS, out);
}

// Texts found so far.
struct found {
    struct rv *items;
    size_t count, room;
};

static bool add_text(struct rt *rt, struct found *found, const char *text, size_t len) {
    if (!rt_spend(rt, 1))
        return false;
    if (found->count == found->room) {
        size_t room = found->room ? 2 * found->room : 8;
        found->items = arena_grow(rt->heap->arena, found->items, found->room * sizeof *found->items,
                                  room * sizeof *found->items);
        found->room = room;
    }
    found->items[found->count++] = rv_string(text, len);
    return true;
}

static bool give_texts(struct found *found, struct rv *out) {
    *out = rv_slice(RT_STRINGS, found->items, found->count); // nil when there are none, as in Go
    return true;
}

static bool find_texts(struct rt *rt, const struct rv *args, enum bad_pattern bad, struct rv *out) {
    REGEXP regex = open_pattern(rt, args[0], bad);
    if (!regex)
        return false;
    struct found found = {0};
    struct regexp_walk walk = regexp_start(regex, args[1].u.text, args[1].len);
    struct regexp_span match;
    int64_t limit = args[2].u.integer;
    while ((limit < 0 || found.count < (uint64_t)limit) && regexp_next(&walk, &match)) {
        if (!add_text(rt, &found, args[1].u.text + match.start, (size_t)(match.end - match.start)))
            return false;
    }
    return give_texts(&found, out);
}

static bool find_all(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return find_texts(rt, args, BAD_PANICS, out);
}

static bool must_find_all(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return find_texts(rt, args, BAD_FAILS, out);
}

static bool split_at(struct rt *rt, const struct rv *args, enum bad_pattern bad, struct rv *out) {
    REGEXP regex = open_pattern(rt, args[0], bad);
    if (!regex)
        return false;
    const char *text = args[1].u.text;
    size_t len = args[1].len, from = 0, end = 0;
    int64_t limit = args[2].u.integer;
    struct found found = {0};
    struct regexp_walk walk = regexp_start(regex, text, len);
    struct regexp_span match;
    if (limit == 0)
        return give_texts(&found, out);
    bool more = len || !args[0].len;
    for (int64_t i = 0; more && (limit < 0 || i < limit) && regexp_next(&walk, &match); i++) {
        if (limit > 0 && found.count == (uint64_t)limit - 1)
            break;
        end = (size_t)match.start;
        if (match.end != 0 && !add_text(rt, &found, text + from, end - from))
            return false;
        from = (size_t)match.end;
    }
    if ((end != len || !more) && !add_text(rt, &found, text + from, len - from))
        return false;
    if (!found.items)
        found.items = rv_items(rt->heap, 0);
    return give_texts(&found, out);
}

static bool split(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return split_at(rt, args, BAD_PANICS, out);
}

static bool must_split(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return split_at(rt, args, BAD_FAILS, out);
}

static bool replace_matches(struct rt *rt, const struct rv *args, enum bad_pattern bad, bool literal,
                            struct rv *out) {
    REGEXP regex = open_pattern(rt, args[0], bad);
    if (!regex)
        return false;
    enum { LIMIT = 256 << 20 };
    struct buf replaced;
    buf_init(&replaced, rt->heap->arena);
    struct regexp_replacement by = {cursor_over(args[2].u.text, args[2].len), literal};
    if (!regexp_replace(regex, &replaced, cursor_over(args[1].u.text, args[1].len), by, LIMIT))
        return rt_fail_limit(rt, "the replaced text would be longer than %d bytes", LIMIT);
    *out = rv_buf(&replaced);
    return rt_spend(rt, replaced.len);
}

static bool replace_all(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return replace_matches(rt, args, BAD_PANICS, false, out);
}

static bool must_replace_all(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return replace_matches(rt, args, BAD_FAILS, false, out);
}

static bool replace_literal(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return replace_matches(rt, args, BAD_PANICS, true, out);
}

static bool must_replace_literal(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return replace_matches(rt, args, BAD_FAILS, true, out);
}

static bool quote_meta(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf quoted;
    buf_init(&quoted, rt->heap->arena);
    regexp_quote(&quoted, args[0].u.text, args[0].len);
    *out = rv_buf(&quoted);
    return true;
}

const struct rt_func funcs_regex[] = {
    {"mustRegexFind", "ss", must_find, 0},
    {"mustRegexFindAll", "ssi", must_find_all, 0},
    {"mustRegexMatch", "ss", must_match, 0},
    {"mustRegexReplaceAll", "sss", must_replace_all, 0},
    {"mustRegexReplaceAllLiteral", "sss", must_replace_literal, 0},
    {"mustRegexSplit", "ssi", must_split, 0},
    {"regexFind", "ss", find, 0},
    {"regexFindAll", "ssi", find_all, 0},
    {"regexMatch", "ss", matches, 0},
    {"regexQuoteMeta", "s", quote_meta, 0},
    {"regexReplaceAll", "sss", replace_all, 0},
    {"regexReplaceAllLiteral", "sss", replace_literal, 0},
    {"regexSplit", "ssi", split, 0},
    {NULL, NULL, NULL, 0},
};
