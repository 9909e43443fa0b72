// SPDX-License-Identifier: Apache-2.0
#include "value/retain.h"

#include "value/walk.h"

static const struct type *child_type(const struct type *type, const char *key, size_t index) {
    if (!type)
        return NULL;
    switch (type->kind) {
    case TYPE_LIST:
    case TYPE_SET:
    case TYPE_MAP: return type->elem;
    case TYPE_OBJECT: return key ? type_attr(type, key) : NULL;
    case TYPE_TUPLE: return !key && index < type->count ? type->attrs[index].type : NULL;
    default: return NULL;
    }
}

static bool same_numbers(struct value prior, struct value live) {
    if (value_equal(prior, live))
        return true;
    bool both_int = value_kind(prior) == VALUE_INT && value_kind(live) == VALUE_INT;
    return !both_int && value_get_float(prior) == value_get_float(live);
}

static bool same_maps(const struct type *type, struct value prior, struct value live) {
    for (struct map_walk at = map_walk(prior, live); map_walk_next(&at);) {
        const struct value_entry *only = at.left ? at.left : at.right;
        if (at.left && at.right
                ? !value_same_stored(child_type(type, at.key, 0), at.left->value, at.right->value)
                : !value_is_null(value_untyped(only->value)))
            return false;
    }
    return true;
}

// Sets are small; each element takes one unused partner.
static bool same_sets(const struct type *elem, struct value prior, struct value live) {
    SCRATCH_ARENA(scratch);
    bool *used = arena_array(scratch, value_len(live) + 1, sizeof *used);
    for (size_t i = 0; i < value_len(prior); i++) {
        size_t j = 0;
        while (j < value_len(live) &&
               (used[j] || !value_same_stored(elem, value_at(prior, i), value_at(live, j))))
            j++;
        if (j == value_len(live))
            return false;
        used[j] = true;
    }
    return true;
}

bool value_same_stored(const struct type *type, struct value prior, struct value live) {
    if (value_type_of(prior))
        type = value_type_of(prior);
    prior = value_untyped(prior);
    live = value_untyped(live);
    if (value_is_number(prior) && value_is_number(live))
        return same_numbers(prior, live);
    if (value_kind(prior) != value_kind(live))
        return false;
    if (value_kind(prior) == VALUE_MAP)
        return same_maps(type, prior, live);
    if (value_kind(prior) != VALUE_LIST)
        return value_equal(prior, live);
    if (value_len(prior) != value_len(live))
        return false;
    if (type && type->kind == TYPE_SET)
        return same_sets(type->elem, prior, live);
    for (size_t i = 0; i < value_len(prior); i++)
        if (!value_same_stored(child_type(type, NULL, i), value_at(prior, i), value_at(live, i)))
            return false;
    return true;
}

static struct value retain(struct arena *arena, const struct type *type, struct value prior,
                           struct value live);

static struct value retain_map(struct arena *arena, const struct type *type, struct value prior,
                               struct value live) {
    size_t count = 0;
    struct value_entry *entries = arena_array(arena, value_len(prior) + value_len(live), sizeof *entries);
    for (struct map_walk at = map_walk(prior, live); map_walk_next(&at);) {
        if (at.left && at.right)
            entries[count++] = (struct value_entry){
                at.key, retain(arena, child_type(type, at.key, 0), at.left->value, at.right->value)};
        else if (at.right)
            entries[count++] = *at.right;
        else if (value_is_null(value_untyped(at.left->value)))
            entries[count++] = *at.left;
    }
    return value_map(arena, entries, count);
}

static struct value retain(struct arena *arena, const struct type *type, struct value prior,
                           struct value live) {
    if (value_type_of(prior))
        type = value_type_of(prior);
    if (value_same_stored(type, prior, live))
        return value_untyped(prior);
    prior = value_untyped(prior);
    if (value_kind(prior) == VALUE_MAP && value_kind(live) == VALUE_MAP)
        return retain_map(arena, type, prior, live);
    if (value_kind(prior) != VALUE_LIST || value_kind(live) != VALUE_LIST)
        return live;
    struct value *items = arena_array(arena, value_len(live), sizeof *items);
    for (size_t i = 0; i < value_len(live); i++)
        items[i] = i < value_len(prior)
                       ? retain(arena, child_type(type, NULL, i), value_at(prior, i), value_at(live, i))
                       : value_at(live, i);
    return value_list(arena, items, value_len(live));
}

struct value value_retain(struct arena *arena, struct value prior, struct value live) {
    const struct type *type = value_type_of(prior);
    if (value_same_stored(type, prior, live))
        return prior;
    struct value kept = retain(arena, type, prior, live);
    return type ? value_typed(arena, type_near(arena, type, kept), kept) : kept;
}
