// SPDX-License-Identifier: Apache-2.0
#include "value/number.h"

#include "base/buf.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_EXPONENT = 9999, HUGE_EXPONENT = 1000000000 };

// A number as sign, digits without leading or trailing zeros, and the power of
// ten of a point standing before the first digit: 0.d1d2d3… × 10^exponent.
struct decimal {
    bool negative;
    const char *digits; // not terminated
    size_t count;       // 0 for zero
    long exponent;
};

// Adds one to the last digit of "d.ddde±x".
static void next_digit(char *text) {
    for (char *at = strchr(text, 'e') - 1; at >= text; at--) {
        if (*at == '9')
            *at = '0';
        else if (isdigit((unsigned char)*at)) {
            ++*at;
            return;
        }
    }
}

// Below a power of two doubles lie twice as dense as above, so that the nearest 16 digits may
// read back as its lower neighbour while the next 16 digits up read back as itself.
static bool shortest_power(double real, char out[32]) {
    int exponent;
    if (fabs(frexp(real, &exponent)) != 0.5)
        return false;
    char text[32];
    snprintf(text, sizeof text, "%.15e", real);
    next_digit(text);
    if (strtod(text, NULL) != real)
        return false;
    strcpy(out, text);
    return true;
}

// Any decimal of up to 15 digits survives a normal double, so fewer need not be tried: %g cuts
// the zeros.
void number_shortest(double real, char out[32]) {
    for (int precision = fabs(real) < DBL_MIN ? 1 : 15; precision <= 17; precision++) {
        if (precision == 17 && shortest_power(real, out))
            return;
        char text[48];
        snprintf(text, sizeof text, "%.*g", precision, real);
        if (strtod(text, NULL) != real && !isnan(real))
            continue;
        strcpy(out, text);
        return;
    }
}

// Strips the point and outer zeros; `digits` receives at most strlen(text) bytes.
static struct decimal parse(const char *text, char *digits) {
    struct decimal d = {.digits = digits};
    if (*text == '-' || *text == '+')
        d.negative = *text++ == '-';
    long point = 0;
    bool seen_point = false;
    for (; isdigit((unsigned char)*text) || *text == '.'; text++) {
        if (*text == '.') {
            seen_point = true;
            continue;
        }
        point += !seen_point;
        if (*text == '0' && !d.count) {
            point--;
            continue;
        }
        digits[d.count++] = *text;
    }
    if (*text == 'e' || *text == 'E') {
        long exponent = strtol(text + 1, NULL, 10);
        point += exponent > HUGE_EXPONENT    ? HUGE_EXPONENT
                 : exponent < -HUGE_EXPONENT ? -HUGE_EXPONENT
                                             : exponent;
    }
    while (d.count && digits[d.count - 1] == '0')
        d.count--;
    d.exponent = d.count ? point : 0;
    d.negative = d.negative && d.count;
    return d;
}

static int compare_magnitude(const struct decimal *a, const struct decimal *b) {
    if (!a->count || !b->count)
        return (a->count > 0) - (b->count > 0);
    if (a->exponent != b->exponent)
        return a->exponent < b->exponent ? -1 : 1;
    size_t common = a->count < b->count ? a->count : b->count;
    int order = memcmp(a->digits, b->digits, common);
    return order ? order : (a->count > b->count) - (a->count < b->count);
}

static int compare_decimals(const struct decimal *a, const struct decimal *b) {
    if (a->negative != b->negative)
        return a->negative ? -1 : 1;
    int order = compare_magnitude(a, b);
    return a->negative ? -order : order;
}

static const char *text_of(struct value number, char scratch[32]) {
    if (number.kind == VALUE_NUMBER)
        return number.u.text;
    if (number.kind == VALUE_INT)
        snprintf(scratch, 32, "%lld", (long long)number.u.integer);
    else
        number_shortest(number.u.real, scratch);
    return scratch;
}

