// SPDX-License-Identifier: Apache-2.0
// Shared inside src/codec: a place in a TOML text, and the strings and scalars found there.
#ifndef CODEC_TOML_SCAN_H
#define CODEC_TOML_SCAN_H

#include "base/buf.h"
#include "base/err.h"
#include "value/value.h"

struct toml_scan {
    struct arena *arena;
    const char *at, *end; // the text ends with a NUL
    size_t line;
    size_t depth;         // of arrays and inline tables
    const char *last_key; // dotted, for errors
    struct err *err;
};

// Always false.
bool toml_refuse(struct toml_scan *scan, const char *format, ...) __attribute__((format(printf, 2, 3)));

void toml_skip_blanks(struct toml_scan *scan);
// Blanks, comments and line breaks.
bool toml_skip_space(struct toml_scan *scan);
// Blanks and a comment up to the end of the line, which must come then.
bool toml_end_line(struct toml_scan *scan);

// At a quote: a string of any of the four kinds; keys may not span lines.
bool toml_string(struct toml_scan *scan, bool multiline_allowed, struct value *out);
// A bool, number, date or time.
bool toml_scalar(struct toml_scan *scan, struct value *out);

#endif
