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

static bool digits_of_escape(const char *text, size_t len, size_t *at, size_t count, int base, int32_t *out) {
    int64_t value = 0;
    if (len - *at < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        int digit = digit_value(text[(*at)++]);
        if (digit >= base)
            return false;
        value = value * base + digit;
    }
    *out = (int32_t)(value > INT32_MAX ? INT32_MAX : value);
    return true;
}

static bool numeric_escape(const char *text, size_t len, char kind, size_t *at, int32_t *rune,
                           bool *is_byte) {
    size_t count = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 3;
    if (count == 3)
        (*at)--;
    if (!digits_of_escape(text, len, at, count, count == 3 ? 8 : 16, rune))
        return false;
    *is_byte = count < 4;
    if (count == 3)
        return *rune <= 255;
    return *is_byte || (*rune <= 0x10ffff && (*rune < 0xd800 || *rune >= 0xe000));
}

bool strconv_unquote_char(const char *text, size_t len, char quote, size_t *at, int32_t *rune,
                          bool *is_byte) {
    *is_byte = false;
    if (*at >= len || text[*at] == quote)
        return false;
    if (text[*at] != '\\') {
        size_t size;
        *rune = rune_at(text + *at, len - *at, &size);
        *at += size;
        return true;
    }
    if (++*at >= len)
        return false;
    char kind = text[(*at)++];
    static const char letters[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";
    const char *letter = kind ? strchr(letters, kind) : NULL;
    if (letter) {
        *rune = values[letter - letters];
        return true;
    }
    if (kind == '\'' || kind == '"') {
        *rune = kind;
        return kind == quote;
    }
    if (kind == 'x' || kind == 'u' || kind == 'U' || (kind >= '0' && kind <= '7'))
        return numeric_escape(text, len, kind, at, rune, is_byte);
    return false;
}

bool strconv_unquote(struct buf *out, const char *text, size_t len) {
    if (text[0] == '`') {
        for (size_t i = 1; i + 1 < len; i++)
            if (text[i] != '\r')
                buf_char(out, text[i]);
        return true;
    }
    for (size_t at = 1; at + 1 < len;) {
        int32_t rune;
        bool is_byte;
        if (text[at] == '\n' || !strconv_unquote_char(text, len - 1, text[0], &at, &rune, &is_byte))
            return false;
        if (is_byte)
            buf_char(out, (char)rune);
        else
            rune_add(out, rune);
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
