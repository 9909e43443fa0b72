// SPDX-License-Identifier: Apache-2.0
// "text of a .helmignore\0path\0path…": a path that is a rule itself, without any sign, is ignored.
#include "helm/private.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Letters, digits and slashes between them mean themselves.
static bool is_literal(const char *path) {
    size_t len = strlen(path);
    return len && strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789/.") == len && *path != '/' &&
           path[len - 1] != '/';
}

static bool is_a_line_of(const char *text, const char *path) {
    size_t len = strlen(path);
    for (const char *line = text; *line; line += *line == '\n') {
        if (!strncmp(line, path, len) && (line[len] == '\n' || !line[len]))
            return true;
        line += strcspn(line, "\n");
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    if (size > 4096)
        return 0;
    struct err err = err_in(arena);
    struct ignore_rules *rules = ignore_create(arena);
    const char *end = (const char *)data + size, *text = arena_strndup(arena, (const char *)data, size);
    size_t len = strlen(text);
    if (!ignore_read(arena, rules, text, len, &err)) {
        if (err.kind == ERR_NONE)
            abort();
        return 0;
    }
    for (const char *path = (const char *)data + len + 1; path < end;
         path += strnlen(path, (size_t)(end - path)) + 1) {
        const char *name = arena_strndup(arena, path, strnlen(path, (size_t)(end - path)));
        bool ignored = ignore_matches(rules, name, false);
        ignore_matches(rules, name, true);
        if (!ignored && is_literal(name) && is_a_line_of(text, name))
            abort();
    }
    return 0;
}
