// SPDX-License-Identifier: Apache-2.0
// JSON text <-> value. Numbers keep every digit.
#ifndef CODEC_JSON_H
#define CODEC_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "value/value.h"

// Decodes one document. Numbers become VALUE_INT, VALUE_FLOAT or, where neither is exact,
// VALUE_NUMBER. Of duplicate keys the last wins. ERR_INVALID names line and column;
// ERR_LIMIT beyond 1000 nested levels.
bool json_decode(struct arena *arena, const char *text, size_t len, struct value *out, struct err *err);

// What Go's json.Decoder says of a text that is not one document: "invalid character '}' looking for
// beginning of value", "unexpected EOF", "EOF". NULL when it is one.
const char *json_problem(struct arena *arena, const char *text, size_t len);

enum json_style {
    JSON_COMPACT = 0,
    JSON_PRETTY = 1,      // two spaces, as Go's MarshalIndent
    JSON_ESCAPE_HTML = 2, // < > & as \u003c …, as Go's Marshal
};

// Appends the encoding: keys in byte order, floats as Go's encoding/json writes them
// (encode.go, floatEncoder), VALUE_NUMBER as its text, invalid UTF-8 as U+FFFD. Unknown values
// encode as null; typed values as what they hold.
void json_encode(struct buf *out, struct value v, unsigned style);

// Appends `text` as a JSON string with its quotes.
void json_quote(struct buf *out, const char *text, size_t len, unsigned style);

// Compact text in the arena.
const char *json_text(struct arena *arena, struct value v);

#endif
