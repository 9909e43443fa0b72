// SPDX-License-Identifier: Apache-2.0
// Bools, numbers, dates and times: first how far such a thing reaches, then what it is.
#include "base/hex.h"
#include "funcs/time.h"
#include "funcs/toml_scan.h"
#include "go/rune.h"
#include "go/strconv.h"
#include "go/time.h"
#include "go/time_zone.h"
#include "go/unicode.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum kind { NOTHING, BOOLEAN, INTEGER, FLOAT, MOMENT };

static bool is_digit(int32_t rune) {
    return rune >= '0' && rune <= '9';
}

static bool is_hex(int32_t rune) {
    return hex_digit(rune) >= 0;
}

static const char *current(struct toml_scan *scan) {
    return arena_strndup(scan->scratch, scan->text + scan->start, scan->at - scan->start);
}

// Takes characters of a set; what comes behind is next.
static void take_all(struct toml_scan *scan, const char *set) {
    int32_t rune;
    do
        rune = toml_next(scan);
    while (rune && rune < 0x80 && strchr(set, (int)rune));
    toml_back(scan);
}

static enum kind take_moment(struct toml_scan *scan) {
    take_all(scan, "0123456789-:Tt .Zz+");
    return MOMENT;
}

static enum kind take_float(struct toml_scan *scan) {
    take_all(scan, "0123456789_.-+eE");
    return FLOAT;
}

static enum kind take_decimal(struct toml_scan *scan) {
    take_all(scan, "0123456789_");
    int32_t rune = toml_peek(scan);
    return rune == '.' || rune == 'e' || rune == 'E' ? take_float(scan) : INTEGER;
}

static enum kind take_number_or_moment(struct toml_scan *scan) {
    take_all(scan, "0123456789");
    switch (toml_peek(scan)) {
    case '-':
    case ':': return take_moment(scan);
    case '_':
    case '.':
    case 'e':
    case 'E': return take_decimal(scan);
    default: return INTEGER;
    }
}

// Behind "0b", "0o" or "0x".
static enum kind take_base(struct toml_scan *scan, const char *what, const char *digits) {
    int32_t rune = toml_peek(scan);
    struct buf shown;
    buf_init(&shown, scan->scratch);
    if (rune && rune < 0x80 && strchr(digits, (int)rune) && rune != '_') {
        take_all(scan, digits);
        return INTEGER;
    }
    if (rune)
        rune_add(&shown, rune);
    toml_fail(scan, "not %s number: '%s%s'", what, current(scan), buf_text(&shown));
    return NOTHING;
}

// Behind a leading zero.
static enum kind take_after_zero(struct toml_scan *scan) {
    int32_t rune = toml_next(scan);
    switch (rune) {
    case 'b': return take_base(scan, "a binary", "01_");
    case 'o': return take_base(scan, "an octal", "01234567_");
    case 'x': return take_base(scan, "a hexadecimal", "0123456789abcdefABCDEF_");
    default: break;
    }
    toml_back(scan);
    if (is_digit(rune))
        return take_number_or_moment(scan);
    return rune == '_' || rune == '.' || rune == 'e' || rune == 'E' ? take_decimal(scan) : INTEGER;
}

static enum kind take_word(struct toml_scan *scan, const char *rest) {
    if (toml_accept(scan, rest[0]) && toml_accept(scan, rest[1]))
        return FLOAT;
    toml_fail(scan, "invalid float: '%s'", current(scan));
    return NOTHING;
}

// Behind a sign.
static enum kind take_signed(struct toml_scan *scan) {
    int32_t rune = toml_next(scan);
    if (rune == 'i' || rune == 'n')
        return take_word(scan, rune == 'i' ? "nf" : "an");
    if (rune == '.') {
        toml_fail(scan, "floats must start with a digit, not '.'");
        return NOTHING;
    }
    int32_t base = rune == '0' ? toml_peek(scan) : 0;
    if (base == 'b' || base == 'o' || base == 'x')
        toml_fail(scan, "cannot use sign with non-decimal numbers: '%s%c'", current(scan), (int)base);
    else if (is_digit(rune))
        return take_decimal(scan);
    else
        toml_fail(scan, "expected a digit but got %s", toml_rune(scan, rune));
    return NOTHING;
}

