// SPDX-License-Identifier: Apache-2.0
// Numeric and character constants of templates.
#include "go/quote.h"
#include "go/strconv.h"
#include "template/node.h"
#include "template/private.h"

#include <string.h>

static bool has_any(const char *text, size_t len, const char *chars) {
    for (size_t i = 0; i < len; i++)
        if (text[i] && strchr(chars, text[i]))
            return true;
    return false;
}

static const char *complaint(struct arena *arena, const char *what, const char *text, size_t len) {
    struct buf message;
    buf_init(&message, arena);
    buf_str(&message, what);
    quote_text(&message, text, len);
    return buf_text(&message);
}

static bool fits_int(double f) {
    return f >= -9223372036854775808.0 && f < 9223372036854775808.0 && (double)(int64_t)f == f;
}

static bool fits_uint(double f) {
    return f >= 0 && f < 18446744073709551616.0 && (double)(uint64_t)f == f;
}

static void integers_of(struct number *out) {
    if (fits_int(out->real)) {
        out->is_int = true;
        out->integer = (int64_t)out->real;
    }
    if (fits_uint(out->real)) {
        out->is_uint = true;
        out->natural = (uint64_t)out->real;
    }
}

static bool read_char(struct arena *arena, const char *text, size_t len, struct number *out,
                      const char **message) {
    struct cursor rest = cursor_over(text + 1, len - 1);
    struct strconv_char c;
    if (!strconv_unquote_char(&rest, '\'', &c)) {
        *message = "invalid syntax";
        return false;
    }
    if (!cursor_is(rest, "'")) {
        *message = arena_printf(arena, "malformed character constant: %.*s", (int)len, text);
        return false;
    }
    *out = (struct number){.is_int = true,
                           .is_uint = true,
                           .is_float = true,
                           .integer = c.rune,
                           .natural = (uint64_t)c.rune,
                           .real = c.rune};
    return true;
}

static bool finish_complex(double real, double imaginary, struct number *out) {
    *out = (struct number){.is_complex = true, .complex = {real, imaginary}};
    if (imaginary == 0) {
        out->is_float = true;
        out->real = real;
        integers_of(out);
    }
    return true;
}

// "1+2i": the sign between the parts is the last one that no exponent owns.
bool number_from_parts(struct arena *arena, const char *text, size_t len, struct number *out,
                       const char **message) {
    size_t split = len - 1;
    while (split > 0 && ((text[split] != '+' && text[split] != '-') || strchr("eEpP", text[split - 1])))
        split--;
    double real, imaginary;
    if (strconv_parse_float(text, split, &real) &&
        strconv_parse_float(text + split, len - split - 1, &imaginary))
        return finish_complex(real, imaginary, out);
    *message = complaint(arena, "illegal number syntax: ", text, len);
    return false;
}

static bool read_real(struct arena *arena, const char *text, size_t len, struct number *out,
                      const char **message) {
    *out = (struct number){0};
    out->is_uint = strconv_parse_uint(text, len, 0, &out->natural);
    out->is_int = strconv_parse_int(text, len, 0, &out->integer);
    if (out->is_int && out->integer == 0)
        out->is_uint = true;
    if (out->is_int || out->is_uint) {
        out->is_float = true;
        out->real = out->is_int ? (double)out->integer : (double)out->natural;
        return true;
    }
    if (!strconv_parse_float(text, len, &out->real)) {
        *message = complaint(arena, "illegal number syntax: ", text, len);
        return false;
    }
    if (!has_any(text, len, ".eEpP")) {
        *message = complaint(arena, "integer overflow: ", text, len);
        return false;
    }
    out->is_float = true;
    integers_of(out);
    return true;
}

bool number_from_text(struct arena *arena, const char *text, size_t len, struct number *out,
                      const char **message) {
    if (text[0] == '\'')
        return read_char(arena, text, len, out, message);
    double imaginary;
    if (text[len - 1] == 'i' && strconv_parse_float(text, len - 1, &imaginary))
        return finish_complex(0, imaginary, out);
    return read_real(arena, text, len, out, message);
}
