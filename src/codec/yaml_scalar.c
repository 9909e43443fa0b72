// SPDX-License-Identifier: Apache-2.0
#include "codec/yaml_scalar.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct word {
    const char *text;
    enum yaml_scalar_kind kind;
    double value;
} WORDS[] = {
    {"", YAML_NULL, 0},
    {"~", YAML_NULL, 0},
    {"null", YAML_NULL, 0},
    {"Null", YAML_NULL, 0},
    {"NULL", YAML_NULL, 0},
    {"y", YAML_BOOL, 1},
    {"Y", YAML_BOOL, 1},
    {"yes", YAML_BOOL, 1},
    {"Yes", YAML_BOOL, 1},
    {"YES", YAML_BOOL, 1},
    {"true", YAML_BOOL, 1},
    {"True", YAML_BOOL, 1},
    {"TRUE", YAML_BOOL, 1},
    {"on", YAML_BOOL, 1},
    {"On", YAML_BOOL, 1},
    {"ON", YAML_BOOL, 1},
    {"n", YAML_BOOL, 0},
    {"N", YAML_BOOL, 0},
    {"no", YAML_BOOL, 0},
    {"No", YAML_BOOL, 0},
    {"NO", YAML_BOOL, 0},
    {"false", YAML_BOOL, 0},
    {"False", YAML_BOOL, 0},
    {"FALSE", YAML_BOOL, 0},
    {"off", YAML_BOOL, 0},
    {"Off", YAML_BOOL, 0},
    {"OFF", YAML_BOOL, 0},
    {".nan", YAML_FLOAT, NAN},
    {".NaN", YAML_FLOAT, NAN},
    {".NAN", YAML_FLOAT, NAN},
    {".inf", YAML_FLOAT, HUGE_VAL},
    {".Inf", YAML_FLOAT, HUGE_VAL},
    {".INF", YAML_FLOAT, HUGE_VAL},
    {"+.inf", YAML_FLOAT, HUGE_VAL},
    {"+.Inf", YAML_FLOAT, HUGE_VAL},
    {"+.INF", YAML_FLOAT, HUGE_VAL},
    {"-.inf", YAML_FLOAT, -HUGE_VAL},
    {"-.Inf", YAML_FLOAT, -HUGE_VAL},
    {"-.INF", YAML_FLOAT, -HUGE_VAL},
};
enum { LONGEST_WORD = 5 };

static bool as_word(const char *text, size_t len, struct yaml_scalar *out) {
    for (size_t i = 0; len <= LONGEST_WORD && i < sizeof WORDS / sizeof *WORDS; i++) {
        if (strlen(WORDS[i].text) != len || memcmp(WORDS[i].text, text, len) != 0)
            continue;
        out->kind = WORDS[i].kind;
        if (out->kind == YAML_BOOL)
            out->u.boolean = WORDS[i].value != 0;
        else if (out->kind == YAML_FLOAT)
            out->u.real = WORDS[i].value;
        return true;
    }
    return false;
}

// Go's base 0: 0b, 0o, 0x, and a bare leading 0 for octal.
static unsigned base_of(const char **text) {
    const char *s = *text;
    if (s[0] != '0')
        return 10;
    static const struct {
        char letter;
        unsigned base;
    } PREFIXES[] = {{'b', 2}, {'o', 8}, {'x', 16}};
    for (size_t i = 0; s[1] && s[2] && i < sizeof PREFIXES / sizeof *PREFIXES; i++) {
        if (tolower((unsigned char)s[1]) == PREFIXES[i].letter) {
            *text = s + 2;
            return PREFIXES[i].base;
        }
    }
    *text = s + 1;
    return 8;
}

static bool as_natural(const char *text, uint64_t *out) {
    if (!*text)
        return false;
    unsigned base = base_of(&text);
    *out = 0;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        unsigned digit = isdigit(c) ? c - 48u : isalpha(c) ? (unsigned)tolower(c) - 'a' + 10 : base;
        if (digit >= base || __builtin_mul_overflow(*out, base, out) ||
            __builtin_add_overflow(*out, digit, out))
            return false;
    }
    return true;
}

static bool as_int(const char *text, struct yaml_scalar *out) {
    bool negative = *text == '-', sign = negative || *text == '+';
    uint64_t magnitude;
    if (!as_natural(text + sign, &magnitude))
        return false;
    if (magnitude <= (uint64_t)INT64_MAX + negative) {
        out->kind = YAML_INT;
        out->u.integer = (int64_t)(negative ? 0 - magnitude : magnitude);
        return true;
    }
    out->kind = YAML_UINT;
    out->u.natural = magnitude;
    return !sign;
}

static size_t digits(const char **text) {
    size_t count = 0;
    for (; isdigit((unsigned char)**text); (*text)++)
        count++;
    return count;
}

static bool is_float(const char *text) {
    text += *text == '+' || *text == '-';
    size_t whole = digits(&text), fraction = 0;
    if (*text == '.') {
        text++;
        fraction = digits(&text);
    }
    if (!whole && !fraction)
        return false;
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '+' || *text == '-';
        if (!digits(&text))
            return false;
    }
    return !*text;
}

// What overflows a double stays a string.
static bool as_float(const char *text, struct yaml_scalar *out) {
    if (!is_float(text))
        return false;
    out->kind = YAML_FLOAT;
    out->u.real = strtod(text, NULL);
    return isfinite(out->u.real);
}

