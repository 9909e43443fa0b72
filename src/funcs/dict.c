// SPDX-License-Identifier: Apache-2.0
// sprig's dictionaries. Maps are references: set and unset change the one they are given.
#include "funcs/cast.h"
#include "funcs/merge.h"
#include "funcs/private.h"

#include <string.h>

static bool give_map(struct rv *out, struct rmap *map) {
    *out = rv_map(RT_MAP, map);
    return true;
}

static bool dict(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rmap *map = rmap_create(rt->heap, (count + 1) / 2);
    if (!rt_spend(rt, count))
        return false;
    for (size_t i = 0; i < count; i += 2) {
        struct rv key;
        if (!cast_text(rt, args[i], &key))
            return false;
        rmap_set(map, key.u.text, key.len, i + 1 < count ? args[i + 1] : rv_literal(""));
    }
    return give_map(out, map);
}

static bool get(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (!rmap_get(args[0].u.map, args[1].u.text, args[1].len, out))
        *out = rv_literal("");
    return true;
}

static bool set(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (!args[0].u.map)
        return rt_fail(rt, "assignment to entry in nil map");
    rmap_set(args[0].u.map, args[1].u.text, args[1].len, args[2]);
    *out = args[0];
    return true;
}

static bool unset(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (args[0].u.map)
        rmap_delete(args[0].u.map, args[1].u.text, args[1].len);
    *out = args[0];
    return true;
}

static bool has_key(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_bool(rmap_has(args[0].u.map, args[1].u.text, args[1].len));
    return true;
}

static bool pluck(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv *items = rv_items(rt->heap, count);
    size_t found = 0;
    for (size_t i = 1; i < count; i++)
        found += rmap_get(args[i].u.map, args[0].u.text, args[0].len, &items[found]);
    *out = rv_slice(RT_LIST, items, found);
    return true;
}

// Go's order is random; ours is by bytes.
static bool keys(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    size_t len = 0, at = 0;
    for (size_t i = 0; i < count; i++)
        len += rmap_len(args[i].u.map);
    if (!rt_spend(rt, len))
        return false;
    struct rv *items = rv_items(rt->heap, len);
    for (size_t i = 0; i < count; i++) {
        struct rmap_walk walk = rmap_walk(args[i].u.map);
        for (size_t k = 0; k < walk.count; k++)
            items[at++] = rv_string(walk.entries[k].key, walk.entries[k].len);
    }
    *out = rv_slice(RT_STRINGS, items, len);
    return true;
}

static bool values(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rmap_walk walk = rmap_walk(args[0].u.map);
    if (!rt_spend(rt, walk.count))
        return false;
    struct rv *items = rv_items(rt->heap, walk.count);
    for (size_t i = 0; i < walk.count; i++)
        items[i] = walk.entries[i].value;
    *out = rv_slice(RT_LIST, items, walk.count);
    return true;
}

static bool pick(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rmap *map = rmap_create(rt->heap, count);
    struct rv v;
    for (size_t i = 1; i < count; i++) {
        if (rmap_get(args[0].u.map, args[i].u.text, args[i].len, &v))
            rmap_set(map, args[i].u.text, args[i].len, v);
    }
    return give_map(out, map);
}

static bool omit(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (!rt_spend(rt, rmap_len(args[0].u.map)))
        return false;
    struct rmap *map = args[0].u.map ? rmap_copy(rt->heap, args[0].u.map) : rmap_create(rt->heap, 0);
    for (size_t i = 1; i < count; i++)
        rmap_delete(map, args[i].u.text, args[i].len);
    return give_map(out, map);
}

enum merging { MERGE_OVERWRITES = 1, MERGE_MUST = 2 };

static bool merge_all(struct rt *rt, const struct rv *args, size_t count, unsigned how, struct rv *out) {
    struct rmap *to = args[0].u.map;
    for (size_t i = 1; i < count; i++) {
        bool refused = false;
        if (!merge_maps(rt, &to, args[i].u.map, how & MERGE_OVERWRITES, &refused))
            return false;
        if (refused && (how & MERGE_MUST))
            return rt_fail(rt, "src and dst must be of same type");
        if (refused) {
            *out = rv_literal("");
            return true;
        }
    }
    return give_map(out, to);
}

static bool merge(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return merge_all(rt, args, count, 0, out);
}

static bool must_merge(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return merge_all(rt, args, count, MERGE_MUST, out);
}

static bool merge_overwrite(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return merge_all(rt, args, count, MERGE_OVERWRITES, out);
}

static bool must_merge_overwrite(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return merge_all(rt, args, count, MERGE_OVERWRITES | MERGE_MUST, out);
}

static bool deep_copy(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (args[0].type == RT_NIL)
        return rt_fail(rt, "reflect: call of reflect.Value.Type on zero Value");
    return merge_copy(rt, args[0], out);
}

// Go's words for a failed type assertion.
static bool is_not(struct rt *rt, struct rv v, const char *wanted) {
    return rt_fail(rt, "interface conversion: interface {} is %s, not %s",
                   v.type == RT_NIL ? "nil" : rv_type_name(v), wanted);
}

static bool dig(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (count < 3)
        return rt_fail(rt, "dig needs at least three arguments");
    struct rv at = args[count - 1];
    size_t keys_count = count - 2;
    if (at.type != RT_MAP)
        return is_not(rt, at, "map[string]interface {}");
    for (size_t i = 0; i < keys_count; i++) {
        if (args[i].type != RT_STRING)
            return is_not(rt, args[i], "string");
    }
    for (size_t i = 0; i < keys_count; i++) {
        if (at.type != RT_MAP)
            return is_not(rt, at, "map[string]interface {}");
        struct rmap *map = at.u.map;
        if (!rmap_get(map, args[i].u.text, args[i].len, &at)) {
            *out = args[count - 2];
            return true;
        }
    }
    *out = at;
    return true;
}

const struct rt_func funcs_dict[] = {
    {"deepCopy", "v", deep_copy, 0},
    {"dict", "v*", dict, 0},
    {"dig", "v*", dig, 0},
    {"get", "ms", get, 0},
    {"hasKey", "ms", has_key, 0},
    {"keys", "m*", keys, 0},
    {"merge", "mm*", merge, 0},
    {"mergeOverwrite", "mm*", merge_overwrite, 0},
    {"mustDeepCopy", "v", deep_copy, 0},
    {"mustMerge", "mm*", must_merge, 0},
    {"mustMergeOverwrite", "mm*", must_merge_overwrite, 0},
    {"omit", "ms*", omit, 0},
    {"pick", "ms*", pick, 0},
    {"pluck", "sm*", pluck, 0},
    {"set", "msv", set, 0},
    {"unset", "ms", unset, 0},
    {"values", "m", values, 0},
    {NULL, NULL, NULL, 0},
};
