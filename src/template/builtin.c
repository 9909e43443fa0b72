// SPDX-License-Identifier: Apache-2.0
// text/template's own functions.
#include "go/rune.h"
#include "go/unicode.h"
#include "template/function.h"
#include "template/private.h"

#include <string.h>

static struct rv concrete(struct rv v) {
    v.iface = false;
    return v;
}

static bool call_not(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_bool(!rv_truth(args[0]));
    return true;
}

static bool call_len(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (args[0].type == RT_NIL)
        return rt_fail(rt, args[0].iface ? "len of nil pointer"
                                         : "reflect: call of reflect.Value.Type on zero Value");
    enum rv_kind kind = rv_kind(args[0]);
    if (kind != RV_STRING && kind != RV_SLICE && kind != RV_MAP)
        return rt_fail(rt, "len of type %s", rv_type_name(args[0]) + (kind == RV_POINTER));
    *out = rv_int((int64_t)rv_len(args[0]));
    return true;
}

static bool position(struct rt *rt, struct rv index, size_t cap, size_t *out) {
    enum rv_kind kind = rv_kind(index);
    if (kind == RV_INVALID)
        return rt_fail(rt, "cannot index slice/array with nil");
    if (kind != RV_INT && kind != RV_UINT)
        return rt_fail(rt, "cannot index slice/array with type %s", rv_type_name(index));
    if (index.u.integer < 0 || (uint64_t)index.u.integer > cap)
        return rt_fail(rt, "index out of range: %lld", (long long)index.u.integer);
    *out = (size_t)index.u.integer;
    return true;
}

static bool index_sequence(struct rt *rt, struct rv item, struct rv index, struct rv *out) {
    size_t at = 0;
    bool text = rv_kind(item) == RV_STRING;
    if (!position(rt, index, rv_len(item), &at))
        return false;
    if (at == rv_len(item))
        return rt_fail(rt, "reflect: %s index out of range", text ? "string" : "slice");
    *out = text ? rv_integer(RT_UINT8, (unsigned char)item.u.text[at]) : rv_at(item, at);
    return true;
}

static bool index_map(struct rt *rt, struct rv item, struct rv index, struct rv *out) {
    if (index.type == RT_NIL)
        return rt_fail(rt, "value is nil; should be of type string");
    if (index.type != RT_STRING)
        return rt_fail(rt, "value has type %s; should be string", rv_type_name(index));
    struct rv map = rv_under(item);
    enum rv_type elem = (enum rv_type)rv_types[map.type].elem;
    if (!rmap_get(map.u.map, index.u.text, index.len, out))
        *out = elem == RT_STRING ? rv_literal("") : (struct rv){.type = (uint8_t)elem};
    out->iface = elem == RT_NIL;
    return true;
}

static bool call_index(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv item = concrete(args[0]);
    if (item.type == RT_NIL)
        return rt_fail(rt, "index of untyped nil");
    for (size_t i = 1; i < count; i++) {
        struct rv index = concrete(args[i]), next;
        enum rv_kind kind = rv_kind(item);
        bool ok;
        if (kind == RV_INVALID)
            ok = rt_fail(rt, "index of nil pointer");
        else if (kind == RV_SLICE || kind == RV_STRING)
            ok = index_sequence(rt, item, index, &next);
        else if (kind == RV_MAP)
            ok = index_map(rt, item, index, &next);
        else
            ok = rt_fail(rt, "can't index item of type %s", rv_type_name(item) + (kind == RV_POINTER));
        if (!ok)
            return false;
        item = next;
    }
    *out = item;
    return true;
}

static bool call_print(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    if (!fmt_sprint(&text, args, count))
        return rt_fail_cut(rt);
    *out = rv_buf(&text);
    return true;
}

static bool call_println(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    if (!fmt_sprintln(&text, args, count))
        return rt_fail_cut(rt);
    *out = rv_buf(&text);
    return true;
}

static bool call_printf(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    if (!fmt_sprintf(&text, args[0].u.text, args[0].len, args + 1, count - 1))
        return rt_fail_cut(rt);
    *out = rv_buf(&text);
    return true;
}

// Which operands compare with which.
enum basic { BASIC_NONE, BASIC_BOOL, BASIC_INT, BASIC_UINT, BASIC_FLOAT, BASIC_COMPLEX, BASIC_STRING };

static enum basic basic_of(struct rv v) {
    switch (rv_kind(v)) {
    case RV_BOOL: return BASIC_BOOL;
    case RV_INT: return BASIC_INT;
    case RV_UINT: return BASIC_UINT;
    case RV_FLOAT: return BASIC_FLOAT;
    case RV_COMPLEX: return BASIC_COMPLEX;
    case RV_STRING: return BASIC_STRING;
    default: return BASIC_NONE;
    }
}

