// SPDX-License-Identifier: Apache-2.0
// A place in a TOML text and what can be read there without knowing any table. Private to the toml files.
#ifndef FUNCS_TOML_SCAN_H
#define FUNCS_TOML_SCAN_H

#include "template/function.h"

struct toml_scan {
    struct rt *rt;
    struct arena *scratch;
    const char *text;
    size_t len, at;
    size_t start;  // of the item being read
    size_t line;   // counts from 1, up to `at`
    size_t back;   // bytes of the last character, for toml_back
    bool past_end; // the last toml_next found the end
    bool failed;   // the first failure stays
    struct err *err;
    const char *(*last_key)(const struct toml_scan *scan); // dotted, for error texts; "" for none
};

// The next character, 0 at the end. A broken or forbidden one fails the scan and gives U+FFFD.
int32_t toml_next(struct toml_scan *scan);
void toml_back(struct toml_scan *scan); // over what the last toml_next took
int32_t toml_peek(struct toml_scan *scan);
bool toml_accept(struct toml_scan *scan, int32_t wanted);
void toml_skip_blanks(struct toml_scan *scan);

// Failures, always false: in the line of the place, the line before it, or a given one.
bool toml_fail(struct toml_scan *scan, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool toml_fail_above(struct toml_scan *scan, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool toml_fail_at(struct toml_scan *scan, size_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// "'x'" as Go's %q, and "end of file" or 'x' as it is.
const char *toml_rune(struct toml_scan *scan, int32_t rune);
const char *toml_rune_or_end(struct toml_scan *scan, int32_t rune);
const char *toml_quoted(struct toml_scan *scan, const char *text, size_t len);

// Behind the opening quote: a string of one line, of one or three quotes.
bool toml_string(struct toml_scan *scan, char quote, bool multiline, struct rv *out);
// A bool, number, date or time.
bool toml_scalar(struct toml_scan *scan, struct rv *out);
// Behind '#'.
bool toml_comment(struct toml_scan *scan);

#endif
