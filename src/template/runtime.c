// SPDX-License-Identifier: Apache-2.0
#include "template/fmt.h"
#include "template/private.h"

#include <string.h>

const struct rv_type_info rv_types[RT_COUNT] = {
    [RT_NIL] = {"<nil>", "invalid", RV_INVALID, RT_NIL, 0},
    [RT_BOOL] = {"bool", "bool", RV_BOOL, RT_NIL, 8},
    [RT_INT] = {"int", "int", RV_INT, RT_NIL, 64},
    [RT_INT32] = {"int32", "int32", RV_INT, RT_NIL, 32},
    [RT_INT64] = {"int64", "int64", RV_INT, RT_NIL, 64},
    [RT_UINT8] = {"uint8", "uint8", RV_UINT, RT_NIL, 8},
    [RT_UINT64] = {"uint64", "uint64", RV_UINT, RT_NIL, 64},
    [RT_DURATION] = {"time.Duration", "int64", RV_INT, RT_NIL, 64},
    [RT_MONTH] = {"time.Month", "int", RV_INT, RT_NIL, 64},
    [RT_WEEKDAY] = {"time.Weekday", "int", RV_INT, RT_NIL, 64},
    [RT_FLOAT64] = {"float64", "float64", RV_FLOAT, RT_NIL, 64},
    [RT_COMPLEX128] = {"complex128", "complex128", RV_COMPLEX, RT_NIL, 128},
    [RT_STRING] = {"string", "string", RV_STRING, RT_NIL, 0},
    [RT_BYTES] = {"[]uint8", "slice", RV_SLICE, RT_UINT8, 0},
    [RT_LIST] = {"[]interface {}", "slice", RV_SLICE, RT_NIL, 0},
    [RT_STRINGS] = {"[]string", "slice", RV_SLICE, RT_STRING, 0},
    [RT_INTS] = {"[]int", "slice", RV_SLICE, RT_INT, 0},
    [RT_LISTS] = {"[][]interface {}", "slice", RV_SLICE, RT_LIST, 0},
    [RT_MAPS] = {"[]map[string]interface {}", "slice", RV_SLICE, RT_MAP, 0},
    [RT_MAP] = {"map[string]interface {}", "map", RV_MAP, RT_NIL, 0},
    [RT_STRING_MAP] = {"map[string]string", "map", RV_MAP, RT_STRING, 0},
    [RT_BYTES_MAP] = {"map[string][]uint8", "map", RV_MAP, RT_BYTES, 0},
    [RT_VALUES3] = {"chartutil.Values", "map", RV_MAP, RT_NIL, 0},
    [RT_VALUES4] = {"common.Values", "map", RV_MAP, RT_NIL, 0},
    [RT_OBJECT] = {"object", "struct", RV_STRUCT, RT_NIL, 0},
};

enum rv_kind rv_kind(struct rv v) {
    return v.type == RT_OBJECT ? v.u.object->class->kind : (enum rv_kind)rv_types[v.type].class;
}

const char *rv_type_name(struct rv v) {
    return v.type == RT_OBJECT ? v.u.object->class->name : rv_types[v.type].name;
}

const char *rv_kind_name(struct rv v) {
    return v.type == RT_OBJECT ? v.u.object->class->kind_name : rv_types[v.type].kind;
}

bool rv_is_nil(struct rv v) {
    return v.type == RT_NIL || (rv_types[v.type].class == RV_MAP && !v.u.map);
}

bool rv_truth(struct rv v) {
    switch (rv_kind(v)) {
    case RV_INVALID: return false;
    case RV_BOOL: return v.u.boolean;
    case RV_INT:
    case RV_UINT: return v.u.integer != 0;
    case RV_FLOAT: return v.u.real != 0;
    case RV_COMPLEX: return v.u.complex[0] != 0 || v.u.complex[1] != 0;
    case RV_STRING:
    case RV_SLICE:
    case RV_MAP: return rv_len(v) > 0;
    case RV_STRUCT:
    case RV_POINTER: return true;
    }
    return false;
}

struct rv rv_nil(void) {
    return (struct rv){0};
}

struct rv rv_bool(bool b) {
    return (struct rv){.type = RT_BOOL, .u.boolean = b};
}

struct rv rv_int(int64_t i) {
    return rv_integer(RT_INT, i);
}

struct rv rv_integer(enum rv_type type, int64_t i) {
    return (struct rv){.type = (uint8_t)type, .u.integer = i};
}

struct rv rv_float(double f) {
    return (struct rv){.type = RT_FLOAT64, .u.real = f};
}

struct rv rv_string(const char *text, size_t len) {
    return (struct rv){.type = RT_STRING, .len = (uint32_t)len, .u.text = text};
}

struct rv rv_literal(const char *text) {
    return rv_string(text, strlen(text));
}

struct rv rv_text(struct rheap *heap, const char *text, size_t len) {
    return rv_string(arena_memdup(heap->arena, text, len), len);
}