static bool is_nil(struct rv v) {
    return rv_is_nil(v) || (rv_types[v.type].class == RV_SLICE && v.len == 0 && !v.u.items);
}

static bool fail_kinds(struct rt *rt, struct rv a, struct rv b) {
    return rt_fail(rt, "incompatible types for comparison: %s and %s", rv_type_name(a), rv_type_name(b));
}

static bool show(struct rt *rt, const char *verb, struct rv v, const char **out) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    if (!fmt_verb(&text, verb, v))
        return rt_fail_cut(rt);
    *out = buf_text(&text);
    return true;
}

// Values without an order: nil, maps, slices, structs.
static bool equal_others(struct rt *rt, struct rv a, struct rv b, bool *equal) {
    enum rv_kind ka = rv_kind(a), kb = rv_kind(b);
    const char *one, *other;
    if (ka != kb && ka != RV_INVALID && kb != RV_INVALID)
        return show(rt, "%s", a, &one) && show(rt, "%v", b, &other) &&
               rt_fail(rt, "non-comparable types %s: %s, %s: %s", one, rv_type_name(a), rv_type_name(b),
                       other);
    if (is_nil(a) || is_nil(b)) {
        *equal = is_nil(a) == is_nil(b);
        return true;
    }
    if (kb == RV_MAP || kb == RV_SLICE)
        return show(rt, "%s", b, &other) && rt_fail(rt, "non-comparable type %s: %s", other, rv_type_name(b));
    *equal = a.u.object == b.u.object;
    return kb == RV_POINTER || rv_deep_equal(a, b, equal) || rt_fail_cut(rt);
}

static bool equal_same(struct rv a, struct rv b, enum basic basic) {
    switch (basic) {
    case BASIC_BOOL: return a.u.boolean == b.u.boolean;
    case BASIC_FLOAT: return a.u.real == b.u.real;
    case BASIC_COMPLEX: return a.u.complex[0] == b.u.complex[0] && a.u.complex[1] == b.u.complex[1];
    case BASIC_STRING: return a.len == b.len && (a.len == 0 || memcmp(a.u.text, b.u.text, a.len) == 0);
    default: return a.u.integer == b.u.integer;
    }
}

static bool equal(struct rt *rt, struct rv a, struct rv b, bool *out) {
    enum basic ka = basic_of(a), kb = basic_of(b);
    *out = false;
    if (ka == kb) {
        if (ka == BASIC_NONE)
            return equal_others(rt, a, b, out);
        *out = equal_same(a, b, ka);
    } else if ((ka == BASIC_INT && kb == BASIC_UINT) || (ka == BASIC_UINT && kb == BASIC_INT)) {
        *out = a.u.integer >= 0 && a.u.integer == b.u.integer;
    } else if (a.type != RT_NIL && b.type != RT_NIL) {
        return fail_kinds(rt, a, b);
    }
    return true;
}

static bool call_eq(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (count < 2)
        return rt_fail(rt, "missing argument for comparison");
    bool same = false;
    for (size_t i = 1; i < count && !same; i++)
        if (!equal(rt, concrete(args[0]), concrete(args[i]), &same))
            return false;
    *out = rv_bool(same);
    return true;
}

static bool call_ne(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    bool ok = call_eq(rt, args, count, out);
    *out = rv_bool(!out->u.boolean);
    return ok;
}

static int compare_text(struct rv a, struct rv b) {
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.u.text, b.u.text, shorter) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static bool less(struct rt *rt, struct rv a, struct rv b, bool *out) {
    enum basic ka = basic_of(a), kb = basic_of(b);
    if (ka == BASIC_NONE || kb == BASIC_NONE)
        return rt_fail(rt, "invalid type for comparison");
    if (ka == BASIC_INT && kb == BASIC_UINT)
        *out = a.u.integer < 0 || (uint64_t)a.u.integer < (uint64_t)b.u.integer;
    else if (ka == BASIC_UINT && kb == BASIC_INT)
        *out = b.u.integer >= 0 && (uint64_t)a.u.integer < (uint64_t)b.u.integer;
    else if (ka != kb)
        return fail_kinds(rt, a, b);
    else if (ka == BASIC_FLOAT)
        *out = a.u.real < b.u.real;
    else if (ka == BASIC_INT)
        *out = a.u.integer < b.u.integer;
    else if (ka == BASIC_UINT)
        *out = (uint64_t)a.u.integer < (uint64_t)b.u.integer;
    else if (ka == BASIC_STRING)
        *out = compare_text(a, b) < 0;
    else
        return rt_fail(rt, "invalid type for comparison");
    return true;
}

