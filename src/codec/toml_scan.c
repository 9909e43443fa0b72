// SPDX-License-Identifier: Apache-2.0
#include "codec/toml_scan.h"

#include "base/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool toml_refuse(struct toml_scan *scan, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *why = arena_vprintf(scan->arena, format, args);
    va_end(args);
    if (scan->last_key)
        return err_set(scan->err, ERR_INVALID, "toml: line %zu (last key \"%s\"): %s", scan->line,
                       scan->last_key, why);
    return err_set(scan->err, ERR_INVALID, "toml: line %zu: %s", scan->line, why);
}

void toml_skip_blanks(struct toml_scan *scan) {
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t'))
        scan->at++;
}

static bool skip_comment(struct toml_scan *scan) {
    if (scan->at == scan->end || *scan->at != '#')
        return true;
    for (; scan->at < scan->end && *scan->at != '\n'; scan->at++) {
        bool carriage = *scan->at == '\r' && scan->at[1] == '\n';
        if (((unsigned char)*scan->at < 0x20 && *scan->at != '\t' && !carriage) || *scan->at == 0x7f)
            return toml_refuse(scan, "control characters are not allowed inside comments: '0x%02x'",
                               (unsigned char)*scan->at);
    }
    return true;
}

static bool take_newline(struct toml_scan *scan) {
    if (scan->at < scan->end && *scan->at == '\r' && scan->at[1] == '\n')
        scan->at++;
    if (scan->at == scan->end || *scan->at != '\n')
        return false;
    scan->at++;
    scan->line++;
    return true;
}

bool toml_skip_space(struct toml_scan *scan) {
    do {
        toml_skip_blanks(scan);
        if (!skip_comment(scan))
            return false;
    } while (take_newline(scan));
    return true;
}

bool toml_end_line(struct toml_scan *scan) {
    toml_skip_blanks(scan);
    if (!skip_comment(scan))
        return false;
    if (scan->at == scan->end || take_newline(scan))
        return true;
    return toml_refuse(scan, "expected a comment, newline, or end of file, but got '%c' instead", *scan->at);
}

