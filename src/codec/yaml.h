// SPDX-License-Identifier: Apache-2.0
// YAML as Helm and Kubernetes read and write it: sigs.k8s.io/yaml over goyaml.v2
// (YAML 1.1 scalars, converted through JSON), byte for byte.
#ifndef CODEC_YAML_H
#define CODEC_YAML_H

#include "base/buf.h"
#include "base/err.h"
#include "value/value.h"

enum yaml_numbers {
    YAML_NUMBERS_EXACT,   // ints stay VALUE_INT (Kubernetes objects, configuration)
    YAML_NUMBERS_FLOAT64, // every number is a VALUE_FLOAT (Helm's chart values)
};

// Decodes the first document; an empty one is null. Merge keys and anchors are resolved,
// of duplicate keys the last wins, non-string keys become strings as goyaml.v2 does.
// Errors read as sigs.k8s.io/yaml's ("error converting YAML to JSON: yaml: line 2: …").
// Where goyaml's copy of libyaml is older than libyaml, goyaml is followed: [a?b] and "\\/" are refused,
// [a:] holds "a:".
// ERR_LIMIT beyond 1000 nested levels (2000 by aliases), where nearly all of a document comes from aliases
// (goyaml's rule), where they repeat more than 64 MiB of text, and beyond 100 %TAG directives.
bool yaml_decode(struct arena *arena, const char *text, size_t len, enum yaml_numbers numbers,
                 struct value *out, struct err *err);

// Every document of a stream, as a list; empty documents are null.
bool yaml_decode_all(struct arena *arena, const char *text, size_t len, enum yaml_numbers numbers,
                     struct value *out, struct err *err);

// Appends what sigs.k8s.io/yaml.Marshal writes, with the final newline. Floats that JSON
// would print as integers print as integers; VALUE_NUMBER keeps its text. Keys in goyaml's
// natural order. False, adding nothing, where Marshal fails: NaN, infinities, DEL and C1
// control characters in a string.
bool yaml_encode(struct buf *out, struct value v);

// What yaml.v3 writes for native values with two-space indent (Helm's toYamlPretty).
void yaml_encode_pretty(struct buf *out, struct value v);

#endif
