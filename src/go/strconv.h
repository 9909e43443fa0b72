// SPDX-License-Identifier: Apache-2.0
// Go's strconv but for its quoting (go/quote.h): reading and writing numbers, unquoting.
#ifndef GO_STRCONV_H
#define GO_STRCONV_H

#include "base/buf.h"
#include "base/cursor.h"

#include <stdbool.h>
#include <stdint.h>

// FormatFloat(f, format, precision, 64); precision -1 is the shortest that reads back the same.
void strconv_format_float(struct buf *out, double f, char format, int precision);

// The whole text must be the number; false where Go errs. Base 0 takes prefixes and underscores.
bool strconv_parse_int(const char *text, size_t len, int base, int64_t *out);
bool strconv_parse_uint(const char *text, size_t len, int base, uint64_t *out);
bool strconv_parse_float(const char *text, size_t len, double *out);

// A quoted or raw string, or false when Go's Unquote says "invalid syntax".
bool strconv_unquote(struct buf *out, const char *text, size_t len);
// A character of a quoted text: a rune, or a byte that need not be one.
struct strconv_char {
    int32_t rune;
    bool is_byte;
};
// The next character of what stands between quotes ('…' or "…" by `quote`).
bool strconv_unquote_char(struct cursor *text, char quote, struct strconv_char *out);

#endif
