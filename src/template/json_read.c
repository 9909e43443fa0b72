// SPDX-License-Identifier: Apache-2.0
#include "go/quote.h"
#include "go/rune.h"
#include "go/strconv.h"
#include "template/json.h"
#include "template/private.h"

#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 10000, LIST_FIRST = 8 };

struct reader {
    struct rheap *heap;
    const char *text;
    size_t len, at;
    int depth;
    const char *message;
    const char *unfit; // a number no double can hold: said at the end, the rest is still read
};

static bool read_value(struct reader *r, struct rv *out);

// Inside numbers, literals and escapes; a space would not do there either.
static bool takes_no_space(const char *context) {
    return (strstr(context, " literal") && !strstr(context, " string literal")) ||
           strstr(context, " escape") || strstr(context, " decimal") || strstr(context, " exponent");
}

// A byte is shown as the code point of its number. Go finds out where a text ends early by adding
// a space to it.
static bool refuse(struct reader *r, const char *context) {
    struct buf text;
    buf_init(&text, r->heap->arena);
    if (r->at >= r->len && !takes_no_space(context)) {
        r->message = "unexpected end of JSON input";
        return false;
    }
    unsigned char c = r->at < r->len ? (unsigned char)r->text[r->at] : ' ';
    buf_str(&text, "invalid character ");
    quote_rune(&text, c, false);
    buf_str(&text, context);
    r->message = buf_text(&text);
    return false;
}

static void skip_space(struct reader *r) {
    while (r->at < r->len && r->text[r->at] && strchr(" \t\r\n", r->text[r->at]))
        r->at++;
}

static bool is(const struct reader *r, char c) {
    return r->at < r->len && r->text[r->at] == c;
}

static bool digit_here(const struct reader *r) {
    return r->at < r->len && r->text[r->at] >= '0' && r->text[r->at] <= '9';
}

static bool digits(struct reader *r, const char *context) {
    if (!digit_here(r))
        return refuse(r, context);
    while (digit_here(r))
        r->at++;
    return true;
}

static bool read_number(struct reader *r, struct rv *out) {
    size_t start = r->at;
    r->at += is(r, '-');
    if (is(r, '0'))
        r->at++;
    else if (!digits(r, " in numeric literal"))
        return false;
    if (is(r, '.')) {
        r->at++;
        if (!digits(r, " after decimal point in numeric literal"))
            return false;
    }
    if (is(r, 'e') || is(r, 'E')) {
        r->at++;
        r->at += is(r, '+') || is(r, '-');
        if (!digits(r, " in exponent of numeric literal"))
            return false;
    }
    double f;
    bool fits = strconv_parse_float(r->text + start, r->at - start, &f);
    if (!fits && !r->unfit)
        r->unfit =
            arena_printf(r->heap->arena, "json: cannot unmarshal number %.*s into Go value of type float64",
                         (int)(r->at - start), r->text + start);
    *out = fits ? rv_float(f) : rv_nil();
    return true;
}

static bool read_word(struct reader *r, const char *word, struct rv value, struct rv *out) {
    for (size_t i = 0; word[i]; i++, r->at++)
        if (!is(r, word[i])) {
            char context[64];
            snprintf(context, sizeof context, " in literal %s (expecting '%c')", word, word[i]);
            return refuse(r, context);
        }
    *out = value;
    return true;
}

static bool read_hex(struct reader *r, int32_t *out) {
    *out = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        char c = r->at < r->len ? r->text[r->at] : 0;
        int value = c >= '0' && c <= '9'                 ? c - '0'
                    : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                         : -1;
        if (value < 0)
            return refuse(r, " in \\u hexadecimal character escape");
        *out = *out * 16 + value;
    }
    return true;
}

// A pair of surrogates is one code point; a lone one is none.
static bool read_unicode(struct reader *r, struct buf *out) {
    int32_t rune, low;
    if (!read_hex(r, &rune))
        return false;
    if (rune >= 0xd800 && rune < 0xdc00 && is(r, '\\') && r->at + 1 < r->len && r->text[r->at + 1] == 'u') {
        size_t back = r->at;
        r->at += 2;
        if (!read_hex(r, &low))
            return false;
        if (low >= 0xdc00 && low < 0xe000)
            rune = 0x10000 + ((rune - 0xd800) << 10) + (low - 0xdc00);
        else
            r->at = back;
    }
    rune_add(out, rune);
    return true;
}

static bool read_escape(struct reader *r, struct buf *out) {
    static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->len ? r->text[r->at] : 0;
    const char *letter = c ? strchr(letters, c) : NULL;
    if (c == 'u') {
        r->at++;
        return read_unicode(r, out);
    }
    if (!letter)
        return refuse(r, " in string escape code");
    buf_char(out, values[letter - letters]);
    r->at++;
    return true;
}

