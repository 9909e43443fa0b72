// SPDX-License-Identifier: Apache-2.0
// encoding/json's Unmarshal into interface{}, with its words for what is wrong.
// (Marshal is rv_json in funcs.h.) Private to src/template.
#ifndef TEMPLATE_JSON_H
#define TEMPLATE_JSON_H

#include "template/function.h"

// Reads one document: RT_MAP, RT_LIST, float64, … Texts without escapes are borrowed from `text`.
// False with Go's message in *message; true with a message when a number was out of range and
// became nil.
bool json_read(struct rheap *heap, const char *text, size_t len, struct rv *out, const char **message);

// Go's word for what a read document is: "object", "array", "string", "bool", "number", "null".
const char *json_kind(struct rv v);

#endif
