// SPDX-License-Identifier: Apache-2.0
// Decoding. jansson parses, but it has only long long and double: a literal that
// is neither exactly is wrapped into a string before jansson sees it, behind a mark
// that no string of the text begins with, and read back from there. Texts without
// such literals (nearly all) are not copied.
#include "codec/json.h"

#include "base/cleanup.h"
#include "base/list.h"
#include "value/number.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { MAX_DEPTH = 1000 };
static const char MARK = 0x7f; // followed by a number and a colon

struct literal {
    size_t at, len;
};

struct scan {
    struct arena *arena;
    const char *text;
    size_t len;
    struct literal *inexact; // in order
    size_t count;
    size_t *taken; // numbers of marks that strings of the text begin with
    size_t taken_count;
};

static void cleanup_json(json_t **json) {
    json_decref(*json);
}

static size_t end_of_string(const char *text, size_t len, size_t at) {
    for (at++; at < len && text[at] != '"'; at++)
        at += text[at] == '\\';
    return at;
}

// A character of a string when it is ASCII, plain or as \u00XX, and steps over it; '\0' for any other.
static char ascii_at(const struct scan *scan, size_t *at) {
    unsigned code;
    char hex[5] = "";
    if (*at >= scan->len || scan->text[*at] == '"')
        return '\0';
    if (scan->text[*at] != '\\')
        return scan->text[(*at)++];
    if (scan->len - *at < 6 || scan->text[*at + 1] != 'u')
        return '\0';
    memcpy(hex, scan->text + *at + 2, 4);
    *at += 6;
    return strspn(hex, "0123456789abcdefABCDEF") == 4 && sscanf(hex, "%x", &code) == 1 && code < 0x80
               ? (char)code
               : '\0';
}

// Notes the mark's number that a string begins with, if it begins with a mark at all.
static void note_taken(struct scan *scan, size_t at) {
    size_t number = 0, digits = 0;
    char c = ascii_at(scan, &at);
    if (c != MARK)
        return;
    while ((c = ascii_at(scan, &at)) && isdigit((unsigned char)c) && digits++ < 9)
        number = number * 10 + (size_t)(c - '0');
    if (c != ':' || !digits)
        return;
    *LIST_ADD(scan->arena, scan->taken, scan->taken_count) = number;
}

// The mark with the lowest number that is not taken.
static const char *free_mark(const struct scan *scan) {
    size_t number = 0;
    bool *is_taken = arena_array(scan->arena, scan->taken_count + 1, sizeof *is_taken);
    for (size_t i = 0; i < scan->taken_count; i++)
        if (scan->taken[i] <= scan->taken_count)
            is_taken[scan->taken[i]] = true;
    while (number < scan->taken_count && is_taken[number])
        number++;
    return arena_printf(scan->arena, "%c%zu:", MARK, number);
}

static size_t end_of_number(const char *text, size_t len, size_t at) {
    while (at < len && (isalnum((unsigned char)text[at]) || strchr("+-.", text[at])) && text[at])
        at++;
    return at;
}

// JSON's own grammar, stricter than number_parse: what it refuses is left for jansson to refuse.
static bool is_json_number(const char *text, size_t len) {
    const char *end = text + len;
    text += *text == '-';
    if (text == end || !isdigit((unsigned char)*text) ||
        (*text == '0' && text + 1 < end && isdigit((unsigned char)text[1])))
        return false;
    const char *point = memchr(text, '.', (size_t)(end - text));
    return !point || (point + 1 < end && isdigit((unsigned char)point[1]));
}

// True when the long long or double that jansson makes of a literal says exactly what it says.
static bool survives(struct arena *arena, const char *text, size_t len) {
    bool exponent = memchr(text, 'e', len) || memchr(text, 'E', len);
    bool fraction = exponent || memchr(text, '.', len);
    if (len <= (exponent ? 0 : fraction ? 16 : 18) || !is_json_number(text, len))
        return true; // 15 digits fit a double, 18 a long long
    struct value v;
    if (!number_parse(arena, text, len, &v))
        return true;
    if (value_kind(v) == VALUE_INT)
        return !fraction || llabs(value_get_int(v)) <= 1LL << 53;
    return fraction && value_kind(v) == VALUE_FLOAT;
}

static void note(struct scan *scan, size_t at, size_t len) {
    *LIST_ADD(scan->arena, scan->inexact, scan->count) = (struct literal){at, len};
}

// Finds the literals to carry as text. False when the nesting is too deep.
static bool scan_text(struct scan *scan) {
    size_t depth = 0;
    for (size_t i = 0; i < scan->len; i++) {
        char c = scan->text[i];
        if (c == '"') {
            note_taken(scan, i + 1);
            i = end_of_string(scan->text, scan->len, i);
        } else if (c == '-' || isdigit((unsigned char)c)) {
            size_t end = end_of_number(scan->text, scan->len, i);
            if (!survives(scan->arena, scan->text + i, end - i))
                note(scan, i, end - i);
            i = end - 1;
        } else if (c == '[' || c == '{') {
            if (++depth > MAX_DEPTH)
                return false;
        } else if (c == ']' || c == '}') {
            depth -= depth > 0;
        }
    }
    return true;
}

