// SPDX-License-Identifier: Apache-2.0
// Read by hand rather than with msgpack-c's unpacker: that one refuses anything nested
// deeper than 32 levels, which a custom resource inside "dynamic" positions easily is.
#include "codec/msgpack.h"

#include "base/utf8.h"
#include "codec/json.h"
#include "value/number.h"
#include "value/path.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_DEPTH = 1000 };

struct reader {
    struct arena *arena;
    const unsigned char *at, *end;
    const struct path *path; // of the value being read
    size_t depth;
};

enum token_kind { NIL, BOOL, INT, UINT, REAL, TEXT, ARRAY, MAP, EXTENSION };

struct token {
    enum token_kind kind;
    uint64_t number; // the integer, or how many bytes, elements or pairs follow
    double real;
    const char *bytes; // TEXT, EXTENSION
};

static bool cut(const struct reader *reader, struct err *err) {
    return err_at(err, path_text(err->arena, reader->path), "msgpack: the data ends early");
}

static uint64_t big_endian(const unsigned char *at, size_t width) {
    uint64_t number = 0;
    for (size_t i = 0; i < width; i++)
        number = number << 8 | at[i];
    return number;
}

static double as_real(uint64_t bits, size_t width) {
    uint32_t narrow_bits = (uint32_t)bits;
    float narrow;
    double real;
    memcpy(&narrow, &narrow_bits, sizeof narrow);
    memcpy(&real, &bits, sizeof real);
    return width == 4 ? (double)narrow : real;
}

// The formats from 0xc0 to 0xdf: what they are and how wide the number after the byte is.
static const struct {
    uint8_t kind, width;
} FORMATS[32] = {
    [0x00] = {NIL, 0},       [0x02] = {BOOL, 0},      [0x03] = {BOOL, 0},      [0x04] = {TEXT, 1},
    [0x05] = {TEXT, 2},      [0x06] = {TEXT, 4},      [0x07] = {EXTENSION, 1}, [0x08] = {EXTENSION, 2},
    [0x09] = {EXTENSION, 4}, [0x0a] = {REAL, 4},      [0x0b] = {REAL, 8},      [0x0c] = {UINT, 1},
    [0x0d] = {UINT, 2},      [0x0e] = {UINT, 4},      [0x0f] = {UINT, 8},      [0x10] = {INT, 1},
    [0x11] = {INT, 2},       [0x12] = {INT, 4},       [0x13] = {INT, 8},       [0x14] = {EXTENSION, 0},
    [0x15] = {EXTENSION, 0}, [0x16] = {EXTENSION, 0}, [0x17] = {EXTENSION, 0}, [0x18] = {EXTENSION, 0},
    [0x19] = {TEXT, 1},      [0x1a] = {TEXT, 2},      [0x1b] = {TEXT, 4},      [0x1c] = {ARRAY, 2},
    [0x1d] = {ARRAY, 4},     [0x1e] = {MAP, 2},       [0x1f] = {MAP, 4},
};

// The one-byte forms outside 0xc0 to 0xdf carry their number in the byte.
static bool small_token(uint8_t byte, struct token *out) {
    if (byte < 0x80)
        *out = (struct token){.kind = INT, .number = byte};
    else if (byte < 0x90)
        *out = (struct token){.kind = MAP, .number = byte & 0x0f};
    else if (byte < 0xa0)
        *out = (struct token){.kind = ARRAY, .number = byte & 0x0f};
    else if (byte < 0xc0)
        *out = (struct token){.kind = TEXT, .number = byte & 0x1f};
    else if (byte >= 0xe0)
        *out = (struct token){.kind = INT, .number = (uint64_t)(int64_t)(int8_t)byte};
    else
        return false;
    return true;
}

static bool wide_token(struct reader *reader, uint8_t byte, struct token *out, struct err *err) {
    size_t width = FORMATS[byte - 0xc0].width;
    *out = (struct token){.kind = (enum token_kind)FORMATS[byte - 0xc0].kind};
    if (byte == 0xc1)
        return err_at(err, path_text(err->arena, reader->path), "msgpack: the byte 0xc1 means nothing");
    if ((size_t)(reader->end - reader->at) < width)
        return cut(reader, err);
    out->number = big_endian(reader->at, width);
    if (out->kind == BOOL)
        out->number = byte == 0xc3;
    if (out->kind == REAL)
        out->real = as_real(out->number, width);
    if (out->kind == INT && width < 8 && out->number >> (8 * width - 1))
        out->number |= UINT64_MAX << (8 * width);
    if (out->kind == EXTENSION && !width)
        out->number = 1u << (byte - 0xd4);
    reader->at += width;
    return true;
}

