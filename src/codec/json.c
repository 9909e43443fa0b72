// SPDX-License-Identifier: Apache-2.0
// Decoding, in two passes: json_check says whether the text is JSON, so that what builds the values need not
// ask at every byte. Lists and maps grow on stacks of their own and are copied once they are whole: memory is
// a small multiple of the text, whatever it says. (A tree of a library's, as it was before, was eighty times
// a text of "{},{},…", and had no exact numbers.)
#include "codec/json.h"

#include "base/utf8.h"
#include "codec/json_syntax.h"
#include "value/number.h"

#include <string.h>

enum { MAX_DEPTH = 1000, EXACT_DIGITS = 18 }; // a number of so many digits fits an int64

struct builder {
    struct arena *arena, *scratch;
    const char *text;
    size_t len, at;
    struct value *items; // of all lists that are open
    size_t item_count, item_cap;
    struct value_entry *entries; // of all maps that are open
    size_t entry_count, entry_cap;
    struct err *err;
};

static bool refuse(struct builder *b, size_t at, const char *what) {
    size_t line = 1, column = 1;
    for (size_t i = 0; i < at && i < b->len; i++) {
        column = b->text[i] == '\n' ? 1 : column + 1;
        line += b->text[i] == '\n';
    }
    return err_set(b->err, ERR_INVALID, "invalid JSON at line %zu, column %zu: %s", line, column, what);
}

static void skip_space(struct builder *b) {
    while (b->at < b->len && (b->text[b->at] == ' ' || (b->text[b->at] >= '\t' && b->text[b->at] <= '\r')))
        b->at++;
}

static bool take(struct builder *b, char c) {
    skip_space(b);
    bool found = b->text[b->at] == c;
    b->at += found;
    return found;
}

// ---- texts ----

static uint32_t hex4(const char *at) {
    uint32_t rune = 0;
    for (size_t i = 0; i < 4; i++)
        rune = rune << 4 | (uint32_t)(at[i] <= '9' ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10);
    return rune;
}

// What stands behind \u, and behind that of a pair's first half.
static bool read_rune(struct builder *b, uint32_t *rune) {
    size_t start = b->at - 2;
    *rune = hex4(b->text + b->at);
    b->at += 4;
    if (*rune < 0xd800 || *rune > 0xdfff)
        return true;
    bool pair = *rune < 0xdc00 && b->text[b->at] == '\\' && b->text[b->at + 1] == 'u';
    uint32_t low = pair ? hex4(b->text + b->at + 2) : 0;
    if (low < 0xdc00 || low > 0xdfff)
        return refuse(b, start, "half of a pair of surrogates, which is no character");
    *rune = 0x10000 + ((*rune - 0xd800) << 10) + (low - 0xdc00);
    b->at += 6;
    return true;
}

static bool read_escape(struct builder *b, struct buf *out) {
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    char c = b->text[b->at + 1], bytes[4];
    const char *letter = strchr(letters, c);
    uint32_t rune;
    b->at += 2;
    if (c != 'u') {
        buf_char(out, letter ? meanings[letter - letters] : c);
        return true;
    }
    if (!read_rune(b, &rune))
        return false;
    buf_add(out, bytes, utf8_encode(rune, bytes));
    return true;
}

static size_t plain_span(const struct builder *b) {
    size_t end = b->at;
    while (b->text[end] != '"' && b->text[end] != '\\')
        end++;
    return end - b->at;
}

static bool read_escaped(struct builder *b, struct value *out) {
    struct buf text;
    buf_init(&text, b->scratch);
    while (b->text[b->at] != '"') {
        size_t span = plain_span(b);
        buf_add(&text, b->text + b->at, span);
        b->at += span;
        if (b->text[b->at] == '\\' && !read_escape(b, &text))
            return false;
    }
    *out = value_string_len(b->arena, buf_text(&text), text.len);
    return true;
}

static bool read_string(struct builder *b, struct value *out) {
    struct arena_mark mark = arena_mark(b->scratch);
    size_t start = ++b->at, span = plain_span(b);
    bool plain = b->text[b->at + span] == '"', ok = true;
    if (plain) {
        *out = value_string_len(b->arena, b->text + b->at, span);
        b->at += span;
    } else {
        ok = read_escaped(b, out);
        arena_release(b->scratch, mark);
    }
    size_t valid = utf8_valid_prefix(b->text + start, b->at - start);
    if (ok && valid < b->at - start)
        return refuse(b, start + valid, "a byte that is not UTF-8");
    b->at++;
    return ok;
}

