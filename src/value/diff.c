// SPDX-License-Identifier: Apache-2.0
#include "value/diff.h"

#include <string.h>

struct walk {
    struct arena *arena;
    bool null_is_absent;
    struct difference *items;
    size_t count, cap;
};

static void report(struct walk *walk, enum diff_kind kind, const struct path *path, struct value wanted,
                   struct value found) {
    if (walk->count == walk->cap) {
        size_t cap = walk->cap ? walk->cap * 2 : 8;
        walk->items =
            arena_grow(walk->arena, walk->items, walk->cap * sizeof *walk->items, cap * sizeof *walk->items);
        walk->cap = cap;
    }
    walk->items[walk->count++] = (struct difference){kind, path_text(walk->arena, path), wanted, found};
}

static void compare(struct walk *walk, const struct path *path, struct value wanted, struct value found);

static void only_one(struct walk *walk, const struct path *path, enum diff_kind kind, struct value v) {
    if (walk->null_is_absent && value_is_null(v))
        return;
    bool added = kind == DIFF_ADDED;
    report(walk, kind, path, added ? value_null() : v, added ? v : value_null());
}

// Both maps are sorted, so one merge pass meets every key once.
static void compare_maps(struct walk *walk, const struct path *path, struct value wanted,
                         struct value found) {
    size_t i = 0, j = 0;
    while (i < value_len(wanted) || j < value_len(found)) {
        const struct value_entry *w = value_entry_at(wanted, i), *f = value_entry_at(found, j);
        int order = !w ? 1 : !f ? -1 : strcmp(w->key, f->key);
        struct path here = {path, {.key = order <= 0 ? w->key : f->key}};
        if (order == 0)
            compare(walk, &here, w->value, f->value);
        else if (order < 0)
            only_one(walk, &here, DIFF_REMOVED, w->value);
        else
            only_one(walk, &here, DIFF_ADDED, f->value);
        i += order <= 0;
        j += order >= 0;
    }
}

static void compare_lists(struct walk *walk, const struct path *path, struct value wanted,
                          struct value found) {
    size_t n = value_len(wanted), m = value_len(found);
    for (size_t i = 0; i < n || i < m; i++) {
        struct path here = {path, {.index = i}};
        if (i >= m)
            report(walk, DIFF_REMOVED, &here, value_at(wanted, i), value_null());
        else if (i >= n)
            report(walk, DIFF_ADDED, &here, value_null(), value_at(found, i));
        else
            compare(walk, &here, value_at(wanted, i), value_at(found, i));
    }
}

static void compare(struct walk *walk, const struct path *path, struct value wanted, struct value found) {
    wanted = value_untyped(wanted);
    found = value_untyped(found);
    if (value_kind(wanted) == VALUE_MAP && value_kind(found) == VALUE_MAP) {
        compare_maps(walk, path, wanted, found);
    } else if (value_kind(wanted) == VALUE_LIST && value_kind(found) == VALUE_LIST) {
        compare_lists(walk, path, wanted, found);
    } else if (!value_equal(wanted, found)) {
        enum diff_kind kind = DIFF_CHANGED;
        if (walk->null_is_absent && value_is_null(wanted))
            kind = DIFF_ADDED;
        if (walk->null_is_absent && value_is_null(found))
            kind = DIFF_REMOVED;
        report(walk, kind, path, wanted, found);
    }
}

struct diff diff_values(struct arena *arena, struct value wanted, struct value found, const char *prefix,
                        bool null_is_absent) {
    struct walk walk = {.arena = arena, .null_is_absent = null_is_absent};
    struct path root = {NULL, {.key = prefix}};
    compare(&walk, *prefix ? &root : NULL, wanted, found);
    return (struct diff){walk.items, walk.count};
}
