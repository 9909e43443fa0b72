// SPDX-License-Identifier: Apache-2.0
// sprig's lists. Every function has a must form that says the same on failure.
#include "funcs/cast.h"
#include "funcs/private.h"

#include <math.h>
#include <string.h>

static bool nil_panic(struct rt *rt) {
    return rt_fail(rt, "runtime error: invalid memory address or nil pointer dereference");
}

// The list an argument is, or the function's complaint.
static bool as_list(struct rt *rt, struct rv v, const char *complaint, struct rv *list) {
    if (v.type == RT_NIL)
        return nil_panic(rt);
    return cast_slice(v, list) || rt_fail(rt, "%s %s", complaint, rv_kind_name(v));
}

static bool give_list(struct rv *out, struct rv *items, size_t len) {
    *out = rv_slice(RT_LIST, items, len);
    return true;
}

// Room for `len` elements, accounted for; NULL when the limits are spent.
static struct rv *new_items(struct rt *rt, size_t len) {
    return rt_spend(rt, len) ? rv_items(rt->heap, len) : NULL;
}

static void copy_items(struct rv *to, struct rv list, size_t from, size_t count) {
    for (size_t i = 0; i < count; i++)
        to[i] = rv_item(list, from + i);
}

static bool list_of(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv *items = new_items(rt, count);
    if (!items)
        return false;
    if (count)
        memcpy(items, args, count * sizeof *items);
    return give_list(out, items, count);
}

static bool push(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv list, *items;
    if (!as_list(rt, args[0], "Cannot push on type", &list) || !(items = new_items(rt, rv_len(list) + 1)))
        return false;
    copy_items(items, list, 0, rv_len(list));
    items[rv_len(list)] = args[1];
    return give_list(out, items, rv_len(list) + 1);
}

static bool prepend(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv list, *items;
    if (!as_list(rt, args[0], "Cannot prepend on type", &list) || !(items = new_items(rt, rv_len(list) + 1)))
        return false;
    items[0] = args[1];
    copy_items(items + 1, list, 0, rv_len(list));
    return give_list(out, items, rv_len(list) + 1);
}

static bool first(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv list;
    if (!as_list(rt, args[0], "Cannot find first on type", &list))
        return false;
    *out = rv_len(list) ? rv_item(list, 0) : rv_nil();
    return true;
}

static bool last(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv list;
    if (!as_list(rt, args[0], "Cannot find last on type", &list))
        return false;
    *out = rv_len(list) ? rv_item(list, rv_len(list) - 1) : rv_nil();
    return true;
}

// The list without its first or its last element; of an empty list a nil one (null in JSON).
static bool without_one(struct rt *rt, struct rv list, size_t from, struct rv *out) {
    if (!rv_len(list))
        return give_list(out, NULL, 0);
    size_t len = rv_len(list) - 1;
    struct rv *items = new_items(rt, len);
    if (!items)
        return false;
    copy_items(items, list, from, len);
    return give_list(out, items, len);
}

static bool rest(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv list;
    return as_list(rt, args[0], "Cannot find rest on type", &list) && without_one(rt, list, 1, out);
}

static bool initial(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv list;
    return as_list(rt, args[0], "Cannot find initial on type", &list) && without_one(rt, list, 0, out);
}

static bool reverse(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv list, *items;
    if (!as_list(rt, args[0], "Cannot find reverse on type", &list) || !(items = new_items(rt, rv_len(list))))
        return false;
    size_t len = rv_len(list);
    for (size_t i = 0; i < len; i++)
        items[len - 1 - i] = rv_item(list, i);
    return give_list(out, items, len);
}

static bool compact(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv list, *items;
    if (!as_list(rt, args[0], "Cannot compact on type", &list) || !(items = new_items(rt, rv_len(list))))
        return false;
    size_t kept = 0;
    for (size_t i = 0; i < rv_len(list); i++) {
        struct rv item = rv_item(list, i);
        if (rv_truth(item))
            items[kept++] = item;
    }
    return give_list(out, items, kept);
}

static bool equals(struct rt *rt, struct rv a, struct rv b, bool *out) {
    return rv_deep_equal(a, b, out) || rt_fail_cut(rt);
}

static bool holds(struct rt *rt, const struct rv *items, size_t count, struct rv v, bool *out) {
    *out = false;
    for (size_t i = 0; !*out && i < count; i++)
        if (!equals(rt, v, items[i], out))
            return false;
    return true;
}

static bool uniq(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv list, *items;
    if (!as_list(rt, args[0], "Cannot find uniq on type", &list) || !(items = new_items(rt, rv_len(list))))
        return false;
    size_t kept = 0;
    for (size_t i = 0; i < rv_len(list); i++) {
        struct rv item = rv_item(list, i);
        bool held;
        if (!rt_spend(rt, kept) || !holds(rt, items, kept, item, &held))
            return false;
        if (!held)
            items[kept++] = item;
    }
    return give_list(out, items, kept);
}

