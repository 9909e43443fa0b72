// SPDX-License-Identifier: Apache-2.0
// Release records as a broken or hostile Secret might hold them. The first byte chooses what is damaged: the
// JSON (0), or the bytes that should be gzip (1), or the Secret's base64 text (2).
#include "release/record.h"
#include "codec/base64.h"
#include "codec/json.h"

#include <stdlib.h>

static struct value secret_of(struct arena *arena, int kind, const char *data, size_t len) {
    struct buf one, two;
    buf_init(&one, arena);
    buf_init(&two, arena);
    base64_encode(&one, data, len);
    base64_encode(&two, one.ptr, one.len);
    struct value text =
        kind == 2 ? value_string_len(arena, data, len) : value_string_len(arena, two.ptr, two.len);
    struct value_entry release[] = {{"release", text}};
    struct value_entry secret[] = {{"data", value_map(arena, release, 1)}};
    return value_map(arena, secret, 1);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct release release, again, changed;
    struct value secret;
    if (!size || !record_from_secret(arena, secret_of(arena, data[0] % 3, (const char *)data + 1, size - 1),
                                     &release, &err))
        return 0;
    // What was read can be changed, written and read again, and says the same.
    if (!record_with_status(arena, &release, "failed", "fuzzed", &changed, &err) ||
        !record_to_secret(arena, &changed, value_null(), true, &secret, &err) ||
        !record_from_secret(arena, secret, &again, &err) || !value_equal(again.record, changed.record))
        abort();
    return 0;
}
