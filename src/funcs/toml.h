// SPDX-License-Identifier: Apache-2.0
// TOML as Helm's fromToml and toToml have it (BurntSushi/toml 1.6), from and to the values of templates.
// Private to src/template.
#ifndef FUNCS_TOML_H
#define FUNCS_TOML_H

#include "template/function.h"

// Reads a document: RT_MAP, int64, float64, time.Time for dates and times, RT_LIST, RT_MAPS for [[x]].
// ERR_INVALID: the decoder's own words, "toml: line 3 (last key \"a.b\"): …"; ERR_LIMIT beyond 200 nested
// arrays and inline tables, 100 parts of a key, or the work a template may do.
bool toml_read(struct rt *rt, const char *text, size_t len, struct rv *out, struct err *err);

// Appends the encoding: what is no table before what is one, keys in byte order, structs in the order of
// their fields, tables indented by two spaces, nils left out. ERR_INVALID where TOML has no form: Go's words;
// ERR_LIMIT for what is too deep or too large.
bool toml_write(struct buf *out, struct rv v, struct err *err);

// Text in TOML's double quotes; a key, in them where it needs them.
void toml_key(struct buf *out, const char *text, size_t len);

#endif