static bool without(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv list, *items;
    if (!as_list(rt, args[0], "Cannot find without on type", &list) || !(items = new_items(rt, rv_len(list))))
        return false;
    size_t kept = 0;
    for (size_t i = 0; i < rv_len(list); i++) {
        struct rv item = rv_item(list, i);
        bool held;
        if (!holds(rt, args + 1, count - 1, item, &held))
            return false;
        if (!held)
            items[kept++] = item;
    }
    return give_list(out, items, kept);
}

static bool has(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv list;
    *out = rv_bool(false);
    if (args[1].type == RT_NIL)
        return true;
    if (!as_list(rt, args[1], "Cannot find has on type", &list))
        return false;
    bool found = false;
    for (size_t i = 0; !found && i < rv_len(list); i++)
        if (!equals(rt, args[0], rv_item(list, i), &found))
            return false;
    *out = rv_bool(found);
    return true;
}

static bool slice(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv list;
    if (!as_list(rt, args[0], "list should be type of slice or array but", &list))
        return false;
    int64_t len = (int64_t)rv_len(list), start = count > 1 ? cast_int64(args[1]) : 0;
    int64_t end = count > 2 ? cast_int64(args[2]) : len;
    if (!len)
        return true;
    if (start < 0 || end < start || end > len)
        return rt_fail(rt, "reflect.Value.Slice: slice index out of bounds");
    if (list.type == RT_BYTES)
        *out = rv_bytes(list.u.text + start, (size_t)(end - start));
    else
        *out = rv_slice(list.type, list.u.items + start, (size_t)(end - start));
    return true;
}

static bool concat(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    size_t len = 0, at = 0;
    struct rv list, *items;
    for (size_t i = 0; i < count; i++) {
        if (args[i].type == RT_NIL)
            return nil_panic(rt);
        if (!cast_slice(args[i], &list))
            return rt_fail(rt, "Cannot concat type %s as list", rv_kind_name(args[i]));
        len += rv_len(list);
    }
    if (!len)
        return give_list(out, NULL, 0);
    if (!(items = new_items(rt, len)))
        return false;
    for (size_t i = 0; i < count; i++) {
        cast_slice(args[i], &list);
        copy_items(items + at, list, 0, rv_len(list));
        at += rv_len(list);
    }
    return give_list(out, items, len);
}

// The chunk count as sprig computes it, in floats; sizes of 0 and below end up in Go's panic, or in one
// chunk with the only element.
static bool count_chunks(struct rt *rt, int64_t size, size_t len, int64_t *chunks) {
    *chunks = cast_truncate(floor(((double)len - 1) / (double)size) + 1);
    if (*chunks < 0 || (*chunks > 0 && size <= 0 && !(len == 1 && size < -1)))
        return rt_fail(rt, "runtime error: makeslice: len out of range");
    return true;
}

static bool chunk(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv list, *items, *chunks;
    int64_t size = args[0].u.integer, number;
    if (!as_list(rt, args[1], "Cannot chunk type", &list) || !count_chunks(rt, size, rv_len(list), &number))
        return false;
    if (!(items = new_items(rt, rv_len(list))) || !(chunks = new_items(rt, (size_t)number)))
        return false;
    copy_items(items, list, 0, rv_len(list));
    for (int64_t i = 0; i < number; i++) {
        size_t from = (size_t)(i * size), left = rv_len(list) - from;
        chunks[i] = rv_slice(RT_LIST, items + from, left < (size_t)size ? left : (size_t)size);
    }
    *out = rv_slice(RT_LISTS, chunks, (size_t)number);
    return true;
}

const struct rt_func funcs_list[] = {
    {"append", "vv", push, 0},
    {"chunk", "iv", chunk, 0},
    {"compact", "v", compact, 0},
    {"concat", "v*", concat, 0},
    {"first", "v", first, 0},
    {"has", "vv", has, 0},
    {"initial", "v", initial, 0},
    {"last", "v", last, 0},
    {"list", "v*", list_of, 0},
    {"mustAppend", "vv", push, 0},
    {"mustChunk", "iv", chunk, 0},
    {"mustCompact", "v", compact, 0},
    {"mustFirst", "v", first, 0},
    {"mustHas", "vv", has, 0},
    {"mustInitial", "v", initial, 0},
    {"mustLast", "v", last, 0},
    {"mustPrepend", "vv", prepend, 0},
    {"mustPush", "vv", push, 0},
    {"mustRest", "v", rest, 0},
    {"mustReverse", "v", reverse, 0},
    {"mustSlice", "vv*", slice, 0},
    {"mustUniq", "v", uniq, 0},
    {"mustWithout", "vv*", without, 0},
    {"prepend", "vv", prepend, 0},
    {"push", "vv", push, 0},
    {"rest", "v", rest, 0},
    {"reverse", "v", reverse, 0},
    {"slice", "vv*", slice, 0},
    {"tuple", "v*", list_of, 0},
    {"uniq", "v", uniq, 0},
    {"without", "vv*", without, 0},
    {NULL, NULL, NULL, 0},
};