static int infinite(struct value v) {
    return v.kind == VALUE_FLOAT && isinf(v.u.real) ? (v.u.real > 0 ? 1 : -1) : 0;
}

int number_compare(struct value a, struct value b) {
    if (a.kind == VALUE_INT && b.kind == VALUE_INT)
        return (a.u.integer > b.u.integer) - (a.u.integer < b.u.integer);
    if (a.kind == VALUE_FLOAT && b.kind == VALUE_FLOAT)
        return (a.u.real > b.u.real) - (a.u.real < b.u.real);
    int beyond = infinite(a) - infinite(b); // of all decimals
    if (beyond)
        return beyond;
    SCRATCH_ARENA(scratch);
    char text_a[32], text_b[32];
    const char *ta = text_of(a, text_a), *tb = text_of(b, text_b);
    struct decimal da = parse(ta, arena_alloc(scratch, strlen(ta) + 1));
    struct decimal db = parse(tb, arena_alloc(scratch, strlen(tb) + 1));
    return compare_decimals(&da, &db);
}

static void print_exponent(const struct decimal *d, int least, char *out) {
    long exponent = d->exponent - 1;
    out += sprintf(out, "%s%c", d->negative ? "-" : "", d->digits[0]);
    if (d->count > 1)
        out += sprintf(out, ".%.*s", (int)d->count - 1, d->digits + 1);
    sprintf(out, "e%c%0*ld", exponent < 0 ? '-' : '+', least, labs(exponent));
}

static void print_plain(const struct decimal *d, char *out) {
    long count = (long)d->count;
    if (d->negative)
        *out++ = '-';
    if (d->exponent <= 0)
        *out++ = '0';
    for (long i = 0; i < d->exponent; i++)
        *out++ = i < count ? d->digits[i] : '0';
    if (count > d->exponent)
        *out++ = '.';
    for (long i = d->exponent; i < count; i++)
        *out++ = i < 0 ? '0' : d->digits[i];
    *out = 0;
}

// The shortest text, plain while the power of ten of its first digit is in [low, high).
static void print_double(double real, long low, long high, int least, char *out) {
    char shortest[32], digits[32];
    number_shortest(real, shortest);
    struct decimal d = parse(shortest, digits);
    if (!d.count)
        strcpy(out, signbit(real) ? "-0" : "0");
    else if (d.exponent - 1 < low || d.exponent - 1 >= high)
        print_exponent(&d, least, out);
    else
        print_plain(&d, out);
}

void number_json(double real, char out[NUMBER_TEXT]) {
    if (isfinite(real))
        print_double(real, -6, 21, 1, out);
    else
        strcpy(out, "null");
}

void number_g(double real, char out[NUMBER_TEXT]) {
    if (isfinite(real))
        print_double(real, -4, 6, 2, out);
    else
        strcpy(out, isnan(real) ? "NaN" : real > 0 ? "+Inf" : "-Inf");
}

// The digits times ten to the `zeros`, modulo `of`, digit by digit.
static unsigned __int128 modulo(const struct decimal *d, long zeros, unsigned __int128 of) {
    unsigned __int128 rest = 0;
    for (long i = 0; i < (long)d->count + zeros; i++)
        rest = (rest * 10 + (i < (long)d->count ? (unsigned)(d->digits[i] - '0') : 0)) % of;
    return rest;
}

// Both as whole numbers of the same power of ten. `of` may have 36 digits then; where it has more,
// it is greater than any number of 17, and of longer ones floating point has to do.
bool number_is_multiple(struct value number, struct value of) {
    SCRATCH_ARENA(scratch);
    char text_a[32], text_b[32];
    const char *ta = text_of(number, text_a), *tb = text_of(of, text_b);
    struct decimal a = parse(ta, arena_alloc(scratch, strlen(ta) + 1));
    struct decimal b = parse(tb, arena_alloc(scratch, strlen(tb) + 1));
    if (!a.count || !b.count)
        return !a.count;
    long shift = (a.exponent - (long)a.count) - (b.exponent - (long)b.count);
    long of_digits = (long)b.count + (shift < 0 ? -shift : 0);
    if (of_digits > 36)
        return a.count > 36 && fmod(value_get_float(number), value_get_float(of)) == 0;
    unsigned __int128 divisor = 0;
    for (long i = 0; i < of_digits; i++)
        divisor = divisor * 10 + (i < (long)b.count ? (unsigned)(b.digits[i] - '0') : 0);
    return modulo(&a, shift > 0 ? shift : 0, divisor) == 0;
}

