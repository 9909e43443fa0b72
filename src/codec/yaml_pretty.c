// SPDX-License-Identifier: Apache-2.0
// yaml.v3's emitter with two-space indent. Its lists stand indented below their keys and
// its lines never fold, which libyaml's emitter cannot be told.
#include "base/utf8.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "codec/yaml.h"
#include "codec/yaml_key_order.h"
#include "codec/yaml_scalar.h"
#include "value/number.h"

#include <math.h>
#include <string.h>

enum { INDENT = 2, LONGEST_SIMPLE_KEY = 128, BINARY_LINE = 70 };
enum style { PLAIN, SINGLE, DOUBLE, LITERAL };

struct emitter {
    struct buf *out;
    struct arena *scratch;
    size_t column;
    bool whitespace, indention; // what the line ends with so far
};

static const char BINARY[] = "!!binary";

// A text as it is written: what is not UTF-8 as base64, in lines when it is long.
struct scalar {
    const char *text;
    size_t len;
    bool binary;
};

// What a scalar's text allows.
struct analysis {
    bool multiline, plain, single, literal;
};

static void put(struct emitter *emitter, const char *text, size_t len) {
    buf_add(emitter->out, text, len);
    emitter->column += len;
}

static void line_break(struct emitter *emitter) {
    buf_char(emitter->out, '\n');
    emitter->column = 0;
    emitter->whitespace = emitter->indention = true;
}

// Starts a line at `indent`, unless the current one holds nothing but indicators.
static void put_indent(struct emitter *emitter, size_t indent) {
    if (!emitter->indention || emitter->column > indent ||
        (emitter->column == indent && !emitter->whitespace))
        line_break(emitter);
    if (emitter->column < indent) {
        buf_fill(emitter->out, ' ', indent - emitter->column);
        emitter->column = indent;
    }
    emitter->whitespace = true;
}

static void indicator(struct emitter *emitter, const char *text, bool spaced, bool indention) {
    if (spaced && !emitter->whitespace)
        put(emitter, " ", 1);
    put(emitter, text, strlen(text));
    emitter->whitespace = false;
    emitter->indention = emitter->indention && indention;
}

static bool is_break(uint32_t rune) {
    return rune == '\n' || rune == '\r' || rune == 0x85 || rune == 0x2028 || rune == 0x2029;
}

static bool is_printable(uint32_t rune) {
    return rune == '\n' || (rune >= 0x20 && rune <= 0x7e) ||
           (rune >= 0xa0 && rune <= 0xffff && rune != 0xfeff && rune < 0xfffe);
}

static bool starts_with_indicator(const char *text, size_t len) {
    bool blank_next = len == 1 || text[1] == ' ' || text[1] == '\t';
    return strchr("#,[]{}&*!|>'\"%@`", *text) || (strchr("?:-", *text) && blank_next) ||
           (len >= 3 && (!memcmp(text, "---", 3) || !memcmp(text, "...", 3)));
}

static bool has_inner_indicator(const char *text, size_t len) {
    for (size_t i = 1; i < len; i++) {
        bool blank_next = i + 1 == len || text[i + 1] == ' ' || text[i + 1] == '\t';
        bool blank_before = strchr(" \t\r\n", text[i - 1]) != NULL;
        if ((text[i] == ':' && blank_next) || (text[i] == '#' && blank_before))
            return true;
    }
    return false;
}

static struct analysis analyze(const char *text, size_t len) {
    if (!len)
        return (struct analysis){.plain = true, .single = true};
    bool special = false, tab = false, breaks = false, break_space = false, space_break = false;
    uint32_t rune = 0, last = 0;
    for (size_t i = 0; i < len; last = rune) {
        i += utf8_decode(text + i, len - i, &rune);
        tab |= rune == '\t';
        special |= !is_printable(rune) && rune != '\t';
        breaks |= is_break(rune);
        break_space |= rune == ' ' && is_break(last);
        space_break |= is_break(rune) && last == ' ';
    }
    uint32_t first;
    utf8_decode(text, len, &first);
    bool blank_ends = first == ' ' || is_break(first) || rune == ' ' || is_break(rune);
    return (struct analysis){
        .multiline = breaks,
        .single = !break_space && !space_break && !tab && !special,
        .literal = rune != ' ' && !space_break && !special,
        .plain = !blank_ends && !breaks && !tab && !special && !starts_with_indicator(text, len) &&
                 !has_inner_indicator(text, len),
    };
}