// ---- the rest ----

static bool read_number(struct builder *b, struct value *out) {
    size_t start = b->at, digits = 0;
    bool negative = b->text[b->at] == '-', whole = true;
    int64_t number = 0;
    for (b->at += negative; b->at < b->len && strchr("0123456789+-.eE", b->text[b->at]); b->at++) {
        whole = whole && b->text[b->at] >= '0' && b->text[b->at] <= '9' && ++digits <= EXACT_DIGITS;
        number = whole ? number * 10 + (b->text[b->at] - '0') : 0;
    }
    *out = value_int(negative ? -number : number);
    return whole || number_parse(b->arena, b->text + start, b->at - start, out) ||
           refuse(b, start, "a number whose exponent is beyond 9999");
}

static bool read_word(struct builder *b, size_t len, struct value v, struct value *out) {
    b->at += len;
    *out = v;
    return true;
}

static bool read_value(struct builder *b, struct value *out);

static void push_item(struct builder *b, struct value item) {
    if (b->item_count == b->item_cap) {
        size_t cap = b->item_cap ? b->item_cap * 2 : 64;
        b->items = arena_grow(b->scratch, b->items, b->item_cap * sizeof item, cap * sizeof item);
        b->item_cap = cap;
    }
    b->items[b->item_count++] = item;
}

static void push_entry(struct builder *b, struct value_entry entry) {
    if (b->entry_count == b->entry_cap) {
        size_t cap = b->entry_cap ? b->entry_cap * 2 : 64;
        b->entries = arena_grow(b->scratch, b->entries, b->entry_cap * sizeof entry, cap * sizeof entry);
        b->entry_cap = cap;
    }
    b->entries[b->entry_count++] = entry;
}

static bool read_list(struct builder *b, struct value *out) {
    size_t from = b->item_count;
    b->at++;
    if (!take(b, ']')) {
        do {
            struct value item;
            if (!read_value(b, &item))
                return false;
            push_item(b, item);
        } while (take(b, ','));
        take(b, ']');
    }
    *out = value_list(b->arena, b->items + from, b->item_count - from);
    b->item_count = from;
    return true;
}

static bool read_entry(struct builder *b, struct value_entry *out) {
    struct value key;
    skip_space(b);
    size_t start = b->at;
    if (!read_string(b, &key))
        return false;
    out->key = value_get_string(key);
    if (strlen(out->key) < value_len(key))
        return refuse(b, start, "a key that holds a NUL character");
    return take(b, ':') && read_value(b, &out->value);
}

static bool read_map(struct builder *b, struct value *out) {
    size_t from = b->entry_count;
    b->at++;
    if (!take(b, '}')) {
        do {
            struct value_entry entry;
            if (!read_entry(b, &entry))
                return false;
            push_entry(b, entry);
        } while (take(b, ','));
        take(b, '}');
    }
    *out = value_map(b->arena, b->entries + from, b->entry_count - from);
    b->entry_count = from;
    return true;
}

static bool read_value(struct builder *b, struct value *out) {
    skip_space(b);
    switch (b->text[b->at]) {
    case '{': return read_map(b, out);
    case '[': return read_list(b, out);
    case '"': return read_string(b, out);
    case 't': return read_word(b, 4, value_bool(true), out);
    case 'f': return read_word(b, 5, value_bool(false), out);
    case 'n': return read_word(b, 4, value_null(), out);
    default: return read_number(b, out);
    }
}

bool json_decode(struct arena *arena, const char *text, size_t len, struct value *out, struct err *err) {
    SCRATCH_ARENA(scratch);
    struct builder builder = {.arena = arena, .scratch = scratch, .text = text, .len = len, .err = err};
    const char *nul = len ? memchr(text, '\0', len) : NULL;
    if (nul)
        return refuse(&builder, (size_t)(nul - text), "a NUL byte");
    struct json_fault fault = json_check(scratch, text, len, MAX_DEPTH);
    if (fault.too_deep)
        return err_set(err, ERR_LIMIT, "JSON nested deeper than %d levels", MAX_DEPTH);
    if (fault.what)
        return refuse(&builder, fault.at, fault.what);
    return read_value(&builder, out);
}