// JSON's number grammar, plus a leading '+' and bare leading zeros, which YAML and Go write.
static bool well_formed(const char *text, size_t len) {
    const char *end = text + len;
    if (text < end && (*text == '-' || *text == '+'))
        text++;
    size_t digits = 0;
    for (; text < end && isdigit((unsigned char)*text); text++)
        digits++;
    if (text < end && *text == '.')
        for (text++; text < end && isdigit((unsigned char)*text); text++)
            digits++;
    if (!digits)
        return false;
    if (text < end && (*text == 'e' || *text == 'E')) {
        text++;
        if (text < end && (*text == '-' || *text == '+'))
            text++;
        if (text == end)
            return false;
        while (text < end && isdigit((unsigned char)*text))
            text++;
    }
    return text == end;
}

// An integer in any spelling (1e3 as well) that fits int64.
static bool as_int(const struct decimal *d, int64_t *out) {
    if (d->exponent > 19 || d->exponent < (long)d->count)
        return false;
    uint64_t magnitude = 0;
    for (long i = 0; i < d->exponent; i++) {
        unsigned digit = i < (long)d->count ? (unsigned)(d->digits[i] - '0') : 0;
        if (__builtin_mul_overflow(magnitude, 10u, &magnitude) ||
            __builtin_add_overflow(magnitude, digit, &magnitude))
            return false;
    }
    if (magnitude > (uint64_t)INT64_MAX + d->negative)
        return false;
    *out = d->negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

bool number_parse(struct arena *arena, const char *text, size_t len, struct value *out) {
    if (!well_formed(text, len))
        return false;
    char *copy = arena_strndup(arena, text, len);
    struct decimal d = parse(copy, arena_alloc(arena, len + 1));
    const char *e = strpbrk(copy, "eE");
    long exponent = e ? strtol(e + 1, NULL, 10) : 0;
    if (exponent > LARGEST_EXPONENT || exponent < -LARGEST_EXPONENT)
        return false;
    int64_t integer;
    if (as_int(&d, &integer)) {
        *out = value_int(integer);
        return true;
    }
    double real = strtod(copy, NULL);
    char shortest[32], digits[32];
    number_shortest(real, shortest);
    struct decimal s = parse(shortest, digits);
    bool exact = isfinite(real) && compare_decimals(&d, &s) == 0;
    *out = exact ? value_float(real) : value_number(arena, copy);
    return true;
}

const char *number_plain(struct arena *arena, struct value number) {
    char scratch[32];
    const char *text = text_of(number, scratch);
    struct decimal d = parse(text, arena_alloc(arena, strlen(text) + 1));
    struct buf out;
    buf_init(&out, arena);
    if (d.negative)
        buf_char(&out, '-');
    if (d.exponent <= 0)
        buf_str(&out, "0");
    for (long i = 0; i < d.exponent; i++)
        buf_char(&out, i < (long)d.count ? d.digits[i] : '0');
    if ((long)d.count > d.exponent) {
        buf_char(&out, '.');
        if (d.exponent < 0)
            buf_fill(&out, '0', (size_t)-d.exponent);
        size_t from = d.exponent > 0 ? (size_t)d.exponent : 0;
        buf_add(&out, d.digits + from, d.count - from);
    }
    return buf_text(&out);
}

const char *value_number_text(struct arena *arena, struct value number) {
    char scratch[32];
    return arena_strdup(arena, text_of(number, scratch));
}
