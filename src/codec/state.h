// SPDX-License-Identifier: Apache-2.0
// The JSON of Terraform's state files -> value, guided by a type (go-cty, cty/json).
#ifndef CODEC_STATE_H
#define CODEC_STATE_H

#include "base/err.h"
#include "value/type.h"
#include "value/value.h"

// Re-reads decoded JSON as a value of `type`: unknown attributes are ignored, missing ones are
// null, "dynamic" is {"value":…,"type":…}, text is accepted for numbers and bools.
bool state_conform(struct arena *arena, struct value json, const struct type *type, struct value *out,
                   struct err *err);

#endif
