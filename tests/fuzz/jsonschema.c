// SPDX-License-Identifier: Apache-2.0
// A JSON document {"schema":…, "instance":…} through the validator.
#include "helm/jsonschema.h"
#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value both;
    const char *report;
    if (json_decode(arena, (const char *)data, size, &both, &err))
        jsonschema_check(arena, value_get(both, "schema"), "file:///s.json", NULL,
                         value_get(both, "instance"), &report, &err);
    return 0;
}
