// SPDX-License-Identifier: Apache-2.0
// sprig's functions between one text and several: splitting, joining, quoting.
#include "funcs/cast.h"
#include "funcs/private.h"
#include "go/quote.h"
#include "go/rune.h"

#include <stdlib.h>
#include <string.h>

static struct buf text_buf(struct rt *rt) {
    struct buf out;
    buf_init(&out, rt->heap->arena);
    return out;
}

static bool quote(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text = text_buf(rt);
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (args[i].type == RT_NIL)
            continue;
        struct rv item;
        if (!cast_text(rt, args[i], &item))
            return false;
        if (!first)
            buf_char(&text, ' ');
        quote_text(&text, item.u.text, item.len);
        first = false;
    }
    *out = rv_buf(&text);
    return true;
}

static bool squote(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text = text_buf(rt);
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (args[i].type == RT_NIL)
            continue;
        buf_str(&text, first ? "'" : " '");
        if (!fmt_value(&text, args[i]))
            return rt_fail_cut(rt);
        buf_char(&text, '\'');
        first = false;
    }
    *out = rv_buf(&text);
    return true;
}

static bool cat(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text = text_buf(rt);
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (args[i].type == RT_NIL)
            continue;
        if (!first)
            buf_char(&text, ' ');
        if (!fmt_value(&text, args[i]))
            return rt_fail_cut(rt);
        first = false;
    }
    *out = rv_buf(&text);
    return true;
}

static bool to_string(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return cast_text(rt, args[0], out);
}

static bool to_strings(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return cast_strings(rt, args[0], out);
}

static bool join(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv parts;
    struct buf text = text_buf(rt);
    if (!cast_strings(rt, args[1], &parts) || !rt_spend(rt, (uint64_t)parts.len * args[0].len))
        return false;
    for (size_t i = 0; i < parts.len; i++) {
        if (i)
            buf_add(&text, args[0].u.text, args[0].len);
        buf_add(&text, parts.u.items[i].u.text, parts.u.items[i].len);
    }
    *out = rv_buf(&text);
    return true;
}

static int compare_texts(const void *a, const void *b) {
    const struct rv *x = a, *y = b;
    int order = memcmp(x->u.text, y->u.text, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

// As in sprig, a []string is sorted where it is: whoever else holds it sees it sorted.
static bool sort_alpha(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (!cast_strings(rt, args[0], out))
        return false;
    if (args[0].type == RT_NIL) {
        struct rv *one = rv_items(rt->heap, 1);
        *out = rv_slice(RT_STRINGS, one, 1);
        return cast_text(rt, args[0], one);
    }
    if (out->len > 1)
        qsort(out->u.items, out->len, sizeof *out->u.items, compare_texts);
    return true;
}

// How many parts strings.SplitN(text, separator, limit) makes; limit < 0 is no limit.
static size_t count_parts(struct rv text, struct rv separator, int64_t limit) {
    size_t parts = separator.len != 0;
    if (limit == 0)
        return 0;
    if (!separator.len) {
        for (size_t i = 0; i < text.len; parts++)
            i += rune_width(text.u.text + i, text.len - i);
    } else {
        const char *at = text.u.text, *end = at + text.len;
        while ((at = memmem(at, (size_t)(end - at), separator.u.text, separator.len))) {
            at += separator.len;
            parts++;
        }
    }
    return limit > 0 && (uint64_t)limit < parts ? (size_t)limit : parts;
}

// Cuts `text` into []string; without a separator into runes.
static bool split_text(struct rt *rt, struct rv text, struct rv separator, int64_t limit, struct rv *out) {
    size_t parts = count_parts(text, separator, limit);
    if (!rt_spend(rt, parts))
        return false;
    struct rv *items = rv_items(rt->heap, parts);
    const char *at = text.u.text, *end = at + text.len;
    for (size_t i = 0; i < parts; i++) {
        const char *stop = end;
        if (i + 1 < parts)
            stop = separator.len ? memmem(at, (size_t)(end - at), separator.u.text, separator.len)
                                 : at + rune_width(at, (size_t)(end - at));
        items[i] = rv_string(at, (size_t)(stop - at));
        at = stop + separator.len;
    }
    *out = rv_slice(RT_STRINGS, items, parts);
    return true;
}

// The parts as a map from _0, _1, …
static bool split_map(struct rt *rt, struct rv text, struct rv separator, int64_t limit, struct rv *out) {
    struct rv parts;
    if (!split_text(rt, text, separator, limit, &parts))
        return false;
    struct rmap *map = rmap_create(rt->heap, parts.len);
    for (size_t i = 0; i < parts.len; i++)
        rmap_put(map, arena_printf(rt->heap->arena, "_%zu", i), parts.u.items[i]);
    *out = rv_map(RT_STRING_MAP, map);
    return true;
}

static bool split(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return split_map(rt, args[1], args[0], -1, out);
}

static bool splitn(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return split_map(rt, args[2], args[0], args[1].u.integer, out);
}

static bool split_list(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return split_text(rt, args[1], args[0], -1, out);
}

const struct rt_func funcs_join[] = {
    {"cat", "v*", cat, 0},           {"join", "sv", join, 0},
    {"quote", "v*", quote, 0},       {"sortAlpha", "v", sort_alpha, 0},
    {"split", "ss", split, 0},       {"splitList", "ss", split_list, 0},
    {"splitn", "sis", splitn, 0},    {"squote", "v*", squote, 0},
    {"toString", "v", to_string, 0}, {"toStrings", "v", to_strings, 0},
    {NULL, NULL, NULL, 0},
};
