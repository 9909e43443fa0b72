// SPDX-License-Identifier: Apache-2.0
// Terraform's DynamicValue bytes <-> value, guided by a type (go-cty, cty/msgpack).
#ifndef CODEC_MSGPACK_H
#define CODEC_MSGPACK_H

#include "base/buf.h"
#include "base/err.h"
#include "value/type.h"
#include "value/value.h"

// Decodes `len` bytes as a value of `type`. Every extension is an unknown value (refinements
// are dropped: sending a plain unknown back is allowed). "dynamic" positions become
// VALUE_TYPED; an untyped null and an unknown there stay plain, a typed null (tostring(null)) is
// VALUE_TYPED holding null, which has to go back as it came. ERR_INVALID names the path.
bool msgpack_decode(struct arena *arena, const void *data, size_t len, const struct type *type,
                    struct value *out, struct err *err);

// Appends `v` as a value of `type`. Attributes missing from a map encode as null for an object
// type; an untyped value in a dynamic position gets its literal type. Fails when the kinds
// do not fit. Sets are written in value_compare order without duplicates.
bool msgpack_encode(struct buf *out, struct value v, const struct type *type, struct err *err);

#endif