static bool put_code_point(struct toml_scan *scan, struct buf *out, int digits) {
    char hex[9] = {0}, encoded[4];
    for (int i = 0; i < digits; i++) {
        if (!isxdigit((unsigned char)scan->at[i]))
            return toml_refuse(scan, "expected %d hexadecimal digits after '\\%c'", digits,
                               digits == 4 ? 'u' : 'U');
        hex[i] = scan->at[i];
    }
    unsigned long rune = strtoul(hex, NULL, 16);
    if (rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
        return toml_refuse(scan, "escaped character '\\u%s' is not a valid Unicode character", hex);
    scan->at += digits;
    buf_add(out, encoded, utf8_encode((uint32_t)rune, encoded));
    return true;
}

// After a backslash in a basic string. At a line's end it swallows white space up to the next text.
static bool put_escape(struct toml_scan *scan, struct buf *out, bool multiline) {
    static const char from[] = "btnfr\"\\e", to[] = "\b\t\n\f\r\"\\\x1b";
    char c = *scan->at;
    const char *found = c ? strchr(from, c) : NULL;
    if (found) {
        buf_char(out, to[found - from]);
        scan->at++;
        return true;
    }
    if (c == 'u' || c == 'U') {
        scan->at++;
        return put_code_point(scan, out, c == 'u' ? 4 : 8);
    }
    const char *start = scan->at;
    toml_skip_blanks(scan);
    if (!multiline || !take_newline(scan)) {
        scan->at = start;
        return toml_refuse(scan,
                           "invalid escape character '%c'; only the following escape characters are allowed: "
                           "\\b, \\t, \\n, \\f, \\r, \\\", \\\\, \\uXXXX, and \\UXXXXXXXX",
                           c);
    }
    do
        toml_skip_blanks(scan);
    while (take_newline(scan));
    return true;
}

// The closing quotes: one, or three with up to two quotes of contents before them.
static bool closes(struct toml_scan *scan, char quote, bool multiline, struct buf *out) {
    if (!multiline) {
        scan->at++;
        return true;
    }
    size_t count = 0;
    while (scan->at[count] == quote && count < 5)
        count++;
    if (count < 3) {
        buf_fill(out, quote, count);
        scan->at += count;
        return false;
    }
    buf_fill(out, quote, count - 3);
    scan->at += count;
    return true;
}

static bool put_plain(struct toml_scan *scan, struct buf *out, bool multiline) {
    unsigned char c = (unsigned char)*scan->at;
    if (c == '\n' || (c == '\r' && scan->at[1] == '\n')) {
        if (!multiline)
            return toml_refuse(scan, "strings cannot contain newlines");
        buf_char(out, '\n');
        take_newline(scan);
        return true;
    }
    if ((c < 0x20 && c != '\t') || c == 0x7f)
        return toml_refuse(scan, "control characters are not allowed inside strings: '0x%02x'", c);
    buf_char(out, *scan->at++);
    return true;
}

bool toml_string(struct toml_scan *scan, bool multiline_allowed, struct value *out) {
    char quote = *scan->at;
    bool multiline = scan->at[1] == quote && scan->at[2] == quote;
    struct buf text;
    buf_init(&text, scan->arena);
    if (multiline && !multiline_allowed)
        return toml_refuse(scan, "a key may not span lines");
    scan->at += multiline ? 3 : 1;
    if (multiline)
        take_newline(scan);
    while (scan->at < scan->end) {
        if (*scan->at == quote) {
            if (!closes(scan, quote, multiline, &text))
                continue;
            *out = value_string_len(scan->arena, buf_text(&text), text.len);
            return true;
        }
        bool escape = *scan->at == '\\' && quote == '"';
        scan->at += escape;
        if (escape ? !put_escape(scan, &text, multiline) : !put_plain(scan, &text, multiline))
            return false;
    }
    return toml_refuse(scan, "unexpected EOF; expected '%c'", quote);
}

// Digits of a base with single underscores between them, copied without; false for anything else.
static bool clean_digits(const char *text, size_t len, int base, char *out) {
    if (!len || text[0] == '_' || text[len - 1] == '_')
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        int digit = isdigit((unsigned char)c)   ? c - '0'
                    : isalpha((unsigned char)c) ? tolower(c) - 'a' + 10
                                                : 99;
        if (c == '_' ? text[i - 1] == '_' : digit >= base)
            return false;
        if (c != '_')
            *out++ = c;
    }
    *out = 0;
    return true;
}

// 1 when it is an integer, 0 when not, -1 when it is one but too big.
static int as_integer(struct toml_scan *scan, const char *text, size_t len, struct value *out) {
    static const char prefixes[] = "xob";
    static const int bases[] = {16, 8, 2};
    char *digits = arena_alloc(scan->arena, len + 2);
    bool sign = *text == '-' || *text == '+';
    const char *prefix = len > 2 && text[0] == '0' ? strchr(prefixes, text[1]) : NULL;
    int base = prefix && *prefix ? bases[prefix - prefixes] : 10;
    size_t skip = base != 10 ? 2 : sign;
    if (base == 10 && len > skip + 1 && text[skip] == '0')
        return 0;
    if (!clean_digits(text + skip, len - skip, base, digits + 1))
        return 0;
    digits[0] = *text == '-' ? '-' : '+';
    errno = 0;
    *out = value_int(strtoll(digits, NULL, base));
    return errno ? -1 : 1;
}

