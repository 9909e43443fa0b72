// SPDX-License-Identifier: Apache-2.0
// --set expressions of every purely textual kind, chosen by the first byte.
#include "helm/values.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum helm_input_kind kinds[] = {HELM_INPUT_SET, HELM_INPUT_SET_STRING, HELM_INPUT_SET_JSON,
                                                 HELM_INPUT_SET_LITERAL};
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value tree = value_null();
    if (!size)
        return 0;
    const char *text = arena_strndup(arena, (const char *)data + 1, size - 1);
    if (helm_values_set(arena, kinds[data[0] % 4], text, &tree, &err)) // twice: over what it made itself
        helm_values_set(arena, kinds[data[0] / 4 % 4], text, &tree, &err);
    return 0;
}
