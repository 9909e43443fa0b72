// SPDX-License-Identifier: Apache-2.0
// Numbers and texts under fmt's flags.
#include "go/quote.h"
#include "go/rune.h"
#include "go/strconv.h"
#include "go/unicode.h"
#include "template/fmt.h"
#include "template/private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool fmt_has_room(struct printer *p, size_t more) {
    p->cut = p->cut || p->out->len + more > FMT_BYTES_MAX;
    return !p->cut;
}

static void write_padding(struct printer *p, size_t text_width) {
    if (!p->has_width || (size_t)p->width <= text_width)
        return;
    size_t count = (size_t)p->width - text_width;
    if (fmt_has_room(p, count))
        buf_fill(p->out, p->zero && !p->minus ? '0' : ' ', count);
}

void fmt_pad(struct printer *p, const char *text, size_t len) {
    size_t width = p->has_width ? rune_count(text, len) : 0;
    if (!p->minus)
        write_padding(p, width);
    if (fmt_has_room(p, len))
        buf_add(p->out, text, len);
    if (p->minus)
        write_padding(p, width);
}

static void pad_with_spaces(struct printer *p, const char *text, size_t len) {
    bool zero = p->zero;
    p->zero = false;
    fmt_pad(p, text, len);
    p->zero = zero;
}

void fmt_boolean(struct printer *p, bool b) {
    fmt_pad(p, b ? "true" : "false", b ? 4 : 5);
}

static void add_digits(struct buf *text, uint64_t u, unsigned base, bool upper, int precision) {
    char digits[64];
    int count = 0;
    do {
        digits[count++] = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[u % base];
        u /= base;
    } while (u);
    if (precision > count)
        buf_fill(text, '0', (size_t)(precision - count));
    while (count > 0)
        buf_char(text, digits[--count]);
}

static const char *base_mark(const struct printer *p, uint64_t u, unsigned base, int32_t verb,
                             int precision) {
    int digits = 0;
    for (uint64_t left = u; left; left /= 8)
        digits++;
    bool lead = p->sharp && u != 0 && precision <= digits; // else a zero leads already
    if (verb == 'O')
        return lead ? "0o0" : "0o";
    if (!p->sharp)
        return "";
    if (base == 8)
        return lead ? "0" : "";
    return base == 2 ? "0b" : base == 16 ? (verb == 'X' ? "0X" : "0x") : "";
}

void fmt_integer(struct printer *p, uint64_t u, unsigned base, bool is_signed, int32_t verb) {
    bool negative = is_signed && (int64_t)u < 0;
    if (negative)
        u = 0 - u;
    int precision = 0;
    if (p->has_precision) {
        precision = p->precision;
        if (precision == 0 && u == 0) {
            pad_with_spaces(p, "", 0);
            return;
        }
    } else if (p->zero && !p->minus && p->has_width) {
        precision = p->width - (negative || p->plus || p->space);
    }
    SCRATCH_ARENA(scratch);
    struct buf text;
    buf_init(&text, scratch);
    buf_str(&text, negative ? "-" : p->plus ? "+" : p->space ? " " : "");
    buf_str(&text, base_mark(p, u, base, verb, precision));
    add_digits(&text, u, base, verb == 'X', precision);
    pad_with_spaces(p, buf_text(&text), text.len);
}

void fmt_unicode(struct printer *p, uint64_t u) {
    SCRATCH_ARENA(scratch);
    struct buf text;
    buf_init(&text, scratch);
    int precision = p->has_precision && p->precision > 4 ? p->precision : 4;
    buf_str(&text, "U+");
    add_digits(&text, u, 16, true, precision);
    if (p->sharp && u <= 0x10ffff && unicode_is_print(u)) {
        buf_str(&text, " '");
        rune_add(&text, (int32_t)u);
        buf_char(&text, '\'');
    }
    pad_with_spaces(p, buf_text(&text), text.len);
}

// '#' keeps the decimal point and %g's trailing zeros.
static void sharpen(struct buf *number, char verb, int precision) {
    int digits = verb == 'g' || verb == 'G' || verb == 'x' ? (precision == -1 ? 6 : precision) : 0;
    bool hex = verb == 'x' || verb == 'X', point = false, nonzero = false;
    char tail[16] = "";
    for (size_t i = 1; i < number->len; i++) {
        char c = number->ptr[i];
        if (c == '.') {
            point = true;
        } else if (c == 'p' || c == 'P' || (!hex && (c == 'e' || c == 'E'))) {
            snprintf(tail, sizeof tail, "%s", number->ptr + i);
            buf_truncate(number, i);
        } else {
            nonzero = nonzero || c != '0';
            digits -= nonzero;
        }
    }
    if (!point) {
        digits -= number->len == 2 && number->ptr[1] == '0';
        buf_char(number, '.');
    }
    if (digits > 0)
        buf_fill(number, '0', (size_t)digits);
    buf_str(number, tail);
}

