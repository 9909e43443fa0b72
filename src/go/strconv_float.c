// SPDX-License-Identifier: Apache-2.0
// FormatFloat: the shortest digits that read back as the same double.
#include "go/strconv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Digits of |f|: up to 17, without trailing zeros, and where the point is (0.d1d2… * 10^point).
struct digits {
    char text[800];
    int count;
    int point;
    bool negative;
};

// "d.ddde±xx" to digits and point.
static void split(const char *text, struct digits *out) {
    const char *e = strchr(text, 'e');
    out->count = 0;
    for (const char *at = text; at < e; at++)
        if (*at != '.' && *at != '-')
            out->text[out->count++] = *at;
    out->point = atoi(e + 1) + 1;
    while (out->count > 1 && out->text[out->count - 1] == '0')
        out->count--;
    if (out->count == 1 && out->text[0] == '0')
        out->count = out->point = 0;
}

// Just above a power of two the nearest short decimal may miss while the next one up hits.
static bool next_up_hits(double f, char *text) {
    int exponent;
    if (frexp(f, &exponent) != 0.5)
        return false;
    char *last = strchr(text, 'e') - 1;
    while (last > text && (*last == '9' || *last == '.')) {
        if (*last == '9')
            *last = '0';
        last--;
    }
    if (*last == '9')
        return false;
    ++*last;
    return strtod(text, NULL) == f;
}

// The shortest digits that read back as f.
static void to_shortest(double f, struct digits *out) {
    out->negative = signbit(f);
    f = fabs(f);
    char text[64];
    if (f < 1e15 && f == floor(f)) {
        snprintf(text, sizeof text, "%.14e", f);
        split(text, out);
        return;
    }
    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, f);
        if (strtod(text, NULL) == f || next_up_hits(f, text))
            break;
    }
    split(text, out);
}

static void round_to(double f, int precision, struct digits *out) {
    char text[1200];
    out->negative = signbit(f);
    snprintf(text, sizeof text, "%.*e", precision > 766 ? 766 : precision, fabs(f));
    split(text, out);
}

static char digit(const struct digits *d, int index) {
    return index >= 0 && index < d->count ? d->text[index] : '0';
}

static void add_fixed(struct buf *out, const struct digits *d, int precision) {
    if (d->point > 0)
        for (int i = 0; i < d->point; i++)
            buf_char(out, digit(d, i));
    else
        buf_char(out, '0');
    if (precision > 0)
        buf_char(out, '.');
    for (int i = 0; i < precision; i++)
        buf_char(out, digit(d, d->point + i));
}

static void add_exponent(struct buf *out, const struct digits *d, int precision, char e) {
    buf_char(out, digit(d, 0));
    if (precision > 0)
        buf_char(out, '.');
    for (int i = 1; i <= precision; i++)
        buf_char(out, digit(d, i));
    int exponent = d->count ? d->point - 1 : 0;
    buf_printf(out, "%c%c%02d", e, exponent < 0 ? '-' : '+', abs(exponent));
}

static void add_general(struct buf *out, double f, int precision, char e) {
    struct digits d;
    bool shortest = precision < 0;
    if (shortest)
        to_shortest(f, &d);
    else
        round_to(f, precision > 1 ? precision - 1 : 0, &d);
    int limit = precision ? precision : 1;
    if (limit > d.count && d.count >= d.point)
        limit = d.count;
    if (shortest)
        limit = 6;
    int exponent = d.point - 1;
    if (d.negative)
        buf_char(out, '-');
    if (exponent < -4 || exponent >= limit)
        add_exponent(out, &d, d.count > 0 ? d.count - 1 : 0, e);
    else
        add_fixed(out, &d, d.count > d.point ? d.count - d.point : 0);
}

// C's %a, with Go's two exponent digits; subnormals are normalised.
static void add_hex(struct buf *out, double f, int precision, bool upper) {
    char text[1100];
    int shift = 0;
    double a = fabs(f);
    if (a != 0 && a < 0x1p-1022) {
        a *= 0x1p+128;
        shift = 128;
    }
    if (precision < 0)
        snprintf(text, sizeof text, "%a", a);
    else
        snprintf(text, sizeof text, "%.*a", precision > 1000 ? 1000 : precision, a);
    char *p = strchr(text, 'p');
    int exponent = atoi(p + 1) - shift;
    if (text[2] == '2') { // rounded up
        text[2] = '1';
        exponent++;
    }
    size_t start = out->len;
    buf_printf(out, "%s%.*sp%c%02d", signbit(f) ? "-" : "", (int)(p - text), text, exponent < 0 ? '-' : '+',
               abs(exponent));
    for (size_t i = start; upper && i < out->len; i++)
        if (out->ptr[i] >= 'a' && out->ptr[i] <= 'z')
            out->ptr[i] = (char)(out->ptr[i] - 32);
}

static void add_binary(struct buf *out, double f) {
    int exponent;
    double mantissa = frexp(fabs(f), &exponent);
    exponent -= 53;
    if (f == 0 || exponent < -1074) {
        mantissa = ldexp(mantissa, exponent + 1074);
        exponent = -1074;
    }
    buf_printf(out, "%s%.0fp%+d", signbit(f) ? "-" : "", ldexp(mantissa, 53), exponent);
}

static void add_f(struct buf *out, double f, int precision) {
    if (precision >= 0) {
        size_t room = 400 + (size_t)precision;
        buf_fill(out, 0, room);
        size_t start = out->len - room;
        int written = snprintf(out->ptr + start, room, "%.*f", precision, f);
        buf_truncate(out, start + (size_t)written);
        return;
    }
    struct digits d;
    to_shortest(f, &d);
    if (d.negative)
        buf_char(out, '-');
    add_fixed(out, &d, d.count > d.point ? d.count - d.point : 0);
}

static void add_e(struct buf *out, double f, int precision, char e) {
    struct digits d;
    if (precision < 0)
        to_shortest(f, &d);
    else
        round_to(f, precision, &d);
    if (d.negative)
        buf_char(out, '-');
    add_exponent(out, &d, precision < 0 ? (d.count > 0 ? d.count - 1 : 0) : precision, e);
}

void strconv_format_float(struct buf *out, double f, char format, int precision) {
    if (isnan(f) || isinf(f)) {
        buf_str(out, isnan(f) ? "NaN" : f > 0 ? "+Inf" : "-Inf");
        return;
    }
    switch (format) {
    case 'e':
    case 'E': add_e(out, f, precision, format); break;
    case 'f': add_f(out, f, precision); break;
    case 'x':
    case 'X': add_hex(out, f, precision, format == 'X'); break;
    case 'b': add_binary(out, f); break;
    default: add_general(out, f, precision, format == 'G' ? 'E' : 'e'); break;
    }
}