static void wrap(const struct scan *scan, const char *mark, struct buf *out) {
    size_t from = 0;
    for (size_t i = 0; i < scan->count; i++) {
        const struct literal *literal = &scan->inexact[i];
        buf_add(out, scan->text + from, literal->at - from);
        buf_char(out, '"');
        buf_str(out, mark);
        buf_add(out, scan->text + literal->at, literal->len);
        buf_char(out, '"');
        from = literal->at + literal->len;
    }
    buf_add(out, scan->text + from, scan->len - from);
}

static struct value to_value(struct arena *arena, const json_t *json, const char *mark);

static struct value string_to_value(struct arena *arena, const json_t *json, const char *mark) {
    const char *text = json_string_value(json);
    size_t len = json_string_length(json), marked = strlen(mark);
    struct value v;
    if (marked && len > marked && !memcmp(text, mark, marked) &&
        number_parse(arena, text + marked, len - marked, &v))
        return v;
    return value_string_len(arena, text, len);
}

static struct value object_to_value(struct arena *arena, const json_t *json, const char *mark) {
    struct value_entry *entries = arena_array(arena, json_object_size(json), sizeof *entries);
    size_t count = 0;
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)json, key, member) entries[count++] =
        (struct value_entry){arena_strdup(arena, key), to_value(arena, member, mark)};
    return value_map(arena, entries, count);
}

static struct value array_to_value(struct arena *arena, const json_t *json, const char *mark) {
    size_t count = json_array_size(json);
    struct value *items = arena_array(arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = to_value(arena, json_array_get(json, i), mark);
    return value_list(arena, items, count);
}

// 1e3 and 1.0 are integers to number_parse, so they are here.
static struct value real_to_value(double real) {
    bool whole = real >= -0x1p53 && real <= 0x1p53 && real == (double)(int64_t)real;
    return whole ? value_int((int64_t)real) : value_float(real);
}

static struct value to_value(struct arena *arena, const json_t *json, const char *mark) {
    switch (json_typeof(json)) {
    case JSON_TRUE: return value_bool(true);
    case JSON_FALSE: return value_bool(false);
    case JSON_INTEGER: return value_int(json_integer_value(json));
    case JSON_REAL: return real_to_value(json_real_value(json));
    case JSON_STRING: return string_to_value(arena, json, mark);
    case JSON_ARRAY: return array_to_value(arena, json, mark);
    case JSON_OBJECT: return object_to_value(arena, json, mark);
    default: return value_null();
    }
}

// Where jansson stopped, in the text as it was given.
static bool refuse(const struct scan *scan, const char *mark, const json_error_t *error, struct err *err) {
    size_t wrapping = strlen(mark) + 2;
    size_t at = error->position > 0 ? (size_t)error->position : 0;
    for (size_t i = 0; i < scan->count && scan->inexact[i].at + (i + 1) * wrapping < at; i++)
        if (i + 1 == scan->count || scan->inexact[i + 1].at + (i + 1) * wrapping >= at)
            at -= (i + 1) * wrapping;
    size_t line = 1, column = 1;
    for (size_t i = 0; i + 1 < at && i < scan->len; i++) {
        column = scan->text[i] == '\n' ? 1 : column + 1;
        line += scan->text[i] == '\n';
    }
    return err_set(err, ERR_INVALID, "invalid JSON at line %zu, column %zu: %s", line, column, error->text);
}

bool json_decode(struct arena *arena, const char *text, size_t len, struct value *out, struct err *err) {
    SCRATCH_ARENA(scratch);
    struct scan scan = {.arena = scratch, .text = text, .len = len};
    if (!scan_text(&scan))
        return err_set(err, ERR_LIMIT, "JSON nested deeper than %d levels", MAX_DEPTH);
    const char *nul = len ? memchr(text, '\0', len) : NULL; // jansson passes over one behind a number
    if (nul) {
        const json_error_t error = {.position = (int)(nul - text) + 1, .text = "a NUL byte"};
        return refuse(&(struct scan){.text = text, .len = len}, "", &error, err);
    }
    const char *mark = "";
    struct buf marked;
    buf_init(&marked, scratch);
    if (scan.count) {
        mark = free_mark(&scan);
        wrap(&scan, mark, &marked);
    }
    json_error_t error;
    CLEANUP(cleanup_json)
    json_t *json = json_loadb(scan.count ? marked.ptr : text, scan.count ? marked.len : len,
                              JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!json)
        return refuse(&scan, mark, &error, err);
    *out = to_value(arena, json, mark);
    return true;
}
