// SPDX-License-Identifier: Apache-2.0
// Any bytes as a .tgz, and any bytes as the tar inside one.
#include "codec/archive.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct archive archive;
    struct buf tgz;
    archive_read_tgz(arena, data, size, 1000, 10000, &archive, &err);
    if (gzip_encode(arena, data, size, &tgz, &err))
        archive_read_tgz(arena, buf_text(&tgz), tgz.len, 1000, 10000, &archive, &err);
    return 0;
}
