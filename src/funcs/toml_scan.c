// SPDX-License-Identifier: Apache-2.0
// Characters, failures, comments and strings. Which line a failure names follows from how many
// characters the decoder has looked at by then.
#include "funcs/toml_scan.h"

#include "base/hex.h"
#include "go/quote.h"
#include "go/rune.h"
#include "go/strconv.h"

#include <stdlib.h>
#include <string.h>

enum { BROKEN = 0xfffd };

static bool fail(struct toml_scan *scan, size_t line, const char *format, va_list args) {
    if (scan->failed)
        return false;
    scan->failed = true;
    const char *why = arena_vprintf(scan->scratch, format, args), *key = scan->last_key(scan);
    if (!*key)
        return err_set(scan->err, ERR_INVALID, "toml: line %zu: %s", line, why);
    return err_set(scan->err, ERR_INVALID, "toml: line %zu (last key %s): %s", line,
                   toml_quoted(scan, key, strlen(key)), why);
}

bool toml_fail(struct toml_scan *scan, const char *format, ...) {
    bool behind_line = scan->past_end && scan->at > 0 && scan->text[scan->at - 1] == '\n';
    va_list args;
    va_start(args, format);
    fail(scan, scan->line - behind_line, format, args);
    va_end(args);
    return false;
}

bool toml_fail_above(struct toml_scan *scan, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fail(scan, scan->line - 1, format, args);
    va_end(args);
    return false;
}

bool toml_fail_at(struct toml_scan *scan, size_t line, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fail(scan, line, format, args);
    va_end(args);
    return false;
}

const char *toml_rune(struct toml_scan *scan, int32_t rune) {
    struct buf text;
    buf_init(&text, scan->scratch);
    quote_rune(&text, rune, false);
    return buf_text(&text);
}

const char *toml_rune_or_end(struct toml_scan *scan, int32_t rune) {
    struct buf text;
    if (!rune)
        return "end of file";
    buf_init(&text, scan->scratch);
    buf_char(&text, '\'');
    rune_add(&text, rune);
    buf_char(&text, '\'');
    return buf_text(&text);
}

const char *toml_quoted(struct toml_scan *scan, const char *text, size_t len) {
    struct buf quoted;
    buf_init(&quoted, scan->scratch);
    quote_text(&quoted, text, len);
    return buf_text(&quoted);
}

static bool is_control(int32_t rune) {
    return (rune < 0x20 && rune != '\t' && rune != '\r' && rune != '\n') || rune == 0x7f;
}

int32_t toml_next(struct toml_scan *scan) {
    scan->back = 0;
    if (scan->at >= scan->len) {
        scan->past_end = true;
        return 0;
    }
    const char *text = scan->text + scan->at;
    size_t left = scan->len - scan->at, size;
    int32_t rune = rune_at(text, left, &size);
    scan->line += rune == '\n';
    if (rune == BROKEN && size == 1)
        toml_fail(scan, "invalid UTF-8 byte: 0x%02x", (unsigned char)*text);
    else if (is_control(rune) || (rune == '\r' && (left == 1 || text[1] != '\n')))
        toml_fail_at(scan, scan->line, "TOML files cannot contain control characters: '0x%02x'",
                     (unsigned)rune);
    if (scan->failed)
        return BROKEN;
    scan->back = size;
    scan->at += size;
    return rune;
}

void toml_back(struct toml_scan *scan) {
    scan->past_end = false;
    scan->at -= scan->back;
    scan->line -= scan->back && scan->text[scan->at] == '\n';
    scan->back = 0;
}

int32_t toml_peek(struct toml_scan *scan) {
    int32_t rune = toml_next(scan);
    toml_back(scan);
    return rune;
}

bool toml_accept(struct toml_scan *scan, int32_t wanted) {
    if (toml_next(scan) == wanted)
        return true;
    toml_back(scan);
    return false;
}

void toml_skip_blanks(struct toml_scan *scan) {
    int32_t rune;
    do
        rune = toml_next(scan);
    while (rune == ' ' || rune == '\t');
    toml_back(scan);
    scan->start = scan->at;
}

bool toml_comment(struct toml_scan *scan) {
    int32_t rune;
    do
        rune = toml_next(scan);
    while (rune && rune != '\n' && rune != '\r' && !scan->failed);
    toml_back(scan);
    scan->start = scan->at;
    return !scan->failed;
}

// --- strings ---

static bool hex_digits(struct toml_scan *scan, int count, const char *word, char letter) {
    for (int i = 0; i < count; i++) {
        int32_t rune = toml_next(scan);
        if (hex_digit(rune) < 0)
            return toml_fail(scan, "expected %s hexadecimal digits after '\\%c', but got %s instead", word,
                             letter, toml_quoted(scan, scan->text + scan->start, scan->at - scan->start));
    }
    return true;
}

static bool scan_escape(struct toml_scan *scan) {
    int32_t rune = toml_next(scan);
    switch (rune) {
    case 'x': return hex_digits(scan, 2, "two", 'x');
    case 'u': return hex_digits(scan, 4, "four", 'u');
    case 'U': return hex_digits(scan, 8, "eight", 'U');
    default: break;
    }
    if (rune && rune < 0x80 && strchr("ebtnfr\" \t\\", (int)rune))
        return true;
    struct buf text;
    buf_init(&text, scan->scratch);
    rune_add(&text, rune);
    return (scan->past_end ? toml_fail_above : toml_fail)(scan, "invalid escape in string '\\%s'",
                                                          rune ? buf_text(&text) : "");
}