// A word: the decoder steps back one character only when "in" or "na" turns out to be no number.
static enum kind take_letters(struct toml_scan *scan, int32_t first) {
    if (first == 'i' || first == 'n') {
        if ((toml_accept(scan, 'n') && toml_accept(scan, 'f')) ||
            (toml_accept(scan, 'a') && toml_accept(scan, 'n')))
            return FLOAT;
        scan->at--;
    } else {
        toml_back(scan);
    }
    size_t start = scan->at;
    while (unicode_is_letter((uint32_t)toml_next(scan)) && !scan->failed)
        continue;
    toml_back(scan);
    const char *text = scan->text + start;
    size_t len = scan->at - start;
    if ((len == 4 && !memcmp(text, "true", 4)) || (len == 5 && !memcmp(text, "false", 5)))
        return BOOLEAN;
    toml_fail(scan, "expected value but found %s instead", toml_quoted(scan, text, len));
    return NOTHING;
}

static enum kind take_scalar(struct toml_scan *scan) {
    int32_t rune = toml_next(scan);
    if (scan->failed)
        return NOTHING;
    if (rune == '0')
        return take_after_zero(scan);
    if (is_digit(rune))
        return take_number_or_moment(scan);
    if (rune == '-' || rune == '+')
        return take_signed(scan);
    if (unicode_is_letter((uint32_t)rune))
        return take_letters(scan, rune);
    if (rune == '.')
        toml_fail(scan, "floats must start with a digit, not '.'");
    else if (!rune)
        toml_fail(scan, "unexpected EOF; expected value");
    else if (rune == '\n')
        toml_fail_above(scan, "expected value but found '\\n' instead");
    else
        toml_fail(scan, "expected value but found %s instead", toml_rune(scan, rune));
    return NOTHING;
}

// --- what the text means ---

static bool is_word(const char *text) {
    text += *text == '-' || *text == '+';
    return !strcmp(text, "nan") || !strcmp(text, "inf");
}

static bool underscores_ok(const char *text, size_t len) {
    bool after_digit = false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '_' && !after_digit)
            return false;
        after_digit = is_hex((unsigned char)text[i]);
    }
    return after_digit;
}

static bool leads_with_zero(const char *text, size_t len) {
    if (len > 1 && text[0] == '0' && text[1] != 'b' && text[1] != 'o' && text[1] != 'x')
        return true;
    return len > 2 && (text[0] == '-' || text[0] == '+') && text[1] == '0';
}

static bool points_ok(const char *text) {
    for (const char *point = text; (point = strchr(point, '.')); point++)
        if (!is_digit((unsigned char)point[1]))
            return false;
    return true;
}

static const char *without_underscores(struct toml_scan *scan, const char *text) {
    char *out = arena_alloc(scan->scratch, strlen(text) + 1), *to = out;
    for (; *text; text++)
        if (*text != '_')
            *to++ = *text;
    *to = '\0';
    return out;
}

static bool read_integer(struct toml_scan *scan, const char *text, struct rv *out) {
    const char *quoted = toml_quoted(scan, text, strlen(text)), *plain = without_underscores(scan, text);
    static const struct {
        const char *prefix;
        int base;
    } bases[] = {{"0b", 2}, {"0o", 8}, {"0x", 16}, {"", 10}};
    size_t which = 0;
    int64_t number;
    if (!underscores_ok(text, strlen(text)))
        return toml_fail(scan, "Invalid integer %s: underscores must be surrounded by digits", quoted);
    if (leads_with_zero(text, strlen(text)))
        return toml_fail(scan, "Invalid integer %s: cannot have leading zeroes", quoted);
    while (strncmp(plain, bases[which].prefix, strlen(bases[which].prefix)) != 0)
        which++;
    plain += strlen(bases[which].prefix);
    if (!strconv_parse_int(plain, strlen(plain), bases[which].base, &number))
        return toml_fail(scan, "%s is out of range for int64", text);
    *out = rv_integer(RT_INT64, number);
    return true;
}

// digits[.digits][e[sign]digits] with a sign before it
static bool is_float(const char *text) {
    text += *text == '-' || *text == '+';
    size_t whole = strspn(text, "0123456789"), part = 0;
    text += whole;
    if (*text == '.') {
        part = strspn(text + 1, "0123456789");
        text += 1 + part;
    }
    if (*text == 'e' || *text == 'E') {
        text += 1 + (text[1] == '-' || text[1] == '+');
        if (!is_digit((unsigned char)*text))
            return false;
        text += strspn(text, "0123456789");
    }
    return !*text && whole + part > 0;
}

