// SPDX-License-Identifier: Apache-2.0
// Any bytes as a .tgz, and any bytes as the tar inside one.
#include "codec/archive.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct archive archive;
    const struct archive_limits limits = {1000, 10000};
    struct buf tgz;
    archive_read_tgz(arena, cursor_over((const char *)data, size), &limits, &archive, &err);
    if (gzip_encode(arena, data, size, &tgz, &err))
        archive_read_tgz(arena, cursor_over(buf_text(&tgz), tgz.len), &limits, &archive, &err);
    return 0;
}