struct rv rv_buf(struct buf *buf) {
    return rv_string(buf->len ? buf->ptr : "", buf->len);
}

struct rv rv_bytes(const char *text, size_t len) {
    return (struct rv){.type = RT_BYTES, .len = (uint32_t)len, .u.text = text};
}

struct rv rv_slice(enum rv_type type, struct rv *items, size_t len) {
    return (struct rv){.type = (uint8_t)type, .len = (uint32_t)len, .u.items = items};
}

struct rv *rv_items(struct rheap *heap, size_t len) {
    return arena_array(heap->arena, len, sizeof(struct rv));
}

struct rv rv_map(enum rv_type type, struct rmap *map) {
    return (struct rv){.type = (uint8_t)type, .u.map = map};
}

struct rv rv_object(struct robject *object) {
    return (struct rv){.type = RT_OBJECT, .u.object = object};
}

struct rv rv_under(struct rv v) {
    if (v.type != RT_OBJECT || v.u.object->under.type == RT_NIL)
        return v;
    return v.u.object->under;
}

struct rv rv_item(struct rv slice, size_t index) {
    slice = rv_under(slice);
    if (slice.type == RT_BYTES)
        return rv_integer(RT_UINT8, (unsigned char)slice.u.text[index]);
    return slice.u.items[index];
}

struct rv rv_at(struct rv slice, size_t index) {
    struct rv item = rv_item(slice, index);
    item.iface = slice.type != RT_OBJECT && rv_types[slice.type].elem == RT_NIL;
    return item;
}

size_t rv_len(struct rv v) {
    v = rv_under(v);
    switch (rv_types[v.type].class) {
    case RV_STRING:
    case RV_SLICE: return v.len;
    case RV_MAP: return rmap_len(v.u.map);
    default: return 0;
    }
}

bool rv_equal_text(struct rv v, const char *text) {
    size_t len = strlen(text);
    return v.type == RT_STRING && v.len == len && (len == 0 || memcmp(v.u.text, text, len) == 0);
}

const char *rv_cstr(struct rheap *heap, struct rv string) {
    return arena_strndup(heap->arena, string.u.text, string.len);
}

static bool deep_equal(struct rv a, struct rv b, int depth, bool *cut);

static bool maps_equal(struct rmap *a, struct rmap *b, int depth, bool *cut) {
    if (a == b)
        return true;
    if (!a != !b || rmap_len(a) != rmap_len(b))
        return false;
    struct rmap_walk left = rmap_walk(a), right = rmap_walk(b);
    for (size_t i = 0; i < left.count; i++) {
        const struct rmap_entry *x = &left.entries[i], *y = &right.entries[i];
        if (x->len != y->len || memcmp(x->key, y->key, x->len) != 0 ||
            !deep_equal(x->value, y->value, depth + 1, cut))
            return false;
    }
    return true;
}

static bool slices_equal(struct rv a, struct rv b, int depth, bool *cut) {
    if (a.len != b.len || (a.len == 0 && !a.u.items != !b.u.items))
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (!deep_equal(rv_item(a, i), rv_item(b, i), depth + 1, cut))
            return false;
    return true;
}

static bool objects_equal(const struct robject *a, const struct robject *b, int depth, bool *cut) {
    if (a == b)
        return true;
    if (a->class != b->class || !deep_equal(a->under, b->under, depth + 1, cut))
        return false;
    for (size_t i = 0; a->fields && b->fields && i < a->class->field_count; i++)
        if (!deep_equal(a->fields[i], b->fields[i], depth + 1, cut))
            return false;
    return a->data == b->data || (a->class->same && a->class->same(a, b));
}

static bool deep_equal(struct rv a, struct rv b, int depth, bool *cut) {
    *cut = *cut || depth >= RV_DEPTH_MAX;
    if (a.type != b.type || *cut)
        return false;
    switch ((enum rv_kind)rv_types[a.type].class) {
    case RV_INVALID: return true;
    case RV_BOOL: return a.u.boolean == b.u.boolean;
    case RV_INT:
    case RV_UINT: return a.u.integer == b.u.integer;
    case RV_FLOAT: return a.u.real == b.u.real;
    case RV_COMPLEX: return a.u.complex[0] == b.u.complex[0] && a.u.complex[1] == b.u.complex[1];
    case RV_STRING: return a.len == b.len && (a.len == 0 || memcmp(a.u.text, b.u.text, a.len) == 0);
    case RV_SLICE: return slices_equal(a, b, depth, cut);
    case RV_MAP: return maps_equal(a.u.map, b.u.map, depth, cut);
    case RV_STRUCT:
    case RV_POINTER: return objects_equal(a.u.object, b.u.object, depth, cut);
    }
    return false;
}

bool rv_deep_equal(struct rv a, struct rv b, bool *equal) {
    bool cut = false;
    *equal = deep_equal(a, b, 0, &cut);
    return !cut;
}
