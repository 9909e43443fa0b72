// SPDX-License-Identifier: Apache-2.0
#include "value/diff.h"

#include "base/list.h"
#include "value/walk.h"

struct walk {
    struct arena *arena;
    bool null_is_absent;
    struct difference *items;
    size_t count;
};

static void report(struct walk *walk, enum diff_kind kind, const struct path *path, struct value wanted,
                   struct value found) {
    *LIST_ADD(walk->arena, walk->items, walk->count) =
        (struct difference){kind, path_text(walk->arena, path), wanted, found};
}

static void compare(struct walk *walk, const struct path *path, struct value wanted, struct value found);

static void only_one(struct walk *walk, const struct path *path, enum diff_kind kind, struct value v) {
    if (walk->null_is_absent && value_is_null(v))
        return;
    bool added = kind == DIFF_ADDED;
    report(walk, kind, path, added ? value_null() : v, added ? v : value_null());
}

static void compare_maps(struct walk *walk, const struct path *path, struct value wanted,
                         struct value found) {
    for (struct map_walk at = map_walk(wanted, found); map_walk_next(&at);) {
        struct path here = {path, {.key = at.key}};
        if (at.left && at.right)
            compare(walk, &here, at.left->value, at.right->value);
        else if (at.left)
            only_one(walk, &here, DIFF_REMOVED, at.left->value);
        else
            only_one(walk, &here, DIFF_ADDED, at.right->value);
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
