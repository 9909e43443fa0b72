// SPDX-License-Identifier: Apache-2.0
// Go's strconv: unquoting and reading numbers.
#include "go/strconv.h"

#include "go/rune.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int digit_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

static bool digits_of_escape(struct cursor *text, size_t count, int base, int32_t *out) {
    int64_t value = 0;
    if (cursor_left(*text) < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        int digit = digit_value(*text->at++);
        if (digit >= base)
            return false;
        value = value * base + digit;
    }
    *out = (int32_t)(value > INT32_MAX ? INT32_MAX : value);
    return true;
}

// After the letter of the escape, or its first digit of three.
static bool numeric_escape(struct cursor *text, char kind, struct strconv_char *out) {
    size_t count = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 3;
    if (count == 3)
        text->at--;
    if (!digits_of_escape(text, count, count == 3 ? 8 : 16, &out->rune))
        return false;
    out->is_byte = count < 4;
    if (count == 3)
        return out->rune <= 255;
    return out->is_byte || (out->rune <= 0x10ffff && (out->rune < 0xd800 || out->rune >= 0xe000));
}

bool strconv_unquote_char(struct cursor *text, char quote, struct strconv_char *out) {
    out->is_byte = false;
    if (!cursor_left(*text) || *text->at == quote)
        return false;
    if (*text->at != '\\') {
        size_t size;
        out->rune = rune_at(text->at, cursor_left(*text), &size);
        text->at += size;
        return true;
    }
    text->at++;
    if (!cursor_left(*text))
        return false;
    char kind = *text->at++;
    static const char letters[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";
    const char *letter = kind ? strchr(letters, kind) : NULL;
    if (letter) {
        out->rune = values[letter - letters];
        return true;
    }
    if (kind == '\'' || kind == '"') {
        out->rune = kind;
        return kind == quote;
    }
    if (kind == 'x' || kind == 'u' || kind == 'U' || (kind >= '0' && kind <= '7'))
        return numeric_escape(text, kind, out);
    return false;
}

bool strconv_unquote(struct buf *out, const char *text, size_t len) {
    if (text[0] == '`') {
        for (size_t i = 1; i + 1 < len; i++)
            if (text[i] != '\r')
                buf_char(out, text[i]);
        return true;
    }
    struct cursor inside = cursor_over(text + 1, len < 2 ? 0 : len - 2);
    while (cursor_left(inside)) {
        struct strconv_char c;
        if (*inside.at == '\n' || !strconv_unquote_char(&inside, text[0], &c))
            return false;
        if (c.is_byte)
            buf_char(out, (char)c.rune);
        else
            rune_add(out, c.rune);
    }
    return true;
}

// Underscores may stand between digits, or between a base prefix and digits.
static bool underscores_ok(const char *text, size_t len) {
    char previous = '^';
    size_t at = len > 0 && (text[0] == '-' || text[0] == '+');
    bool hex = false;
    if (len - at >= 2 && text[at] == '0' && strchr("bBoOxX", text[at + 1])) {
        hex = (text[at + 1] | 0x20) == 'x';
        previous = '0';
        at += 2;
    }
    for (; at < len; at++) {
        if (digit_value(text[at]) < (hex ? 16 : 10)) {
            previous = '0';
        } else if (text[at] == '_') {
            if (previous != '0')
                return false;
            previous = '_';
        } else {
            if (previous == '_')
                return false;
            previous = '!';
        }
    }
    return previous != '_';
}

static int base_prefix(const char *text, size_t len, size_t *skip) {
    *skip = 0;
    if (len == 0 || text[0] != '0')
        return 10;
    char kind = len >= 3 ? (char)(text[1] | 0x20) : 0;
    *skip = kind == 'b' || kind == 'o' || kind == 'x' ? 2 : 1;
    return kind == 'b' ? 2 : kind == 'x' ? 16 : 8;
}

bool strconv_parse_uint(const char *text, size_t len, int base, uint64_t *out) {
    bool free_base = base == 0;
    size_t at = 0;
    *out = 0;
    if (len == 0)
        return false;
    if (free_base)
        base = base_prefix(text, len, &at);
    bool underscores = false;
    for (; at < len; at++) {
        if (free_base && text[at] == '_') {
            underscores = true;
            continue;
        }
        int digit = digit_value(text[at]);
        if (digit >= base || __builtin_mul_overflow(*out, (uint64_t)base, out) ||
            __builtin_add_overflow(*out, (uint64_t)digit, out))
            return false;
    }
    return !underscores || underscores_ok(text, len);
}

bool strconv_parse_int(const char *text, size_t len, int base, int64_t *out) {
    bool negative = len > 0 && text[0] == '-';
    size_t sign = len > 0 && (text[0] == '-' || text[0] == '+');
    uint64_t magnitude;
    *out = 0;
    if (!strconv_parse_uint(text + sign, len - sign, base, &magnitude))
        return false;
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    *out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

static bool special_float(const char *text, size_t len, double *out) {
    static const char *const names[] = {"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "nan"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) != len || strncasecmp(names[i], text, len) != 0)
            continue;
        *out = i == 6 ? (double)NAN : names[i][0] == '-' ? (double)-INFINITY : (double)INFINITY;
        return true;
    }
    return false;
}

// Copies a well-formed Go float without its underscores; the exponent of a hex one is a must.
static bool clean_float(const char *text, size_t len, char *copy) {
    size_t at = len > 0 && (text[0] == '-' || text[0] == '+'), kept = at;
    memcpy(copy, text, at);
    bool hex = len - at > 2 && text[at] == '0' && (text[at + 1] | 0x20) == 'x';
    bool digits = false, point = false, exponent = false, underscores = false;
    if (hex) {
        copy[kept++] = text[at++];
        copy[kept++] = text[at++];
    }
    for (; at < len; at++) {
        char c = text[at];
        if (c == '_') {
            underscores = true;
            continue;
        }
        if (c == '.' && !point && !exponent)
            point = true;
        else if (digits && !exponent && (c | 0x20) == (hex ? 'p' : 'e')) {
            exponent = true;
            digits = false;
            copy[kept++] = c;
            if (at + 1 < len && (text[at + 1] == '+' || text[at + 1] == '-'))
                copy[kept++] = text[++at];
            continue;
        } else if (digit_value(c) < (hex && !exponent ? 16 : 10))
            digits = true;
        else
            return false;
        copy[kept++] = c;
    }
    copy[kept] = 0;
    return digits && (!hex || exponent) && (!underscores || underscores_ok(text, len));
}

bool strconv_parse_float(const char *text, size_t len, double *out) {
    *out = 0;
    if (special_float(text, len, out))
        return true;
    char stack[128];
    char *copy = len < sizeof stack ? stack : malloc(len + 1);
    if (!copy)
        abort();
    bool ok = len > 0 && clean_float(text, len, copy);
    if (ok)
        *out = strtod(copy, NULL);
    if (copy != stack)
        free(copy);
    return ok && isfinite(*out);
}
