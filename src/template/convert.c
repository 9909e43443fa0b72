// SPDX-License-Identifier: Apache-2.0
// Between immutable values and run-time values; and JSON of the latter.
#include "codec/base64.h"
#include "template/fmt.h"
#include "template/private.h"

#include <math.h>
#include <string.h>

static struct rv list_from_value(struct rheap *heap, struct value v) {
    size_t count = value_len(v);
    struct rv *items = rv_items(heap, count + (count == 0));
    for (size_t i = 0; i < count; i++)
        items[i] = rv_from_value(heap, value_at(v, i));
    return rv_slice(RT_LIST, items, count);
}

static struct rv map_from_value(struct rheap *heap, struct value v) {
    size_t count = value_len(v);
    struct rmap *map = rmap_create(heap, count);
    for (size_t i = 0; i < count; i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        rmap_put(map, entry->key, rv_from_value(heap, entry->value));
    }
    return rv_map(RT_MAP, map);
}

struct rv rv_from_value(struct rheap *heap, struct value v) {
    v = value_untyped(v);
    switch (value_kind(v)) {
    case VALUE_BOOL: return rv_bool(value_get_bool(v));
    case VALUE_INT: return rv_integer(RT_INT64, value_get_int(v));
    case VALUE_FLOAT:
    case VALUE_NUMBER: return rv_float(value_get_float(v));
    case VALUE_STRING: return rv_string(value_get_string(v), value_len(v));
    case VALUE_LIST: return list_from_value(heap, v);
    case VALUE_MAP: return map_from_value(heap, v);
    default: return rv_nil();
    }
}

struct conversion {
    struct arena *arena;
    const char **bad; // stays NULL where a value is too deep
    bool native;      // as yaml.v3 sees the values themselves: what is nil is empty, and any float is one
};

static bool to_value(const struct conversion *c, struct rv v, struct value *out, int depth);

static bool entries_to_value(const struct conversion *c, struct rmap *map, struct value *out, int depth) {
    struct rmap_walk walk = rmap_walk(map);
    struct value_entry *entries = arena_array(c->arena, walk.count + 1, sizeof *entries);
    for (size_t i = 0; i < walk.count; i++) {
        entries[i].key = arena_strndup(c->arena, walk.entries[i].key, walk.entries[i].len);
        if (!to_value(c, walk.entries[i].value, &entries[i].value, depth + 1))
            return false;
    }
    *out = value_map(c->arena, entries, walk.count);
    return true;
}

static bool map_to_value(const struct conversion *c, struct rv map, struct value *out, int depth) {
    bool *seen = rv_dump_begin(map);
    bool ok = entries_to_value(c, map.u.map, out, depth);
    rv_dump_end(map, seen);
    return ok;
}

static bool list_to_value(const struct conversion *c, struct rv v, struct value *out, int depth) {
    struct value *items = arena_array(c->arena, v.len + (size_t)1, sizeof *items);
    for (size_t i = 0; i < v.len; i++)
        if (!to_value(c, rv_item(v, i), &items[i], depth + 1))
            return false;
    *out = value_list(c->arena, items, v.len);
    return true;
}

// Go's omitempty: false, zero, nil, empty text, map or list; structs never.
static bool is_omitted(struct rv v) {
    return !rv_truth(v);
}

static bool fields_to_value(const struct conversion *c, const struct robject *object,
                            struct value_entry *entries, size_t *count, int depth) {
    for (size_t i = 0; i < object->class->field_count && object->fields; i++) {
        const struct rfield *field = &object->class->fields[i];
        struct rv v = object->fields[i];
        if (!field->json || (field->omitempty && is_omitted(v)))
            continue;
        if (!*field->json && v.type == RT_OBJECT) {
            if (!fields_to_value(c, v.u.object, entries, count, depth + 1))
                return false;
            continue;
        }
        entries[*count].key = field->json;
        if (!to_value(c, v, &entries[(*count)++].value, depth + 1))
            return false;
    }
    return true;
}

static size_t count_fields(const struct robject *object) {
    size_t count = object->class->field_count;
    for (size_t i = 0; i < object->class->field_count && object->fields; i++)
        if (object->fields[i].type == RT_OBJECT)
            count += count_fields(object->fields[i].u.object);
    return count;
}

static bool object_to_value(const struct conversion *c, const struct robject *object, struct value *out,
                            int depth) {
    if (object->class->json) {
        const char *wrong = object->class->json(object, c->arena, out);
        *c->bad = wrong ? arena_printf(c->arena, "json: error calling MarshalJSON for type %s: %s",
                                       object->class->name, wrong)
                        : NULL;
        return !wrong;
    }
    if (object->under.type != RT_NIL)
        return to_value(c, object->under, out, depth + 1);
    struct value_entry *entries = arena_array(c->arena, count_fields(object) + 1, sizeof *entries);
    size_t count = 0;
    if (!fields_to_value(c, object, entries, &count, depth))
        return false;
    *out = value_map(c->arena, entries, count);
    return true;
}

static bool float_to_value(const struct conversion *c, struct rv v, struct value *out) {
    *out = value_float(v.u.real);
    if (isfinite(v.u.real) || c->native)
        return true;
    *c->bad = isnan(v.u.real) ? "json: unsupported value: NaN"
              : v.u.real > 0  ? "json: unsupported value: +Inf"
                              : "json: unsupported value: -Inf";
    return false;
}

static struct value bytes_to_value(struct arena *arena, struct rv v) {
    struct buf text;
    buf_init(&text, arena);
    base64_encode(&text, v.u.text, v.len);
    return value_string_len(arena, buf_text(&text), text.len);
}

static bool slice_to_value(const struct conversion *c, struct rv v, struct value *out, int depth) {
    *out = c->native ? value_list(c->arena, NULL, 0) : value_null();
    if (v.len == 0 && !v.u.items)
        return true;
    if (v.type != RT_BYTES || c->native)
        return list_to_value(c, v, out, depth);
    *out = bytes_to_value(c->arena, v);
    return true;
}

static bool to_value(const struct conversion *c, struct rv v, struct value *out, int depth) {
    *out = value_null();
    if (depth >= RV_DEPTH_MAX)
        return false;
    switch ((enum rv_kind)rv_types[v.type].class) {
    case RV_INVALID: return true;
    case RV_BOOL: *out = value_bool(v.u.boolean); return true;
    case RV_INT: *out = value_int(v.u.integer); return true;
    case RV_UINT:
        if (v.u.integer < 0)
            *out = value_number(c->arena, arena_printf(c->arena, "%llu", (unsigned long long)v.u.integer));
        else
            *out = value_int(v.u.integer);
        return true;
    case RV_FLOAT: return float_to_value(c, v, out);
    case RV_COMPLEX: *c->bad = "json: unsupported type: complex128"; return false;
    case RV_STRING: *out = value_string_len(c->arena, v.u.text ? v.u.text : "", v.len); return true;
    case RV_SLICE: return slice_to_value(c, v, out, depth);
    case RV_MAP:
        if (!v.u.map && c->native)
            *out = value_map(c->arena, NULL, 0);
        return !v.u.map || map_to_value(c, v, out, depth);
    default: return object_to_value(c, v.u.object, out, depth);
    }
}

bool rv_to_value(struct arena *arena, struct rv v, struct value *out, const char **bad) {
    *bad = NULL;
    return to_value(&(struct conversion){arena, bad, false}, v, out, 0);
}

bool rv_to_native_value(struct arena *arena, struct rv v, struct value *out, const char **bad) {
    *bad = NULL;
    return to_value(&(struct conversion){arena, bad, true}, v, out, 0);
}
