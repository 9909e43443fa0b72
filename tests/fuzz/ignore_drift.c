// SPDX-License-Identifier: Apache-2.0
// "pattern\n{live object}": what a pattern of ignore_drift leads to, and what is taken and left there.
#include "kube/ignored.h"

#include "codec/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    const uint8_t *line = memchr(data, '\n', size);
    struct kube_ignored ignored;
    struct value object;
    if (!line || size > 1 << 16)
        return 0;
    struct value pattern =
        value_string(arena, arena_strndup(arena, (const char *)data, (size_t)(line - data)));
    if (!kube_ignored_parse(arena, "ignore_drift", value_list(arena, &pattern, 1), &ignored, &err) ||
        !json_decode(arena, (const char *)line + 1, size - (size_t)(line - data) - 1, &object, &err))
        return 0;
    kube_ignored_left(arena, &ignored, object, object, "us");
    kube_ignored_left(arena, &ignored, value_map(arena, NULL, 0), object, "us");
    // Nothing is left of what nobody has: taking from nothing twice is taking once, but for indices that
    // move.
    struct value none = kube_ignored_take(arena, &ignored, object, value_null());
    if (!memchr(data, '[', (size_t)(line - data)) &&
        !value_equal(kube_ignored_take(arena, &ignored, none, value_null()), none))
        abort();
    return 0;
}