// A backslash, blanks and a line's end, and all blanks and lines' ends after it, are nothing.
static size_t line_join(const char *text, size_t len) {
    size_t end = 1;
    while (end < len && (text[end] == ' ' || text[end] == '\t' || text[end] == '\r' || text[end] == '\n'))
        end++;
    return memchr(text, '\n', end) ? end : 0;
}

static size_t hex_rune(const char *text, size_t digits, int32_t *out) {
    char hex[9] = {0};
    memcpy(hex, text + 2, digits);
    *out = (int32_t)strtoul(hex, NULL, 16);
    return digits + 2;
}

static bool put_escape(struct toml_scan *scan, size_t line, const char *text, size_t *used, struct buf *out) {
    static const char from[] = "btnfre\"\\", to[] = "\b\t\n\f\r\x1b\"\\";
    int32_t rune;
    *used = 2;
    switch (text[1]) {
    case 'x': *used = hex_rune(text, 2, &rune); break;
    case 'u': *used = hex_rune(text, 4, &rune); break;
    case 'U': *used = hex_rune(text, 8, &rune); break;
    case ' ':
    case '\t': return toml_fail_at(scan, line, "invalid escape: '\\%c'", text[1]);
    default: buf_char(out, to[strchr(from, text[1]) - from]); return true;
    }
    if (rune < 0 || rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
        return toml_fail_at(scan, line, "Escaped character '\\u%.*s' is not valid UTF-8.", (int)*used - 2,
                            text + 2);
    rune_add(out, rune);
    return true;
}

static bool unescape(struct toml_scan *scan, const char *text, size_t len, bool multiline, struct rv *out) {
    struct buf result;
    size_t used;
    buf_init(&result, scan->rt->heap->arena);
    for (size_t i = 0; i < len; i += used) {
        used = 1;
        if (text[i] != '\\')
            buf_char(&result, text[i]);
        else if (multiline && (used = line_join(text + i, len - i)) > 0)
            continue;
        else if (!put_escape(scan, scan->line, text + i, &used, &result))
            return false;
    }
    *out = rv_buf(&result);
    return true;
}

// The text between the quotes; a line's end right after the first three is none of it.
static bool give_string(struct toml_scan *scan, size_t end, char quote, bool multiline, struct rv *out) {
    const char *text = scan->text + scan->start;
    size_t len = end - scan->start, skip = 0;
    if (multiline && len && text[0] == '\n')
        skip = 1;
    else if (multiline && len > 1 && text[0] == '\r' && text[1] == '\n')
        skip = 2;
    scan->start = scan->at;
    if (quote == '"')
        return unescape(scan, text + skip, len - skip, multiline, out);
    *out = rv_text(scan->rt->heap, text + skip, len - skip);
    return true;
}

static bool one_line(struct toml_scan *scan, char quote, struct rv *out) {
    for (;;) {
        int32_t rune = toml_next(scan);
        if (scan->failed)
            return false;
        if (!rune)
            return toml_fail(scan, quote == '"' ? "unexpected EOF; expected '\"'"
                                                : "unexpected EOF; expected \"'\"");
        if (rune == '\n' || rune == '\r')
            return toml_fail_above(scan, "strings cannot contain newlines");
        if (rune == quote)
            return give_string(scan, scan->at - 1, quote, false, out);
        if (rune == '\\' && quote == '"' && !scan_escape(scan))
            return false;
    }
}

static bool ends_with(const struct toml_scan *scan, const char *suffix) {
    size_t len = strlen(suffix);
    return scan->at - scan->start >= len && !memcmp(scan->text + scan->at - len, suffix, len);
}

// Behind the third quote in a row when a fourth follows: one of them belongs to the text, but not so
// that three more would follow.
static bool one_more_quote(struct toml_scan *scan, char quote) {
    if (quote == '"' && ends_with(scan, "\"\"\"\"\"") && !ends_with(scan, "\\\"\"\"\"\""))
        return toml_fail(scan, "unexpected '\"\"\"\"\"\"'");
    if (quote == '\'' && ends_with(scan, "'''''"))
        return toml_fail(scan, "unexpected \"''''''\"");
    scan->at -= 2;
    return !scan->failed;
}

static bool line_end_or_escape(struct toml_scan *scan) {
    int32_t rune = toml_next(scan);
    if (rune == '\n' || rune == '\r')
        return true;
    toml_back(scan);
    return scan_escape(scan);
}

static bool many_lines(struct toml_scan *scan, char quote, struct rv *out) {
    for (;;) {
        int32_t rune = toml_next(scan);
        if (scan->failed)
            return false;
        if (!rune)
            return toml_fail(scan, quote == '"' ? "unexpected EOF; expected '\"\"\"'"
                                                : "unexpected EOF; expected \"'''\"");
        if (rune == '\\' && quote == '"' && !line_end_or_escape(scan))
            return false;
        if (rune != quote || !toml_accept(scan, quote))
            continue;
        if (!toml_accept(scan, quote)) {
            scan->at--;
            continue;
        }
        if (toml_peek(scan) != quote)
            return !scan->failed && give_string(scan, scan->at - 3, quote, true, out);
        if (!one_more_quote(scan, quote))
            return false;
    }
}

bool toml_string(struct toml_scan *scan, char quote, bool multiline, struct rv *out) {
    scan->start = scan->at;
    return multiline ? many_lines(scan, quote, out) : one_line(scan, quote, out);
}
