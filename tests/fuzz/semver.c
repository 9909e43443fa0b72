// SPDX-License-Identifier: Apache-2.0
// "constraint\nversion": whatever parses prints a normal form equal to itself.
#include "go/semver.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct semver version, again;
    char *text = arena_strndup(arena, (const char *)data, size), *newline = strchr(text, '\n');
    if (newline)
        *newline = 0;
    const struct semver_constraint *constraint =
        semver_constraint_parse(arena, text, size & 1 ? SEMVER_PRE_BY_TERM : SEMVER_PRE_BY_GROUP, &err);
    const char *written = newline ? newline + 1 : text;
    semver_parse_strict(arena, written, &again, &err);
    if (!semver_parse(arena, written, &version, &err))
        return 0;
    const char *normal = semver_text(arena, &version);
    // "1-a" is "1.0.0-a" in full, so the longest versions have a normal form that is too long to be read
    if (strlen(normal) <= SEMVER_MAX_LEN &&
        (!semver_parse(arena, normal, &again, &err) || semver_compare(&version, &again) != 0))
        abort();
    if (constraint)
        semver_constraint_check(constraint, &version);
    return 0;
}
