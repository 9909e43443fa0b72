// SPDX-License-Identifier: Apache-2.0
// "pattern\nreplacement\ntext": every way a template uses a pattern.
#include "go/regexp.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *line(const char **at, const char *end, size_t *len) {
    const char *start = *at, *newline = memchr(start, '\n', (size_t)(end - start));
    *len = (size_t)((newline ? newline : end) - start);
    *at = newline ? newline + 1 : end;
    return start;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *at = (const char *)data, *end = at + size;
    size_t pattern_len, by_len;
    if (!size || size > 4096)
        return 0;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    const char *pattern = line(&at, end, &pattern_len), *by = line(&at, end, &by_len);
    REGEXP regex = regexp_open(pattern, pattern_len, &err);
    if (!regex)
        return 0;
    struct regexp_walk walk = regexp_start(regex, at, (size_t)(end - at));
    struct regexp_span match;
    while (regexp_next(&walk, &match))
        continue;
    struct buf out;
    buf_init(&out, arena);
    regexp_replace(regex, &out, cursor_over(at, (size_t)(end - at)),
                   (struct regexp_replacement){cursor_over(by, by_len), false}, 1 << 20);
    regexp_quote(&out, pattern, pattern_len);
    return 0;
}