// Digits on both sides of the point, underscores only between digits.
static bool as_float(struct toml_scan *scan, const char *text, size_t len, struct value *out) {
    const char *body = text + (*text == '-' || *text == '+'), *end = text + len;
    size_t size = (size_t)(end - body), whole = 0;
    if (size == 3 && (!memcmp(body, "inf", 3) || !memcmp(body, "nan", 3))) {
        double real = *body == 'i' ? (double)INFINITY : (double)NAN;
        *out = value_float(*text == '-' ? -real : real);
        return true;
    }
    char *plain = arena_alloc(scan->arena, len + 1), *to = plain;
    for (const char *c = text; c < end; c++) {
        bool between =
            c > text && c + 1 < end && isdigit((unsigned char)c[-1]) && isdigit((unsigned char)c[1]);
        if ((*c == '_' || *c == '.') && !between)
            return false;
        if (!isdigit((unsigned char)*c) && !strchr("_.eE+-", *c))
            return false;
        if (*c != '_')
            *to++ = *c;
    }
    while (whole < size && isdigit((unsigned char)body[whole]))
        whole++;
    if (!whole || (whole > 1 && *body == '0'))
        return false;
    char *stop;
    *out = value_float(strtod(plain, &stop));
    return !*stop;
}

// YYYY-MM-DD, HH:MM:SS, both, with a fraction and an offset.
static bool is_time(const char *text, size_t len) {
    static const char *const shapes[] = {"dddd-dd-dd", "dd:dd:dd", "dddd-dd-ddTdd:dd:dd", "dd:dd",
                                         "dddd-dd-ddTdd:dd"};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        size_t size = strlen(shapes[i]);
        bool ok = len >= size;
        for (size_t j = 0; ok && j < size; j++)
            ok = shapes[i][j] == 'd'   ? isdigit((unsigned char)text[j]) != 0
                 : shapes[i][j] == 'T' ? strchr("Tt ", text[j]) && text[j]
                                       : text[j] == shapes[i][j];
        if (ok && strspn(text + size, ".0123456789Zz+-:") >= len - size &&
            (len == size || !strchr("T", text[size])))
            return true;
    }
    return false;
}

// Go's time.Time as JSON: RFC 3339, what is missing filled in as Go does; local times count as UTC.
static const char *as_rfc3339(struct arena *arena, const char *text, size_t len) {
    bool dated = len >= 10 && text[4] == '-';
    const char *clock = dated ? text + 11 : text, *end = text + len;
    if (dated && len == 10)
        return arena_printf(arena, "%.10sT00:00:00Z", text);
    size_t digits = strspn(clock, "0123456789:.");
    if (clock + digits > end)
        digits = (size_t)(end - clock);
    const char *seconds = digits == 5 ? ":00" : "";
    const char *zone =
        clock + digits < end ? arena_strndup(arena, clock + digits, (size_t)(end - clock) - digits) : "Z";
    return arena_printf(arena, "%.10sT%.*s%s%s", dated ? text : "0000-01-01", (int)digits, clock, seconds,
                        *zone == 'z' ? "Z" : zone);
}

bool toml_scalar(struct toml_scan *scan, struct value *out) {
    size_t len = strcspn(scan->at, " \t\r\n,]}#=");
    const char *text = scan->at;
    if (len == 10 && text[4] == '-' && text[10] == ' ' &&
        isdigit((unsigned char)text[11])) // a date, a space, a time
        len += 1 + strcspn(text + 11, " \t\r\n,]}#=");
    scan->at += len;
    if ((len == 4 && !memcmp(text, "true", 4)) || (len == 5 && !memcmp(text, "false", 5))) {
        *out = value_bool(len == 4);
        return true;
    }
    int integer = len ? as_integer(scan, text, len, out) : 0;
    if (integer < 0)
        return toml_refuse(scan, "%.*s is out of range for int64", (int)len, text);
    if (integer || (len && as_float(scan, text, len, out)))
        return true;
    if (len && is_time(text, len)) {
        *out = value_string_ref(as_rfc3339(scan->arena, text, len));
        return true;
    }
    scan->at = text;
    if (text == scan->end)
        return toml_refuse(scan, "unexpected EOF; expected value");
    if (!len)
        return toml_refuse(scan, "expected value but found '%.1s' instead", text);
    return toml_refuse(scan, "expected value but found \"%.*s\" instead", (int)(len < 60 ? len : 60), text);
}