// `number` starts with its sign; a plus is shown only when asked for.
static void pad_number(struct printer *p, const struct buf *number) {
    const char *text = number->ptr;
    if (text[1] == 'I' || text[1] == 'N') {
        size_t skip = text[1] == 'N' && !p->space && !p->plus;
        pad_with_spaces(p, text + skip, number->len - skip);
        return;
    }
    if (!p->plus && text[0] == '+') {
        fmt_pad(p, text + 1, number->len - 1);
        return;
    }
    if (p->zero && !p->minus && p->has_width && (size_t)p->width > number->len) {
        buf_char(p->out, text[0]);
        write_padding(p, number->len);
        buf_add(p->out, text + 1, number->len - 1);
        return;
    }
    fmt_pad(p, text, number->len);
}

void fmt_float(struct printer *p, double f, char verb, int precision) {
    if (p->has_precision)
        precision = p->precision;
    SCRATCH_ARENA(scratch);
    struct buf number;
    buf_init(&number, scratch);
    if (!signbit(f) || isnan(f))
        buf_char(&number, p->space && !p->plus ? ' ' : '+');
    size_t start = number.len;
    strconv_format_float(&number, f, verb, precision);
    if (start && number.ptr[1] == '+') {
        memmove(number.ptr + 1, number.ptr + 2, number.len - 1);
        buf_truncate(&number, number.len - 1);
    }
    if (p->sharp && verb != 'b' && isfinite(f))
        sharpen(&number, verb, precision);
    pad_number(p, &number);
}

static size_t truncated(const struct printer *p, const char *text, size_t len) {
    size_t at = 0, size;
    if (!p->has_precision)
        return len;
    for (int left = p->precision; at < len && left > 0; left--, at += size)
        rune_at(text + at, len - at, &size);
    return at;
}

void fmt_text(struct printer *p, const char *text, size_t len) {
    fmt_pad(p, text, truncated(p, text, len));
}

static size_t hex_width(const struct printer *p, size_t len) {
    size_t width = 2 * len;
    if (p->space)
        return (p->sharp ? width * 2 : width) + len - 1;
    return width + (p->sharp ? 2 : 0);
}

void fmt_hex(struct printer *p, const char *text, size_t len, bool upper) {
    const char *digits = upper ? "0123456789ABCDEFX" : "0123456789abcdefx";
    if (p->has_precision && (size_t)p->precision < len)
        len = (size_t)p->precision;
    if (len == 0) {
        write_padding(p, 0);
        return;
    }
    size_t width = hex_width(p, len);
    if (!p->minus)
        write_padding(p, width);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (p->space && i > 0)
            buf_char(p->out, ' ');
        if (p->sharp && (i == 0 || p->space))
            buf_printf(p->out, "0%c", digits[16]);
        char pair[2] = {digits[c >> 4], digits[c & 15]};
        buf_add(p->out, pair, 2);
    }
    if (p->minus)
        write_padding(p, width);
}

// A backquoted string cannot hold control characters, backquotes, BOMs or broken text.
static bool can_backquote(const char *text, size_t len) {
    size_t size;
    for (size_t at = 0; at < len; at += size) {
        int32_t rune = rune_at(text + at, len - at, &size);
        if (size > 1 ? rune == 0xfeff
                     : rune == 0xfffd || (rune < ' ' && rune != '\t') || rune == '`' || rune == 0x7f)
            return false;
    }
    return true;
}

void fmt_quoted(struct printer *p, const char *text, size_t len) {
    len = truncated(p, text, len);
    SCRATCH_ARENA(scratch);
    struct buf quoted;
    buf_init(&quoted, scratch);
    if (p->sharp && can_backquote(text, len)) {
        buf_char(&quoted, '`');
        buf_add(&quoted, text, len);
        buf_char(&quoted, '`');
    } else {
        quote_text_with(&quoted, text, len, '"', p->plus);
    }
    fmt_pad(p, buf_text(&quoted), quoted.len);
}

void fmt_char(struct printer *p, uint64_t c, bool quoted) {
    SCRATCH_ARENA(scratch);
    struct buf text;
    buf_init(&text, scratch);
    int32_t rune = c > 0x10ffff ? 0xfffd : (int32_t)c;
    if (quoted)
        quote_rune(&text, rune, p->plus);
    else
        rune_add(&text, rune);
    fmt_pad(p, buf_text(&text), text.len);
}
