// SPDX-License-Identifier: Apache-2.0
// Naming versions that there are, in place of one that there is not.
#include "base/buf.h"
#include "repo/private.h"

enum { SHOWN = 8, NEWER_SHOWN = 4 };

// Where in the list the versions start that are shown.
static size_t first_shown(struct arena *arena, const struct repo_version *versions, size_t count,
                          const char *wanted) {
    struct semver version;
    struct err ignored = err_in(arena);
    size_t newer = 0;
    if (count <= SHOWN || !wanted || !semver_parse(arena, wanted, &version, &ignored))
        return 0;
    while (newer < count && semver_compare(&versions[newer].parsed, &version) > 0)
        newer++;
    size_t first = newer > NEWER_SHOWN ? newer - NEWER_SHOWN : 0;
    return first + SHOWN > count ? count - SHOWN : first;
}

const char *repo_versions_text(struct arena *arena, const struct repo_version *versions, size_t count,
                               const char *wanted) {
    size_t first = first_shown(arena, versions, count, wanted);
    struct buf text;
    buf_init(&text, arena);
    if (first)
        buf_str(&text, "…, ");
    for (size_t i = first; i < count && i < first + SHOWN; i++)
        buf_printf(&text, "%s%s", i > first ? ", " : "", versions[i].text);
    if (first + SHOWN < count)
        buf_str(&text, ", …");
    if (count > SHOWN)
        buf_str(&text, " (newest first)");
    return count ? buf_text(&text) : "no version of it";
}
