// SPDX-License-Identifier: Apache-2.0
#include "funcs/merge.h"

enum { MAX_DEPTH = 1000 };

struct merging {
    struct rt *rt;
    bool overwrite;
    bool refused;
    int depth;
};

static bool is_map(struct rv v) {
    return rv_kind(v) == RV_MAP;
}

static bool merge_into(struct merging *m, struct rv to, struct rv from);

// What a reference in `from` (map, struct or pointer) does to the value already there; only maps
// and two structs of unlike types matter, as values in a map cannot be assigned in place.
static bool merge_element(struct merging *m, struct rv to, struct rv from) {
    if (is_map(to))
        return !is_map(from) || !rv_under(to).u.map || merge_into(m, to, from);
    m->refused |= rv_kind(to) == RV_POINTER && rv_kind(from) != RV_POINTER && !m->overwrite;
    return true;
}

// What a map can hold is bounded by its type: only interface {} takes everything.
static bool assign(struct merging *m, struct rv to, const struct rmap_entry *entry, bool from_iface) {
    enum rv_type elem = (enum rv_type)rv_types[to.type].elem;
    if (elem != RT_NIL && (from_iface || entry->value.type != elem))
        return rt_fail(m->rt, "reflect.Value.SetMapIndex: value of type %s is not assignable to type %s",
                       from_iface ? "interface {}" : rv_type_name(entry->value), rv_types[elem].name);
    if (!to.u.map)
        return rt_fail(m->rt, "assignment to entry in nil map");
    rmap_set(to.u.map, entry->key, entry->len, entry->value);
    return true;
}

// Slices and values: taken when overwriting, or when there is nothing yet.
static bool merge_entry(struct merging *m, struct rv to, struct rv map, const struct rmap_entry *entry) {
    struct rv there = rv_nil(), from = entry->value;
    bool from_iface = rv_types[map.type].elem == RT_NIL;
    bool exists = rmap_get(to.u.map, entry->key, entry->len, &there);
    if (from.type == RT_NIL)
        return !m->overwrite || assign(m, to, entry, from_iface);
    enum rv_kind kind = rv_kind(from);
    if ((kind == RV_MAP || kind == RV_STRUCT || kind == RV_POINTER) && !merge_element(m, there, from))
        return false;
    if (m->refused)
        return true;
    bool filled = exists && rv_truth(there);
    if (filled)
        rmap_has(map.u.map, entry->key, entry->len); // the two were compared, so it was looked at
    if (filled && is_map(from) && is_map(there))
        return true;
    return (filled && !m->overwrite) || assign(m, to, entry, from_iface);
}

static bool merge_into(struct merging *m, struct rv to, struct rv from) {
    to = rv_under(to);
    from = rv_under(from);
    if (++m->depth > MAX_DEPTH)
        return rt_fail_limit(m->rt, "merge: maps nested more than %d deep (or holding themselves)",
                             MAX_DEPTH);
    struct rmap_walk walk = rmap_walk_unseen(from.u.map);
    if (!rt_spend(m->rt, walk.count + 1))
        return false;
    for (size_t i = 0; i < walk.count && !m->refused; i++) {
        if (!merge_entry(m, to, from, &walk.entries[i]))
            return false;
    }
    m->depth--;
    return true;
}

bool merge_maps(struct rt *rt, struct rmap **to, struct rmap *from, bool overwrite, bool *refused) {
    struct merging m = {rt, overwrite, false, 0};
    if (!from)
        return true;
    if (!*to)
        *to = rmap_create(rt->heap, rmap_len(from));
    bool done = merge_into(&m, rv_map(RT_MAP, *to), rv_map(RT_MAP, from));
    *refused = m.refused;
    return done;
}

static bool copy(struct rt *rt, struct rv v, int depth, struct rv *out);

static bool copy_slice(struct rt *rt, struct rv v, int depth, struct rv *out) {
    *out = v;
    if (v.type == RT_BYTES || !v.u.items)
        return true;
    if (!rt_spend(rt, v.len))
        return false;
    struct rv *items = rv_items(rt->heap, v.len);
    for (size_t i = 0; i < v.len; i++) {
        if (!copy(rt, v.u.items[i], depth, &items[i]))
            return false;
    }
    *out = rv_slice((enum rv_type)v.type, items, v.len);
    return true;
}

static bool copy_map(struct rt *rt, struct rv v, int depth, struct rv *out) {
    *out = v;
    if (!v.u.map)
        return true;
    struct rmap_walk walk = rmap_walk_unseen(v.u.map);
    if (!rt_spend(rt, walk.count))
        return false;
    struct rmap *map = rmap_create(rt->heap, walk.count);
    for (size_t i = 0; i < walk.count; i++) {
        struct rv item;
        if (!copy(rt, walk.entries[i].value, depth, &item))
            return false;
        rmap_set(map, walk.entries[i].key, walk.entries[i].len, item);
    }
    *out = rv_map((enum rv_type)v.type, map);
    return true;
}

// Objects are shared, as nothing in a template can change them; but Go's copy of one whose fields
// it cannot see is blank.
static struct rv copy_object(struct rt *rt, struct rv v) {
    if (!v.u.object->class->blank)
        return v;
    struct robject *object = arena_memdup(rt->heap->arena, v.u.object, sizeof *object);
    object->data = object->class->blank;
    return rv_object(object);
}

static bool copy(struct rt *rt, struct rv v, int depth, struct rv *out) {
    *out = v;
    if (depth > MAX_DEPTH)
        return rt_fail_limit(rt, "deepCopy: value nested more than %d deep (or holding itself)", MAX_DEPTH);
    if (v.type == RT_OBJECT)
        *out = copy_object(rt, v);
    else if (rv_kind(v) == RV_MAP)
        return copy_map(rt, v, depth + 1, out);
    else if (rv_kind(v) == RV_SLICE)
        return copy_slice(rt, v, depth + 1, out);
    return true;
}

bool merge_copy(struct rt *rt, struct rv v, struct rv *out) {
    return copy(rt, v, 0, out);
}
