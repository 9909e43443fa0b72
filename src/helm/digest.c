// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.h"
#include "helm/private.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct helm_file *)a)->name, ((const struct helm_file *)b)->name);
}

// The digest of a listing: one line a file, with its length and digest.
const char *helm_digest_files(struct arena *arena, const struct helm_files *files) {
    SCRATCH_ARENA(scratch);
    struct buf listing;
    struct helm_file *sorted = arena_array(scratch, files->count + 1, sizeof *sorted);
    buf_init(&listing, scratch);
    for (size_t i = 0; i < files->count; i++)
        sorted[i] = files->items[i];
    if (files->count)
        qsort(sorted, files->count, sizeof *sorted, by_name);
    for (size_t i = 0; i < files->count; i++)
        buf_printf(&listing, "%s %zu %s\n", sorted[i].name, sorted[i].len,
                   crypto_digest_hex(scratch, CRYPTO_SHA256, sorted[i].data, sorted[i].len));
    return crypto_content_digest(arena, buf_text(&listing), listing.len);
}
