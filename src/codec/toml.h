// SPDX-License-Identifier: Apache-2.0
// TOML 1.0 as Helm's toToml and fromToml have it (BurntSushi/toml).
#ifndef CODEC_TOML_H
#define CODEC_TOML_H

#include "base/buf.h"
#include "base/err.h"
#include "value/value.h"

// Decodes a document to a map. Dates and times become RFC 3339 strings. ERR_INVALID reads
// "toml: line 3 (last key \"a.b\"): …"; ERR_LIMIT beyond 200 nested arrays and inline tables.
bool toml_decode(struct arena *arena, const char *text, size_t len, struct value *out, struct err *err);

// Appends the encoding: scalars of a table before its subtables, keys in byte order, subtables
// indented by two spaces, nulls left out. Fails, adding nothing, where TOML has no form: a null in
// an array, an array of tables at the top.
bool toml_encode(struct buf *out, struct value v, struct err *err);

#endif