static bool read_escaped(struct reader *r, size_t start, struct rv *out) {
    struct buf text;
    buf_init(&text, r->heap->arena);
    buf_add(&text, r->text + start, r->at - start);
    while (!is(r, '"')) {
        unsigned char c = r->at < r->len ? (unsigned char)r->text[r->at] : 0;
        size_t size = 1;
        if (c < 0x20)
            return refuse(r, " in string literal");
        if (c == '\\') {
            r->at++;
            if (!read_escape(r, &text))
                return false;
            continue;
        }
        rune_add(&text, rune_at(r->text + r->at, r->len - r->at, &size));
        r->at += size;
    }
    r->at++;
    *out = rv_buf(&text);
    return true;
}

static bool read_string(struct reader *r, struct rv *out) {
    size_t start = ++r->at;
    for (; r->at < r->len; r->at++) {
        unsigned char c = (unsigned char)r->text[r->at];
        if (c == '"') {
            *out = rv_string(r->text + start, r->at++ - start);
            return true;
        }
        if (c < 0x20 || c == '\\' || c >= 0x80)
            break;
    }
    return read_escaped(r, start, out);
}

static bool read_list(struct reader *r, struct rv *out) {
    struct rv *items = rv_items(r->heap, 1);
    size_t count = 0, cap = 1;
    r->at++;
    skip_space(r);
    for (bool first = true; first ? !is(r, ']') : true; first = false) {
        if (count == cap) {
            size_t more = cap < LIST_FIRST ? LIST_FIRST : cap * 2;
            items = arena_grow(r->heap->arena, items, cap * sizeof *items, more * sizeof *items);
            cap = more;
        }
        if (!read_value(r, &items[count++]))
            return false;
        skip_space(r);
        if (is(r, ']'))
            break;
        if (!is(r, ','))
            return refuse(r, " after array element");
        r->at++;
    }
    r->at++;
    *out = rv_slice(RT_LIST, items, count);
    return true;
}

static bool read_member(struct reader *r, struct rmap *map) {
    struct rv key, value;
    skip_space(r);
    if (!is(r, '"'))
        return refuse(r, " looking for beginning of object key string");
    if (!read_string(r, &key))
        return false;
    skip_space(r);
    if (!is(r, ':'))
        return refuse(r, " after object key");
    r->at++;
    if (!read_value(r, &value))
        return false;
    rmap_set(map, key.u.text, key.len, value);
    return true;
}

static bool read_map(struct reader *r, struct rv *out) {
    struct rmap *map = rmap_create(r->heap, 0);
    *out = rv_map(RT_MAP, map);
    r->at++;
    skip_space(r);
    if (is(r, '}')) {
        r->at++;
        return true;
    }
    for (;;) {
        if (!read_member(r, map))
            return false;
        skip_space(r);
        if (is(r, '}'))
            break;
        if (!is(r, ','))
            return refuse(r, " after object key:value pair");
        r->at++;
    }
    r->at++;
    return true;
}

static bool read_nested(struct reader *r, struct rv *out) {
    if (++r->depth > DEPTH_MAX)
        return refuse(r, " exceeded max depth");
    bool ok = is(r, '{') ? read_map(r, out) : read_list(r, out);
    r->depth--;
    return ok;
}

static bool read_value(struct reader *r, struct rv *out) {
    skip_space(r);
    char c = r->at < r->len ? r->text[r->at] : 0;
    switch (c) {
    case '{':
    case '[': return read_nested(r, out);
    case '"': return read_string(r, out);
    case 't': return read_word(r, "true", rv_bool(true), out);
    case 'f': return read_word(r, "false", rv_bool(false), out);
    case 'n': return read_word(r, "null", rv_nil(), out);
    default: break;
    }
    if (c == '-' || (c >= '0' && c <= '9'))
        return read_number(r, out);
    return refuse(r, " looking for beginning of value");
}

bool json_read(struct rheap *heap, const char *text, size_t len, struct rv *out, const char **message) {
    struct reader r = {.heap = heap, .text = text, .len = len};
    *out = rv_nil();
    bool ok = read_value(&r, out);
    skip_space(&r);
    if (ok && r.at < r.len)
        ok = refuse(&r, " after top-level value");
    *message = ok ? r.unfit : r.message;
    return ok;
}

const char *json_kind(struct rv v) {
    switch (v.type) {
    case RT_NIL: return "null";
    case RT_BOOL: return "bool";
    case RT_STRING: return "string";
    case RT_MAP: return "object";
    case RT_LIST: return "array";
    default: return "number";
    }
}
