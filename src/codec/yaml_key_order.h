// SPDX-License-Identifier: Apache-2.0
// Shared inside src/codec: the order in which goyaml writes the keys of a map.
#ifndef CODEC_YAML_KEY_ORDER_H
#define CODEC_YAML_KEY_ORDER_H

#include "value/value.h"

// The map's entries, "a2" before "a10", letters after everything else. yaml.v3 differs from
// goyaml.v2 where a letter meets a digit of a longer number.
const struct value_entry **yaml_sorted_entries(struct arena *arena, struct value map, bool v3);

#endif
