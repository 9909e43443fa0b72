// SPDX-License-Identifier: Apache-2.0
#include "wandb/hierarchy.h"

#include "value/path.h"

#include <string.h>

struct merge {
    struct arena *arena;
    const struct hierarchy_level *levels;
    size_t lower; // index of the level being merged in
    struct hierarchy_finding *findings;
    size_t count, cap;
    bool fatal;
};

// The kinds Go sees after encoding/json: every number is a float64.
static int go_kind(struct value v) {
    return value_is_number(v) ? VALUE_FLOAT : value_kind(v);
}

// The highest level that has this path; the one a reader has to look at.
static const char *owner(struct merge *merge, const char *path) {
    const struct path_step *steps;
    size_t count;
    struct err err = err_in(merge->arena);
    struct value ignored;
    if (path_parse(merge->arena, path, &steps, &count, &err))
        for (size_t i = 0; i < merge->lower; i++)
            if (path_get(merge->levels[i].values, steps, count, &ignored))
                return merge->levels[i].name;
    return merge->levels[0].name;
}

static void report(struct merge *merge, enum hierarchy_finding_kind kind, const struct path *path,
                   struct value high, struct value low) {
    if (merge->count == merge->cap) {
        size_t cap = merge->cap ? merge->cap * 2 : 8;
        merge->findings = arena_grow(merge->arena, merge->findings, merge->cap * sizeof *merge->findings,
                                     cap * sizeof *merge->findings);
        merge->cap = cap;
    }
    const char *text = path_text(merge->arena, path);
    merge->findings[merge->count++] = (struct hierarchy_finding){
        kind, text, owner(merge, text), merge->levels[merge->lower].name, high, low};
    merge->fatal |= kind == HIERARCHY_MISMATCH || kind == HIERARCHY_NULL;
}

static struct value merge_values(struct merge *merge, const struct path *path, struct value high,
                                 struct value low);

static struct value merge_maps(struct merge *merge, const struct path *path, struct value high,
                               struct value low) {
    size_t total = value_len(high) + value_len(low), count = 0, i = 0, j = 0;
    struct value_entry *entries = arena_array(merge->arena, total, sizeof *entries);
    while (i < value_len(high) || j < value_len(low)) {
        const struct value_entry *h = value_entry_at(high, i), *l = value_entry_at(low, j);
        int order = !h ? 1 : !l ? -1 : strcmp(h->key, l->key);
        entries[count] = order <= 0 ? *h : *l;
        if (order == 0) {
            struct path here = {path, {.key = h->key}};
            entries[count].value = merge_values(merge, &here, h->value, l->value);
        }
        count++;
        i += order <= 0;
        j += order >= 0;
    }
    return value_map(merge->arena, entries, count);
}

static struct value append_lists(struct merge *merge, const struct path *path, struct value high,
                                 struct value low) {
    if (value_len(low))
        report(merge, HIERARCHY_APPENDED, path, high, low);
    struct value *items = arena_array(merge->arena, value_len(high) + value_len(low), sizeof *items);
    for (size_t i = 0; i < value_len(high); i++)
        items[i] = value_at(high, i);
    for (size_t i = 0; i < value_len(low); i++)
        items[value_len(high) + i] = value_at(low, i);
    return value_list(merge->arena, items, value_len(high) + value_len(low));
}

static struct value merge_values(struct merge *merge, const struct path *path, struct value high,
                                 struct value low) {
    high = value_untyped(high);
    low = value_untyped(low);
    if (value_kind(high) == VALUE_UNKNOWN || value_kind(low) == VALUE_UNKNOWN)
        return value_unknown();
    if (value_is_null(high) || value_is_null(low)) {
        report(merge, HIERARCHY_NULL, path, high, low);
    } else if (go_kind(high) != go_kind(low)) {
        report(merge, HIERARCHY_MISMATCH, path, high, low);
    } else if (value_kind(high) == VALUE_MAP) {
        return merge_maps(merge, path, high, low);
    } else if (value_kind(high) == VALUE_LIST) {
        return append_lists(merge, path, high, low);
    } else if (!value_equal(high, low)) {
        report(merge, HIERARCHY_SHADOWED, path, high, low);
    }
    return high;
}

struct hierarchy hierarchy_merge(struct arena *arena, const struct hierarchy_level *levels, size_t count) {
    struct merge merge = {.arena = arena, .levels = levels};
    struct value merged = value_null();
    for (; merge.lower < count; merge.lower++) {
        struct value low = value_untyped(levels[merge.lower].values);
        if (value_is_null(low))
            continue;
        merged = value_is_null(merged) ? low : merge_values(&merge, NULL, merged, low);
    }
    return (struct hierarchy){merged, merge.findings, merge.count, merge.fatal};
}

bool hierarchy_merge_values(struct arena *arena, const struct hierarchy_level *levels, size_t count,
                            struct value *out, struct err *err) {
    struct hierarchy hierarchy = hierarchy_merge(arena, levels, count);
    *out = hierarchy.merged;
    for (size_t i = 0; i < hierarchy.count; i++) {
        const struct hierarchy_finding *f = &hierarchy.findings[i];
        const char *path = *f->path ? f->path : "the top";
        if (f->kind == HIERARCHY_NULL)
            return err_set(err, ERR_INVALID,
                           "null meets a %s at %s (%s over %s): the operator would panic; remove the key",
                           value_kind_name(value_is_null(f->high) ? f->low : f->high), path, f->higher,
                           f->lower);
        if (f->kind == HIERARCHY_MISMATCH)
            return err_set(err, ERR_INVALID,
                           "%s is a %s in %s and a %s in %s: the operator cannot merge them; write a %s",
                           path, value_kind_name(f->high), f->higher, value_kind_name(f->low), f->lower,
                           value_kind_name(f->low));
    }
    return true;
}
