// SPDX-License-Identifier: Apache-2.0
// Shared inside src/codec: what tags make of scalars, and what becomes a map's key.
#ifndef CODEC_YAML_MAP_KEY_H
#define CODEC_YAML_MAP_KEY_H

#include "base/buf.h"
#include "codec/yaml_node.h"
#include "codec/yaml_scalar.h"

// `name` is "int" for !!int.
bool yaml_node_has_tag(const struct yaml_node *node, const char *name);

// The node itself, or what an alias stands for.
const struct yaml_node *yaml_behind_alias(const struct yaml_node *node);

// A scalar's kind by its tag, or by its text when it is untagged and unquoted.
// An explicit tag of a kind that the text does not have is an error.
bool yaml_resolve_node(const struct yaml_node *node, struct yaml_scalar *out, struct err *err);

// The text of a key that is a scalar, as sigs.k8s.io/yaml turns bools and numbers into it. What cannot be
// one in JSON (null, a number past int64) is ERR_UNSUPPORTED, with key and value in Go's syntax.
bool yaml_decode_key(struct arena *arena, const struct yaml_node *key, const struct yaml_node *value,
                     const char **out, struct err *err);

// The error for a key that is no scalar, shown in Go's syntax: {{ .x }} left in a values file is one. Always
// false.
bool yaml_refuse_key(const struct yaml_node *key, struct err *err);

#endif
