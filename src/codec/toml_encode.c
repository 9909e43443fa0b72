// SPDX-License-Identifier: Apache-2.0
#include "codec/toml.h"
#include "value/number.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

// A table's name, from the innermost part outwards.
struct name {
    const struct name *parent;
    const char *key;
    size_t depth; // 1 for a top-level key
};

static void quote(struct buf *out, const char *text, size_t len) {
    static const char from[] = "\"\\\b\t\n\f\r", to[] = "\"\\btnfr";
    buf_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        const char *found = text[i] ? strchr(from, text[i]) : NULL;
        if (found)
            buf_printf(out, "\\%c", to[found - from]);
        else if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            buf_printf(out, "\\u%04x", (unsigned char)text[i]);
        else
            buf_char(out, text[i]);
    }
    buf_char(out, '"');
}

static void put_key(struct buf *out, const char *key) {
    bool bare = *key;
    for (const char *c = key; *c && bare; c++)
        bare = isalnum((unsigned char)*c) || *c == '_' || *c == '-';
    if (bare)
        buf_str(out, key);
    else
        quote(out, key, strlen(key));
}

static void put_name(struct buf *out, const struct name *name) {
    if (name->parent) {
        put_name(out, name->parent);
        buf_char(out, '.');
    }
    put_key(out, name->key);
}

static void newline(struct buf *out, size_t start) {
    if (out->len > start)
        buf_char(out, '\n');
}

static void put_float(struct buf *out, double real) {
    char text[NUMBER_TEXT];
    number_g(real, text);
    if (!isfinite(real))
        strcpy(text, isnan(real) ? "nan" : real > 0 ? "inf" : "-inf");
    buf_str(out, text);
    if (isfinite(real) && !strpbrk(text, "e."))
        buf_str(out, ".0");
}

static bool is_table_list(struct value v) {
    for (size_t i = 0; i < value_len(v); i++)
        if (value_kind(value_untyped(value_at(v, i))) != VALUE_MAP)
            return false;
    return value_kind(v) == VALUE_LIST && value_len(v);
}

static bool is_table(struct value v) {
    return value_kind(v) == VALUE_MAP || is_table_list(v);
}

static bool is_absent(struct value v) {
    return value_is_null(v) || value_kind(v) == VALUE_UNKNOWN;
}

static void put_element(struct buf *out, struct value v);

// {a = 1, b = {…}}: scalars first here too.
static void put_inline_table(struct buf *out, struct value v) {
    size_t written = 0;
    buf_char(out, '{');
    for (int tables = 0; tables < 2; tables++) {
        for (size_t i = 0; i < value_len(v); i++) {
            struct value member = value_untyped(value_entry_at(v, i)->value);
            if (is_absent(member) || is_table(member) != (tables == 1))
                continue;
            buf_str(out, written++ ? ", " : "");
            put_key(out, value_entry_at(v, i)->key);
            buf_str(out, " = ");
            put_element(out, member);
        }
    }
    buf_char(out, '}');
}

static void put_array(struct buf *out, struct value v) {
    buf_char(out, '[');
    for (size_t i = 0; i < value_len(v); i++) {
        buf_str(out, i ? ", " : "");
        put_element(out, value_untyped(value_at(v, i)));
    }
    buf_char(out, ']');
}

static void put_element(struct buf *out, struct value v) {
    switch (value_kind(v)) {
    case VALUE_STRING: quote(out, value_get_string(v), value_len(v)); break;
    case VALUE_BOOL: buf_str(out, value_get_bool(v) ? "true" : "false"); break;
    case VALUE_FLOAT: put_float(out, value_get_float(v)); break;
    case VALUE_LIST: put_array(out, v); break;
    case VALUE_MAP: put_inline_table(out, v); break;
    default: buf_str(out, value_number_text(out->arena, v)); break;
    }
}

static void put_table(struct buf *out, size_t start, struct value v, const struct name *name);

static void indent(struct buf *out, const struct name *name) {
    buf_fill(out, ' ', 2 * (name->depth - 1));
}

static void put_table_list(struct buf *out, size_t start, struct value v, const struct name *name) {
    for (size_t i = 0; i < value_len(v); i++) {
        newline(out, start);
        indent(out, name);
        buf_str(out, "[[");
        put_name(out, name);
        buf_str(out, "]]\n");
        put_table(out, start, value_untyped(value_at(v, i)), name);
    }
}

static void put_member(struct buf *out, size_t start, struct value v, const struct name *name) {
    if (is_table_list(v)) {
        put_table_list(out, start, v, name);
    } else if (value_kind(v) == VALUE_MAP) {
        if (name->depth == 1)
            newline(out, start);
        indent(out, name);
        buf_char(out, '[');
        put_name(out, name);
        buf_str(out, "]\n");
        put_table(out, start, v, name);
    } else {
        indent(out, name);
        put_key(out, name->key);
        buf_str(out, " = ");
        put_element(out, v);
        buf_char(out, '\n');
    }
}

static void put_table(struct buf *out, size_t start, struct value v, const struct name *name) {
    for (int tables = 0; tables < 2; tables++) {
        for (size_t i = 0; i < value_len(v); i++) {
            const struct value_entry *entry = value_entry_at(v, i);
            struct name here = {name, entry->key, name ? name->depth + 1 : 1};
            struct value member = value_untyped(entry->value);
            if (!is_absent(member) && is_table(member) == (tables == 1))
                put_member(out, start, member, &here);
        }
    }
}

static bool has_null_element(struct value v) {
    v = value_untyped(v);
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        struct value item = entry ? entry->value : value_at(v, i);
        if ((value_kind(v) == VALUE_LIST && is_absent(item)) ||
            ((value_kind(v) == VALUE_LIST || entry) && has_null_element(item)))
            return true;
    }
    return false;
}

bool toml_encode(struct buf *out, struct value v, struct err *err) {
    v = value_untyped(v);
    if (value_kind(v) != VALUE_STRING && has_null_element(v))
        return err_set(err, ERR_UNSUPPORTED, "toml: cannot encode array with nil element");
    if (is_table_list(v))
        return err_set(err, ERR_UNSUPPORTED, "toml: top-level values must be Go maps or structs");
    if (value_kind(v) == VALUE_MAP)
        put_table(out, out->len, v, NULL);
    else if (!is_absent(v))
        put_element(out, v);
    return true;
}
