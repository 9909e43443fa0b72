// SPDX-License-Identifier: Apache-2.0
// Any bytes as JSON: what decodes has no problem to tell, and encodes to a text that decodes to an equal
// value; the telling of problems ends for the rest, too.
#include "codec/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value once, twice;
    const char *problem = json_problem(arena, (const char *)data, size);
    if (!json_decode(arena, (const char *)data, size, &once, &err))
        return 0;
    if (problem)
        abort();
    const char *text = json_text(arena, once);
    if (!json_decode(arena, text, strlen(text), &twice, &err) || !value_equal(once, twice))
        abort();
    return 0;
}
