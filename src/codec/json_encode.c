// SPDX-License-Identifier: Apache-2.0
// Encoding by the rules of Go's encoding/json, which jansson's own writer does not follow.
#include "base/utf8.h"
#include "codec/json.h"
#include "value/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void encode(struct buf *out, struct value v, unsigned style, size_t depth);

static void quote_ascii(struct buf *out, char c, unsigned style) {
    static const char short_from[] = "\"\\\b\f\n\r\t", short_to[] = "\"\\bfnrt";
    const char *found = c ? strchr(short_from, c) : NULL;
    if (found)
        buf_printf(out, "\\%c", short_to[found - short_from]);
    else if ((unsigned char)c < 0x20 || ((style & JSON_ESCAPE_HTML) && strchr("<>&", c)))
        buf_printf(out, "\\u%04x", (unsigned char)c);
    else
        buf_char(out, c);
}

static bool is_plain(char c, unsigned style) {
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\' &&
           !((style & JSON_ESCAPE_HTML) && (c == '<' || c == '>' || c == '&'));
}

void json_quote(struct buf *out, const char *text, size_t len, unsigned style) {
    buf_char(out, '"');
    for (size_t i = 0; i < len;) {
        size_t run = i;
        while (run < len && is_plain(text[run], style))
            run++;
        buf_add(out, text + i, run - i);
        i = run;
        if (i == len)
            break;
        if ((unsigned char)text[i] < 0x80) {
            quote_ascii(out, text[i++], style);
            continue;
        }
        uint32_t rune;
        size_t width = utf8_decode(text + i, len - i, &rune);
        if (utf8_is_broken(rune, width))
            buf_str(out, "\\ufffd");
        else if (rune == 0x2028 || rune == 0x2029)
            buf_printf(out, "\\u%04x", rune);
        else
            buf_add(out, text + i, width);
        i += width;
    }
    buf_char(out, '"');
}

static void newline(struct buf *out, unsigned style, size_t depth) {
    if (style & JSON_PRETTY) {
        buf_char(out, '\n');
        buf_fill(out, ' ', 2 * depth);
    }
}

static void encode_list(struct buf *out, struct value v, unsigned style, size_t depth) {
    buf_char(out, '[');
    for (size_t i = 0; i < value_len(v); i++) {
        buf_str(out, i ? "," : "");
        newline(out, style, depth + 1);
        encode(out, value_at(v, i), style, depth + 1);
    }
    if (value_len(v))
        newline(out, style, depth);
    buf_char(out, ']');
}

static void encode_map(struct buf *out, struct value v, unsigned style, size_t depth) {
    buf_char(out, '{');
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        buf_str(out, i ? "," : "");
        newline(out, style, depth + 1);
        json_quote(out, entry->key, strlen(entry->key), style);
        buf_str(out, style & JSON_PRETTY ? ": " : ":");
        encode(out, entry->value, style, depth + 1);
    }
    if (value_len(v))
        newline(out, style, depth);
    buf_char(out, '}');
}

static void encode_float(struct buf *out, double real) {
    char text[NUMBER_TEXT];
    number_json(real, text);
    buf_str(out, isfinite(real) ? text : "null");
}

static void encode(struct buf *out, struct value v, unsigned style, size_t depth) {
    v = value_untyped(v);
    switch (value_kind(v)) {
    case VALUE_BOOL: buf_str(out, value_get_bool(v) ? "true" : "false"); break;
    case VALUE_INT: buf_printf(out, "%lld", (long long)value_get_int(v)); break;
    case VALUE_FLOAT: encode_float(out, value_get_float(v)); break;
    case VALUE_NUMBER: buf_add(out, value_get_string(v), value_len(v)); break;
    case VALUE_STRING: json_quote(out, value_get_string(v), value_len(v), style); break;
    case VALUE_LIST: encode_list(out, v, style, depth); break;
    case VALUE_MAP: encode_map(out, v, style, depth); break;
    default: buf_str(out, "null"); break;
    }
}

void json_encode(struct buf *out, struct value v, unsigned style) {
    encode(out, v, style, 0);
}

const char *json_text(struct arena *arena, struct value v) {
    struct buf out;
    buf_init(&out, arena);
    encode(&out, v, JSON_COMPACT, 0);
    return buf_text(&out);
}