// One or two digits.
static bool field(const char **text, int low, int high, int *out) {
    const char *s = *text;
    if (!isdigit((unsigned char)*s))
        return false;
    *out = *s++ - '0';
    if (isdigit((unsigned char)*s))
        *out = *out * 10 + *s++ - '0';
    *text = s;
    return *out >= low && *out <= high;
}

static bool literal(const char **text, char c) {
    if (**text != c)
        return false;
    (*text)++;
    return true;
}

static bool is_date(const char **text) {
    static const int DAYS[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = atoi(*text), month, day;
    *text += 5;
    if (!field(text, 1, 12, &month) || !literal(text, '-') || !field(text, 1, DAYS[month - 1], &day))
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return leap || month != 2 || day < 29;
}

static bool is_clock(const char **text) {
    int hour, minute, second;
    if (!field(text, 0, 23, &hour) || !literal(text, ':') || !field(text, 0, 59, &minute) ||
        !literal(text, ':') || !field(text, 0, 59, &second))
        return false;
    if ((**text == '.' || **text == ',') && isdigit((unsigned char)(*text)[1])) {
        (*text)++;
        digits(text);
    }
    return true;
}

static bool is_zone(const char **text) {
    if (literal(text, 'Z'))
        return true;
    if (!literal(text, '+') && !literal(text, '-'))
        return false;
    const char *s = *text;
    int hour, minute;
    bool ok = strlen(s) == 5 && field(text, 0, 24, &hour) && *text == s + 2 && literal(text, ':') &&
              field(text, 0, 60, &minute);
    return ok;
}

// The layouts goyaml tries: a date; a date and a clock apart by spaces; RFC 3339 with short fields.
static bool is_timestamp(const char *text) {
    for (int i = 0; i < 4; i++)
        if (!isdigit((unsigned char)text[i]))
            return false;
    if (text[4] != '-' || !is_date(&text))
        return false;
    if (!*text)
        return true;
    if (*text == ' ') {
        text += strspn(text, " ");
        return is_clock(&text) && !*text;
    }
    return (literal(&text, 'T') || literal(&text, 't')) && is_clock(&text) && is_zone(&text) && !*text;
}

// Go's own float literals want a digit on either side of each.
static bool underscores_fit(const char *text) {
    for (const char *s = strchr(text, '_'); s; s = strchr(s + 1, '_'))
        if (!isdigit((unsigned char)s[-1]) || !isdigit((unsigned char)s[1]))
            return false;
    return true;
}

// Without underscores, which may stand anywhere in a number.
static char *plain_number(struct arena *arena, const char *text, size_t len) {
    char *plain = arena_alloc(arena, len + 1), *to = plain;
    for (size_t i = 0; i < len; i++)
        if (text[i] != '_')
            *to++ = text[i];
    return plain;
}

struct yaml_scalar yaml_resolve(const char *text, size_t len, bool timestamps) {
    struct yaml_scalar scalar = {.kind = YAML_STRING}, string = scalar;
    char first = len ? *text : '~';
    if (!strchr("+-.0123456789yYnNtTfFoO~", first) || memchr(text, 0, len))
        return string;
    if (as_word(text, len, &scalar))
        return scalar;
    if (isalpha((unsigned char)first) || first == '~')
        return string;
    SCRATCH_ARENA(scratch);
    char *exact = arena_strndup(scratch, text, len);
    char *plain = plain_number(scratch, text, len);
    if (first == '.')
        return underscores_fit(exact) && as_float(plain, &scalar) ? scalar : string;
    if (timestamps && is_timestamp(exact))
        return (struct yaml_scalar){.kind = YAML_TIMESTAMP};
    if (as_int(plain, &scalar) || as_float(plain, &scalar))
        return scalar;
    return string;
}

const char *yaml_scalar_tag(enum yaml_scalar_kind kind) {
    static const char *const tags[] = {
        [YAML_STRING] = "!!str",
        [YAML_NULL] = "!!null",
        [YAML_BOOL] = "!!bool",
        [YAML_INT] = "!!int",
        [YAML_UINT] = "!!int",
        [YAML_FLOAT] = "!!float",
        [YAML_TIMESTAMP] = "!!timestamp",
    };
    return tags[kind];
}

// [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?
static bool is_base60(const char *text, size_t len) {
    const char *end = text + len;
    text += text < end && (*text == '+' || *text == '-');
    if (text == end || !isdigit((unsigned char)*text))
        return false;
    while (text < end && (isdigit((unsigned char)*text) || *text == '_'))
        text++;
    size_t groups = 0;
    for (; text < end && *text == ':'; groups++) {
        text++;
        size_t count = 0;
        while (text + count < end && isdigit((unsigned char)text[count]))
            count++;
        if (!count || count > 2 || (count == 2 && *text > '5'))
            return false;
        text += count;
    }
    if (groups && text < end && *text == '.')
        for (text++; text < end && (isdigit((unsigned char)*text) || *text == '_');)
            text++;
    return groups && text == end;
}

bool yaml_needs_quotes(const char *text, size_t len) {
    return yaml_resolve(text, len, true).kind != YAML_STRING || is_base60(text, len);
}