// `or_equal`: also true when equal; `negate`: the opposite question.
static bool compare(struct rt *rt, const struct rv *args, bool or_equal, bool negate, struct rv *out) {
    struct rv a = concrete(args[0]), b = concrete(args[1]);
    bool truth = false;
    if (!less(rt, a, b, &truth) || (or_equal && !truth && !equal(rt, a, b, &truth)))
        return false;
    *out = rv_bool(truth != negate);
    return true;
}

static bool call_lt(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return compare(rt, args, false, false, out);
}

static bool call_le(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return compare(rt, args, true, false, out);
}

static bool call_gt(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return compare(rt, args, true, true, out);
}

static bool call_ge(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return compare(rt, args, false, true, out);
}

// What the escapers escape: nil says so, as an action would.
static bool escapee(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (count == 1 && args[0].type == RT_STRING) {
        *out = args[0];
        return true;
    }
    struct rv *shown_args = rv_items(rt->heap, count);
    for (size_t i = 0; i < count; i++)
        shown_args[i] = args[i].type == RT_NIL ? rv_literal("<no value>") : args[i];
    struct buf text;
    buf_init(&text, rt->heap->arena);
    if (!fmt_sprint(&text, shown_args, count))
        return rt_fail_cut(rt);
    *out = rv_buf(&text);
    return true;
}

static const char *html_escape(char c) {
    switch (c) {
    case 0: return "\xef\xbf\xbd";
    case '"': return "&#34;";
    case '\'': return "&#39;";
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    default: return NULL;
    }
}

static bool call_html(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv text;
    struct buf escaped;
    if (!escapee(rt, args, count, &text))
        return false;
    buf_init(&escaped, rt->heap->arena);
    for (size_t i = 0; i < text.len; i++) {
        const char *escape = html_escape(text.u.text[i]);
        if (escape)
            buf_str(&escaped, escape);
        else
            buf_char(&escaped, text.u.text[i]);
    }
    *out = rv_buf(&escaped);
    return true;
}

static void js_escape(struct buf *out, const char *text, size_t size, int32_t rune) {
    if (rune == '\\' || rune == '\'' || rune == '"')
        buf_printf(out, "\\%c", (char)rune);
    else if (rune < ' ' || rune == '<' || rune == '>' || rune == '&' || rune == '=' ||
             (rune >= 0x80 && !unicode_is_print((uint32_t)rune)))
        buf_printf(out, "\\u%04X", (unsigned)rune);
    else
        buf_add(out, text, size);
}

static bool call_js(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv text;
    struct buf escaped;
    if (!escapee(rt, args, count, &text))
        return false;
    buf_init(&escaped, rt->heap->arena);
    size_t size;
    for (size_t at = 0; at < text.len; at += size) {
        int32_t rune = rune_at(text.u.text + at, text.len - at, &size);
        js_escape(&escaped, text.u.text + at, size, rune);
    }
    *out = rv_buf(&escaped);
    return true;
}

static bool call_urlquery(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv text;
    struct buf escaped;
    if (!escapee(rt, args, count, &text))
        return false;
    buf_init(&escaped, rt->heap->arena);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.u.text[i];
        if (c == ' ')
            buf_char(&escaped, '+');
        else if ((c < 0x80 && (unicode_is_letter(c) || unicode_is_digit(c))) || (c && strchr("-_.~", c)))
            buf_char(&escaped, (char)c);
        else
            buf_printf(&escaped, "%%%02X", c);
    }
    *out = rv_buf(&escaped);
    return true;
}

const struct rt_func template_builtins[] = {
    [BUILTIN_AND] = {"and", "VV*", NULL, 0},
    [BUILTIN_OR] = {"or", "VV*", NULL, 0},
    [BUILTIN_CALL] = {"call", "VV*", NULL, 0},
    {"not", "V", call_not, 0},
    {"len", "V", call_len, 0},
    {"index", "VV*", call_index, 0},
    {"print", "v*", call_print, 0},
    {"println", "v*", call_println, 0},
    {"printf", "sv*", call_printf, 0},
    {"eq", "VV*", call_eq, 0},
    {"ne", "VV", call_ne, 0},
    {"lt", "VV", call_lt, 0},
    {"le", "VV", call_le, 0},
    {"gt", "VV", call_gt, 0},
    {"ge", "VV", call_ge, 0},
    {"html", "v*", call_html, 0},
    {"js", "v*", call_js, 0},
    {"urlquery", "v*", call_urlquery, 0},
    {NULL, NULL, NULL, 0},
};