static bool read_float(struct toml_scan *scan, const char *text, struct rv *out) {
    const char *quoted = toml_quoted(scan, text, strlen(text)), *plain = without_underscores(scan, text);
    if (is_word(text)) {
        double word = text[strlen(text) - 1] == 'f' ? INFINITY : NAN;
        *out = rv_float(*text == '-' ? -word : word);
        return true;
    }
    for (const char *part = text; *part;) {
        size_t len = strcspn(part, ".eE");
        if (len && !underscores_ok(part, len))
            return toml_fail(scan, "Invalid float %s: underscores must be surrounded by digits", quoted);
        part += len + (part[len] != '\0');
    }
    const char *first = text + strspn(text, ".eE");
    if (leads_with_zero(first, strcspn(first, ".eE")))
        return toml_fail(scan, "Invalid float %s: cannot have leading zeroes", quoted);
    if (!points_ok(text))
        return toml_fail(scan, "Invalid float %s: '.' must be followed by one or more digits", quoted);
    if (!is_float(plain))
        return toml_fail(scan, "Invalid float value: %s", quoted);
    *out = rv_float(strtod(plain, NULL));
    return isfinite(out->u.real) || toml_fail(scan, "%s is out of range for float64", text);
}

// Dates and times without a zone carry one by whose name they are written again.
static const struct {
    const char *layout, *zone; // zone NULL: the machine's
} layouts[] = {
    {"2006-01-02T15:04:05.999999999Z07:00", NULL},
    {"2006-01-02T15:04:05.999999999", "datetime-local"},
    {"2006-01-02", "date-local"},
    {"15:04:05.999999999", "time-local"},
    {"2006-01-02T15:04Z07:00", NULL},
    {"2006-01-02T15:04", "datetime-local"},
    {"15:04", "time-local"},
};

// Go reads "7:30" by the layout "15:04", TOML does not.
static bool zero_left_out(const char *text, const char *layout) {
    for (; *layout && *layout != '.' && *layout != 'Z'; layout++, text++)
        if (!is_digit((unsigned char)*layout) && *text != *layout)
            return true;
    return false;
}

static const struct time_zone *zone_of(struct toml_scan *scan, const char *name) {
    const struct time_zone *local = date_zone(scan->rt);
    struct go_time now = date_now(scan->rt);
    return name ? time_zone_fixed(scan->rt->heap->arena, name, time_zone_at(local, now.seconds).offset)
                : local;
}

static bool read_moment(struct toml_scan *scan, const char *start, size_t len, struct rv *out) {
    char *text = arena_strndup(scan->scratch, start, len);
    for (char *c = text; *c; c++)
        *c = *c == 'z' ? 'Z' : *c == 't' || *c == ' ' ? 'T' : *c;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        const char *layout = layouts[i].layout;
        struct err err = err_in(scan->scratch);
        struct go_time when;
        struct go_time_form form = {cursor_of(layout), zone_of(scan, layouts[i].zone)};
        if (!go_time_parse(scan->rt->heap->arena, form, cursor_over(text, len), &when, &err))
            continue;
        if (zero_left_out(text, layout))
            break;
        return date_give(scan->rt, when, out);
    }
    return toml_fail(scan, "invalid datetime: %s", toml_quoted(scan, text, len));
}

static bool read_text(struct toml_scan *scan, enum kind kind, struct rv *out) {
    const char *text = current(scan);
    size_t len = scan->at - scan->start;
    scan->start = scan->at;
    switch (kind) {
    case BOOLEAN: *out = rv_bool(*text == 't'); return true;
    case INTEGER: return read_integer(scan, text, out);
    case FLOAT: return read_float(scan, text, out);
    default: break;
    }
    while (len && text[len - 1] == ' ')
        len--;
    return read_moment(scan, text, len, out);
}

bool toml_scalar(struct toml_scan *scan, struct rv *out) {
    scan->start = scan->at;
    enum kind kind = take_scalar(scan);
    return kind != NOTHING && !scan->failed && read_text(scan, kind, out);
}
