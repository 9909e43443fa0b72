// SPDX-License-Identifier: Apache-2.0
#include "repo/tags.h"

#include "base/buf.h"
#include "base/list.h"

#include <stdlib.h>

enum { TAGS_SHOWN = 8 };

const char *tags_version(struct arena *arena, const char *tag) {
    char *version = arena_strdup(arena, tag);
    for (char *c = version; *c; c++)
        if (*c == '_')
            *c = '+';
    return version;
}

static int newest_first(const void *a, const void *b) {
    return semver_compare(&((const struct tag *)b)->version, &((const struct tag *)a)->version);
}

void tags_add(struct arena *arena, struct value list, struct tags *tags) {
    for (size_t i = 0; i < value_len(list); i++) {
        struct tag tag = {.text = value_get_string(value_at(list, i))};
        struct err ignored = err_in(arena);
        const char *version = tag.text ? tags_version(arena, tag.text) : "";
        if (semver_parse_strict(arena, version, &tag.version, &ignored))
            *LIST_ADD(arena, tags->items, tags->count) = tag;
        else if (semver_parse(arena, version, &tag.version, &ignored))
            *LIST_ADD(arena, tags->loose, tags->loose_count) = tag;
    }
}

void tags_sort(struct tags *tags) {
    if (tags->count)
        qsort(tags->items, tags->count, sizeof *tags->items, newest_first);
    if (tags->loose_count)
        qsort(tags->loose, tags->loose_count, sizeof *tags->loose, newest_first);
}

static void put_tags(struct buf *out, const struct tag *tags, size_t count) {
    for (size_t i = 0; i < count && i < TAGS_SHOWN; i++)
        buf_printf(out, "%s%s", i ? ", " : "", tags_version(out->arena, tags[i].text));
    if (count > TAGS_SHOWN)
        buf_str(out, ", … (newest first)");
}

const char *tags_text(struct arena *arena, const struct tags *tags) {
    struct buf text;
    buf_init(&text, arena);
    put_tags(&text, tags->items, tags->count);
    if (!tags->count)
        buf_str(&text, "no version of it");
    if (!tags->count && tags->loose_count) {
        buf_str(&text, ", only tags that count where version names one to the letter: ");
        put_tags(&text, tags->loose, tags->loose_count);
    }
    return buf_text(&text);
}

const char *tags_same(struct arena *arena, const struct tags *tags, const char *wanted) {
    struct semver version;
    struct err ignored = err_in(arena);
    for (size_t i = 0; semver_parse(arena, wanted, &version, &ignored) && i < tags->loose_count; i++)
        if (!semver_compare(&tags->loose[i].version, &version))
            return tags_version(arena, tags->loose[i].text);
    return NULL;
}
