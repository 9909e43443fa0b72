// SPDX-License-Identifier: Apache-2.0
// Any bytes as JSON: what decodes, encodes to a text that decodes to an equal value.
#include "codec/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value once, twice;
    if (!json_decode(arena, (const char *)data, size, &once, &err))
        return 0;
    const char *text = json_text(arena, once);
    if (!json_decode(arena, text, strlen(text), &twice, &err) || !value_equal(once, twice))
        abort();
    return 0;
}