// The next token, with the bytes of texts and extensions; collections leave theirs to come.
static bool next(struct reader *reader, struct token *out, struct err *err) {
    if (reader->at == reader->end)
        return cut(reader, err);
    uint8_t byte = *reader->at++;
    if (!small_token(byte, out) && !wide_token(reader, byte, out, err))
        return false;
    size_t left = (size_t)(reader->end - reader->at);
    bool sized = out->kind == TEXT || out->kind == EXTENSION;
    uint64_t need = sized || out->kind == ARRAY ? out->number : out->kind == MAP ? 2 * out->number : 0;
    need += out->kind == EXTENSION; // its type
    if (need > left)
        return cut(reader, err);
    if (sized) {
        out->bytes = (const char *)reader->at;
        reader->at += need;
    }
    return true;
}

static const char *token_name(const struct token *token) {
    static const char *const names[] = {"null",   "a bool", "a number", "a number",  "a number",
                                        "a text", "a list", "a map",    "an unknown"};
    return names[token->kind];
}

static bool mismatch(const struct reader *reader, const char *wanted, const struct token *token,
                     struct err *err) {
    return err_at(err, path_text(err->arena, reader->path), "msgpack: %s is needed, found %s", wanted,
                  token_name(token));
}

static bool decode(struct reader *reader, const struct type *type, struct value *out, struct err *err);

// The value at a step below the one being read.
static bool decode_at(struct reader *reader, const struct path *path, const struct type *type,
                      struct value *out, struct err *err) {
    const struct path *above = reader->path;
    reader->path = path;
    bool ok = decode(reader, type, out, err);
    reader->path = above;
    return ok;
}

static bool decode_string(struct reader *reader, const struct token *token, struct value *out,
                          struct err *err) {
    if (token->kind != TEXT)
        return mismatch(reader, "a string", token, err);
    if (utf8_valid_prefix(token->bytes, token->number) != token->number)
        return err_at(err, path_text(err->arena, reader->path), "msgpack: a string is not UTF-8");
    *out = value_string_len(reader->arena, token->bytes, token->number);
    return true;
}

// What a double says exactly when it is whole (2^64 has twenty digits), else its shortest text.
static bool decode_real(struct reader *reader, double real, struct value *out) {
    char text[400];
    *out = value_float(real);
    if (isinf(real))
        return true;
    snprintf(text, sizeof text, "%.0f", real);
    if (real != trunc(real))
        number_shortest(real, text);
    return number_parse(reader->arena, text, strlen(text), out);
}

static bool decode_number(struct reader *reader, const struct token *token, struct value *out,
                          struct err *err) {
    if (token->kind == INT || (token->kind == UINT && token->number <= INT64_MAX)) {
        *out = value_int((int64_t)token->number);
        return true;
    }
    if (token->kind == UINT) {
        *out = value_number(reader->arena,
                            arena_printf(reader->arena, "%llu", (unsigned long long)token->number));
        return true;
    }
    if (token->kind == REAL && !isnan(token->real))
        return decode_real(reader, token->real, out);
    if (token->kind == TEXT && number_parse(reader->arena, token->bytes, token->number, out))
        return true;
    return mismatch(reader, "a number", token, err);
}

static bool decode_sequence(struct reader *reader, const struct type *type, const struct token *token,
                            struct value *out, struct err *err) {
    if (token->kind != ARRAY)
        return mismatch(reader, type->kind == TYPE_SET ? "a set" : "a list", token, err);
    if (type->kind == TYPE_TUPLE && token->number != type->count)
        return err_at(err, path_text(err->arena, reader->path),
                      "msgpack: a tuple of %zu is needed, found %zu elements", type->count,
                      (size_t)token->number);
    struct value *items = arena_array(reader->arena, token->number, sizeof *items);
    for (size_t i = 0; i < token->number; i++) {
        struct path here = {reader->path, {.index = i}};
        const struct type *elem = type->kind == TYPE_TUPLE ? type->attrs[i].type : type->elem;
        if (!decode_at(reader, &here, elem, &items[i], err))
            return false;
    }
    *out = value_list(reader->arena, items, token->number);
    return true;
}

