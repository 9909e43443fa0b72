// SPDX-License-Identifier: Apache-2.0
#include "repo/tags.h"

#include "base/list.h"

#include <stdlib.h>

static const char *exchanged(struct arena *arena, const char *text, char from, char to) {
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        if (*c == from)
            *c = to;
    return copy;
}

const char *tags_version(struct arena *arena, const char *tag) {
    return exchanged(arena, tag, '_', '+');
}

const char *tags_tag(struct arena *arena, const char *version) {
    return exchanged(arena, version, '+', '_');
}

static int newest_first(const void *a, const void *b) {
    return semver_compare(&((const struct repo_version *)b)->parsed,
                          &((const struct repo_version *)a)->parsed);
}

void tags_add(struct arena *arena, struct value list, struct tags *tags) {
    for (size_t i = 0; i < value_len(list); i++) {
        const char *tag = value_get_string(value_at(list, i));
        struct repo_version version = {.text = tag ? tags_version(arena, tag) : ""};
        struct err ignored = err_in(arena);
        if (semver_parse_strict(arena, version.text, &version.parsed, &ignored))
            *LIST_ADD(arena, tags->items, tags->count) = version;
        else if (semver_parse(arena, version.text, &version.parsed, &ignored))
            *LIST_ADD(arena, tags->loose, tags->loose_count) = version;
    }
}

void tags_sort(struct tags *tags) {
    if (tags->count)
        qsort(tags->items, tags->count, sizeof *tags->items, newest_first);
    if (tags->loose_count)
        qsort(tags->loose, tags->loose_count, sizeof *tags->loose, newest_first);
}

const char *tags_text(struct arena *arena, const struct tags *tags, const char *wanted) {
    const char *text = repo_versions_text(arena, tags->items, tags->count, wanted);
    if (tags->count || !tags->loose_count)
        return text;
    return arena_printf(arena, "%s, only tags that count where version names one to the letter: %s", text,
                        repo_versions_text(arena, tags->loose, tags->loose_count, wanted));
}

const char *tags_same(struct arena *arena, const struct tags *tags, const char *wanted) {
    struct semver version;
    struct err ignored = err_in(arena);
    for (size_t i = 0; semver_parse(arena, wanted, &version, &ignored) && i < tags->loose_count; i++)
        if (!semver_compare(&tags->loose[i].parsed, &version))
            return tags->loose[i].text;
    return NULL;
}
