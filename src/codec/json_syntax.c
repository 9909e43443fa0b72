// SPDX-License-Identifier: Apache-2.0
// What Go's decoder says of a text that is no JSON: it names the first byte that cannot stand where it is.
#include "codec/json.h"

#include "base/hex.h"
#include "go/quote.h"

#include <string.h>

enum { DEPTH_MAX = 10000 };

struct reader {
    struct arena *arena;
    const char *text;
    size_t len, at;
    int depth;
    const char *problem;
};

// A byte as Go shows the code point of its number.
static const char *shown(struct arena *arena, unsigned char c) {
    struct buf text;
    buf_init(&text, arena);
    quote_rune(&text, c, false);
    return buf_text(&text);
}

static bool refuse(struct reader *r, const char *context) {
    if (r->problem)
        return false;
    r->problem = r->at < r->len ? arena_printf(r->arena, "invalid character %s %s",
                                               shown(r->arena, (unsigned char)r->text[r->at]), context)
                                : "unexpected EOF";
    return false;
}

static int here(const struct reader *r) {
    return r->at < r->len ? (unsigned char)r->text[r->at] : -1;
}

static bool take(struct reader *r, char c) {
    bool found = here(r) == c;
    r->at += found;
    return found;
}

static void skip_space(struct reader *r) {
    while (here(r) == ' ' || here(r) == '\t' || here(r) == '\r' || here(r) == '\n')
        r->at++;
}

static bool digits(struct reader *r, const char *context) {
    if (here(r) < '0' || here(r) > '9')
        return refuse(r, context);
    while (here(r) >= '0' && here(r) <= '9')
        r->at++;
    return true;
}

static bool read_number(struct reader *r) {
    take(r, '-');
    if (!take(r, '0') && !digits(r, "in numeric literal"))
        return false;
    if (take(r, '.') && !digits(r, "after decimal point in numeric literal"))
        return false;
    if (!take(r, 'e') && !take(r, 'E'))
        return true;
    if (!take(r, '+'))
        take(r, '-');
    return digits(r, "in exponent of numeric literal");
}

static bool read_word(struct reader *r, const char *word) {
    for (const char *c = word; *c; c++)
        if (!take(r, *c))
            return refuse(r, arena_printf(r->arena, "in literal %s (expecting '%c')", word, *c));
    return true;
}

static bool read_escape(struct reader *r) {
    int c = here(r);
    if (c < 0 || !c || !strchr("bfnrt\\/\"u", c))
        return refuse(r, "in string escape code");
    r->at++;
    for (int i = 0; c == 'u' && i < 4; i++, r->at++)
        if (hex_digit(here(r)) < 0)
            return refuse(r, "in \\u hexadecimal character escape");
    return true;
}

static bool read_string(struct reader *r) {
    for (r->at++; !take(r, '"');) {
        if (here(r) < 0x20) // the end, too
            return refuse(r, "in string literal");
        if (!take(r, '\\'))
            r->at++;
        else if (!read_escape(r))
            return false;
    }
    return true;
}

static bool read_value(struct reader *r);

static bool read_pair(struct reader *r) {
    if (here(r) != '"')
        return refuse(r, "looking for beginning of object key string");
    if (!read_string(r))
        return false;
    skip_space(r);
    return (take(r, ':') || refuse(r, "after object key")) && read_value(r);
}

static bool read_members(struct reader *r, char end, const char *context, bool (*member)(struct reader *)) {
    if (++r->depth > DEPTH_MAX)
        return refuse(r, "exceeded max depth");
    r->at++;
    skip_space(r);
    for (bool first = true; !(first && take(r, end)); first = false) {
        skip_space(r);
        if (!member(r))
            return false;
        skip_space(r);
        if (take(r, end))
            break;
        if (!take(r, ','))
            return refuse(r, context);
    }
    r->depth--;
    return true;
}

static bool read_value(struct reader *r) {
    skip_space(r);
    switch (here(r)) {
    case '{': return read_members(r, '}', "after object key:value pair", read_pair);
    case '[': return read_members(r, ']', "after array element", read_value);
    case '"': return read_string(r);
    case 't': return read_word(r, "true");
    case 'f': return read_word(r, "false");
    case 'n': return read_word(r, "null");
    default: break;
    }
    if (here(r) == '-' || (here(r) >= '0' && here(r) <= '9'))
        return read_number(r);
    return refuse(r, "looking for beginning of value");
}

const char *json_problem(struct arena *arena, const char *text, size_t len) {
    struct reader r = {.arena = arena, .text = text, .len = len};
    skip_space(&r);
    if (r.at == len)
        return "EOF";
    if (!read_value(&r))
        return r.problem;
    skip_space(&r);
    return r.at < len ? "invalid character after top-level value" : NULL;
}