static bool decode_key(struct reader *reader, const char **out, struct err *err) {
    struct token token;
    if (!next(reader, &token, err))
        return false;
    if (token.kind != TEXT)
        return mismatch(reader, "a text as key", &token, err);
    if (memchr(token.bytes, 0, token.number))
        return err_at(err, path_text(err->arena, reader->path),
                      "msgpack: a key holds a NUL character: no key may");
    *out = arena_strndup(reader->arena, token.bytes, token.number);
    return true;
}

static bool decode_mapping(struct reader *reader, const struct type *type, const struct token *token,
                           struct value *out, struct err *err) {
    bool object = type->kind == TYPE_OBJECT;
    if (token->kind != MAP)
        return mismatch(reader, object ? "an object" : "a map", token, err);
    size_t count = token->number, missing = object ? type->count : 0;
    if (object && count != missing) // as go-cty: what is not set is null, and sent
        return err_at(err, path_text(err->arena, reader->path),
                      "msgpack: an object of %zu attributes is needed, found %zu", missing, count);
    struct value_entry *entries = arena_array(reader->arena, count + missing, sizeof *entries);
    for (size_t i = 0; i < missing; i++)
        entries[i].key = type->attrs[i].name; // null until told otherwise: the last of equal keys wins
    for (size_t i = 0; i < count; i++) {
        struct value_entry *entry = &entries[missing + i];
        if (!decode_key(reader, &entry->key, err))
            return false;
        struct path here = {reader->path, {.key = entry->key}};
        const struct type *member = object ? type_attr(type, entry->key) : type->elem;
        if (!member)
            return err_at(err, path_text(err->arena, &here),
                          "msgpack: the type has no attribute of this name");
        if (!decode_at(reader, &here, member, &entry->value, err))
            return false;
    }
    *out = value_map(reader->arena, entries, count + missing);
    return true;
}

// [type as JSON, value]
static bool decode_dynamic(struct reader *reader, const struct token *token, struct value *out,
                           struct err *err) {
    struct token name;
    if (token->kind != ARRAY || token->number != 2)
        return mismatch(reader, "a pair of type and value", token, err);
    if (!next(reader, &name, err))
        return false;
    if (name.kind != TEXT)
        return mismatch(reader, "a type", &name, err);
    struct value json, inner;
    if (!json_decode(reader->arena, name.bytes, name.number, &json, err))
        return false;
    const struct type *type = type_from_value(reader->arena, json, err);
    if (!type || !decode(reader, type, &inner, err))
        return false;
    *out = value_typed(reader->arena, type, inner);
    return true;
}

static bool decode_token(struct reader *reader, const struct type *type, const struct token *token,
                         struct value *out, struct err *err) {
    switch (type->kind) {
    case TYPE_DYNAMIC: return decode_dynamic(reader, token, out, err);
    case TYPE_NUMBER: return decode_number(reader, token, out, err);
    case TYPE_STRING: return decode_string(reader, token, out, err);
    case TYPE_MAP:
    case TYPE_OBJECT: return decode_mapping(reader, type, token, out, err);
    case TYPE_BOOL:
        *out = value_bool(token->number != 0);
        return token->kind == BOOL || mismatch(reader, "a bool", token, err);
    default: return decode_sequence(reader, type, token, out, err);
    }
}

static bool decode(struct reader *reader, const struct type *type, struct value *out, struct err *err) {
    struct token token;
    if (!next(reader, &token, err))
        return false;
    if (token.kind == NIL || token.kind == EXTENSION) {
        *out = token.kind == NIL ? value_null() : value_unknown();
        return true;
    }
    if (reader->depth == MAX_DEPTH)
        return err_set(err, ERR_LIMIT, "msgpack: nested deeper than %d levels", MAX_DEPTH);
    reader->depth++;
    bool ok = decode_token(reader, type, &token, out, err);
    reader->depth--;
    return ok;
}

bool msgpack_decode(struct arena *arena, const void *data, size_t len, const struct type *type,
                    struct value *out, struct err *err) {
    struct reader reader = {.arena = arena, .at = data, .end = (const unsigned char *)data + len};
    if (!decode(&reader, type, out, err))
        return false;
    if (reader.at != reader.end)
        return err_set(err, ERR_INVALID, "msgpack: %zu bytes follow the value",
                       (size_t)(reader.end - reader.at));
    return true;
}