static enum style choose(const struct scalar *scalar, const struct analysis *can, bool key) {
    enum style style = PLAIN;
    if (memchr(scalar->text, '\n', scalar->len))
        style = LITERAL;
    else if (!scalar->binary && yaml_needs_quotes(scalar->text, scalar->len))
        style = DOUBLE;
    if (key && can->multiline)
        style = DOUBLE;
    if (style == PLAIN && (!can->plain || (key && !scalar->len)))
        style = SINGLE;
    if ((style == SINGLE && !can->single) || (style == LITERAL && (!can->literal || key)))
        style = DOUBLE;
    return style;
}

static void put_literal(struct emitter *emitter, const char *text, size_t len, size_t indent) {
    indicator(emitter, "|", true, false);
    uint32_t first, rune = 0, before_last = 0;
    utf8_decode(text, len, &first);
    if (first == ' ' || is_break(first))
        indicator(emitter, "2", false, false);
    for (size_t i = 0, next; i < len; i = next) {
        before_last = rune;
        next = i + utf8_decode(text + i, len - i, &rune);
    }
    if (!is_break(rune))
        indicator(emitter, "-", false, false);
    else if (!before_last || is_break(before_last))
        indicator(emitter, "+", false, false);
    line_break(emitter);
    for (size_t i = 0; i < len;) {
        size_t width = utf8_decode(text + i, len - i, &rune);
        if (rune == '\n') {
            line_break(emitter);
        } else {
            if (!is_break(rune) && emitter->column == 0)
                put_indent(emitter, indent);
            put(emitter, text + i, width);
            if (is_break(rune))
                emitter->column = 0;
            emitter->whitespace = emitter->indention = is_break(rune);
        }
        i += width;
    }
}

static void put_single(struct emitter *emitter, const char *text, size_t len, size_t indent) {
    indicator(emitter, "'", true, false);
    bool broken = false;
    for (size_t i = 0; i < len;) {
        uint32_t rune;
        size_t width = utf8_decode(text + i, len - i, &rune);
        if (broken && !is_break(rune)) {
            emitter->column = 0;
            emitter->indention = true;
            put_indent(emitter, indent);
        }
        broken = is_break(rune);
        put(emitter, text + i, width);
        if (rune == '\'')
            put(emitter, "'", 1);
        i += width;
    }
    put(emitter, "'", 1);
    emitter->whitespace = emitter->indention = false;
}

static void put_escape(struct emitter *emitter, uint32_t rune) {
    static const struct {
        uint32_t rune;
        const char *text;
    } SHORT[] = {{0, "\\0"},     {7, "\\a"},    {8, "\\b"},    {9, "\\t"},      {10, "\\n"},
                 {11, "\\v"},    {12, "\\f"},   {13, "\\r"},   {27, "\\e"},     {'"', "\\\""},
                 {'\\', "\\\\"}, {0x85, "\\N"}, {0xa0, "\\_"}, {0x2028, "\\L"}, {0x2029, "\\P"}};
    for (size_t i = 0; i < sizeof SHORT / sizeof *SHORT; i++) {
        if (SHORT[i].rune == rune) {
            put(emitter, SHORT[i].text, 2);
            return;
        }
    }
    const char *format = rune <= 0xff ? "\\x%02X" : rune <= 0xffff ? "\\u%04X" : "\\U%08X";
    const char *text = arena_printf(emitter->scratch, format, rune);
    put(emitter, text, strlen(text));
}

static void put_double(struct emitter *emitter, const char *text, size_t len) {
    bool bom_first = len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3); // yaml.v3 then escapes everything
    indicator(emitter, "\"", true, false);
    for (size_t i = 0; i < len;) {
        uint32_t rune;
        size_t width = utf8_decode(text + i, len - i, &rune);
        if (bom_first || !is_printable(rune) || is_break(rune) || rune == '"' || rune == '\\')
            put_escape(emitter, rune);
        else
            put(emitter, text + i, width);
        i += width;
    }
    indicator(emitter, "\"", false, false);
}

static void put_plain(struct emitter *emitter, const char *text, size_t len) {
    if (len && !emitter->whitespace)
        put(emitter, " ", 1);
    put(emitter, text, len);
    emitter->whitespace = emitter->indention = false;
}

