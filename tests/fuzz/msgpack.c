// SPDX-License-Identifier: Apache-2.0
// The first byte picks a type, the rest is msgpack: what decodes, encodes and decodes to the same.
#include "codec/msgpack.h"
#include "codec/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const TYPES[] = {
    "\"dynamic\"",
    "\"string\"",
    "\"number\"",
    "[\"list\",\"dynamic\"]",
    "[\"set\",\"number\"]",
    "[\"map\",[\"list\",\"bool\"]]",
    "[\"object\",{\"a\":\"string\",\"b\":[\"set\",[\"object\",{\"c\":\"number\"}]]}]",
    "[\"tuple\",[\"bool\",\"dynamic\"]]",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value json, once, twice;
    if (!size)
        return 0;
    const char *name = TYPES[data[0] % (sizeof TYPES / sizeof *TYPES)];
    if (!json_decode(arena, name, strlen(name), &json, &err))
        abort();
    const struct type *type = type_from_value(arena, json, &err);
    struct buf first, second;
    buf_init(&first, arena);
    buf_init(&second, arena);
    if (!msgpack_decode(arena, data + 1, size - 1, type, &once, &err))
        return 0;
    if (!msgpack_encode(&first, once, type, &err) ||
        !msgpack_decode(arena, buf_text(&first), first.len, type, &twice, &err) ||
        !msgpack_encode(&second, twice, type, &err))
        abort();
    if (first.len != second.len || memcmp(buf_text(&first), buf_text(&second), first.len) != 0)
        abort();
    return 0;
}
