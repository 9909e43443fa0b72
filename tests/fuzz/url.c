// SPDX-License-Identifier: Apache-2.0
// A base and a reference, split at the first newline: parsing, putting together again, resolving, joining,
// escaping. What was put together must parse to the same text.
#include "http/url.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const char *same_again(struct arena *arena, const char *text) {
    struct err err = err_in(arena);
    struct url url;
    if (!url_parse(arena, text, &url, &err))
        return NULL;
    return url_text(arena, &url);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    char *text = arena_strndup(arena, (const char *)data, size);
    char *reference = strchr(text, '\n');
    if (reference)
        *reference++ = '\0';
    const char *once = same_again(arena, text), *out;
    const char *twice = once ? same_again(arena, once) : NULL;
    if (once && strncmp(once, "//", 2) && (!twice || strcmp(once, twice)))
        abort();
    if (reference)
        url_resolve(arena, text, reference, &out, &err);
    url_join(arena, text, reference ? reference : "index.yaml");
    url_escape(arena, text);
    url_same_origin(arena, text, reference ? reference : text);
    return 0;
}