static struct scalar scalar_of(struct emitter *emitter, const char *text, size_t len) {
    struct buf data, lines;
    if (utf8_valid_prefix(text, len) == len)
        return (struct scalar){text, len, false};
    buf_init(&data, emitter->scratch);
    buf_init(&lines, emitter->scratch);
    base64_encode(&data, text, len);
    if (data.len < BINARY_LINE)
        return (struct scalar){buf_text(&data), data.len, true};
    for (size_t at = 0; at < data.len; at += BINARY_LINE) {
        buf_add(&lines, data.ptr + at, data.len - at < BINARY_LINE ? data.len - at : BINARY_LINE);
        buf_char(&lines, '\n');
    }
    return (struct scalar){buf_text(&lines), lines.len, true};
}

static void put_scalar(struct emitter *emitter, const struct scalar *scalar, size_t indent, bool key) {
    struct analysis can = analyze(scalar->text, scalar->len);
    if (scalar->binary)
        indicator(emitter, BINARY, true, false);
    switch (choose(scalar, &can, key)) {
    case PLAIN: put_plain(emitter, scalar->text, scalar->len); break;
    case SINGLE: put_single(emitter, scalar->text, scalar->len, indent); break;
    case DOUBLE: put_double(emitter, scalar->text, scalar->len); break;
    case LITERAL: put_literal(emitter, scalar->text, scalar->len, indent); break;
    }
}

static void put_float(struct emitter *emitter, double real) {
    char text[NUMBER_TEXT];
    number_g(real, text);
    if (!isfinite(real))
        strcpy(text, isnan(real) ? ".nan" : real > 0 ? ".inf" : "-.inf");
    put_plain(emitter, text, strlen(text));
}

// `indent` is where the value's own lines start.
static void put_value(struct emitter *emitter, struct value v, size_t indent);

static void put_list(struct emitter *emitter, struct value v, size_t indent) {
    if (!value_len(v))
        put_plain(emitter, "[]", 2);
    for (size_t i = 0; i < value_len(v); i++) {
        put_indent(emitter, indent);
        indicator(emitter, "-", true, true);
        put_value(emitter, value_at(v, i), indent + INDENT);
    }
}

static bool is_simple_key(const struct scalar *key) {
    size_t tag = key->binary ? sizeof BINARY - 1 : 0;
    return tag + key->len <= LONGEST_SIMPLE_KEY && !analyze(key->text, key->len).multiline;
}

static void put_map(struct emitter *emitter, struct value v, size_t indent) {
    if (!value_len(v))
        put_plain(emitter, "{}", 2);
    const struct value_entry **entries = yaml_sorted_entries(emitter->scratch, v, true);
    for (size_t i = 0; i < value_len(v); i++) {
        struct scalar key = scalar_of(emitter, entries[i]->key, strlen(entries[i]->key));
        put_indent(emitter, indent);
        if (is_simple_key(&key)) {
            put_scalar(emitter, &key, indent + INDENT, true);
            indicator(emitter, ":", false, false);
        } else {
            indicator(emitter, "?", true, true);
            put_scalar(emitter, &key, indent + INDENT, false);
            put_indent(emitter, indent);
            indicator(emitter, ":", true, true);
        }
        put_value(emitter, entries[i]->value, indent + INDENT);
    }
}

static void put_string(struct emitter *emitter, struct value text, size_t indent) {
    struct scalar scalar = scalar_of(emitter, value_get_string(text), value_len(text));
    put_scalar(emitter, &scalar, indent, false);
}

static void put_value(struct emitter *emitter, struct value v, size_t indent) {
    v = value_untyped(v);
    switch (value_kind(v)) {
    case VALUE_STRING: put_string(emitter, v, indent); break;
    case VALUE_LIST: put_list(emitter, v, indent); break;
    case VALUE_MAP: put_map(emitter, v, indent); break;
    case VALUE_FLOAT: put_float(emitter, value_get_float(v)); break;
    default: {
        const char *text = json_text(emitter->scratch, v);
        put_plain(emitter, text, strlen(text));
    }
    }
}

void yaml_encode_pretty(struct buf *out, struct value v) {
    SCRATCH_ARENA(scratch);
    struct emitter emitter = {.out = out, .scratch = scratch, .whitespace = true, .indention = true};
    enum value_kind kind = value_kind(value_untyped(v));
    put_value(&emitter, v, kind == VALUE_LIST || kind == VALUE_MAP ? 0 : INDENT);
    put_indent(&emitter, 0);
}
