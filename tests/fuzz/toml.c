// SPDX-License-Identifier: Apache-2.0
// Any bytes as TOML: what decodes, encodes to a text that decodes to an equal value.
#include "codec/toml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value once, twice;
    struct buf out;
    buf_init(&out, arena);
    if (!toml_decode(arena, (const char *)data, size, &once, &err) || memmem(data, size, "nan", 3))
        return 0;
    if (!toml_encode(&out, once, &err) || !toml_decode(arena, buf_text(&out), out.len, &twice, &err) ||
        !value_equal(once, twice))
        abort();
    return 0;
}
