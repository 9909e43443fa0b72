// SPDX-License-Identifier: Apache-2.0
// "pattern\nname": .Files' globs and filepath.Match, which must agree where both know the pattern's signs.
#include "helm/glob.h"
#include "helm/private.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    const uint8_t *line = memchr(data, '\n', size);
    if (!line || size > 4096)
        return 0;
    const char *pattern = arena_strndup(arena, (const char *)data, (size_t)(line - data));
    const char *name = arena_strndup(arena, (const char *)line + 1, size - (size_t)(line - data) - 1);
    struct glob *glob = glob_compile(arena, pattern);
    bool matched = glob && glob_match(glob, name);
    int path = go_path_match(pattern, name);
    bool plain = true; // signs that mean the same to both
    for (const char *p = pattern; *p; p++)
        plain &= (*p >= 'a' && *p <= 'z') || *p == '/' || (*p == '*' && p[1] != '*');
    if (plain && glob && matched != (path > 0))
        abort();
    return 0;
}
