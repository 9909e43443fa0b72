// SPDX-License-Identifier: Apache-2.0
#include "codec/state.h"

#include "value/number.h"
#include "value/path.h"

static bool conform(struct arena *arena, struct value json, const struct type *type, const struct path *path,
                    struct value *out, struct err *err);

static bool mismatch(struct value json, const char *wanted, const struct path *path, struct err *err) {
    return err_at(err, path_text(err->arena, path), "the stored state holds a %s where %s is needed",
                  value_kind_name(json), wanted);
}

static bool conform_dynamic(struct arena *arena, struct value json, const struct path *path,
                            struct value *out, struct err *err) {
    if (!value_has(json, "type") || !value_has(json, "value"))
        return mismatch(json, "an object of \"type\" and \"value\"", path, err);
    const struct type *type = type_from_value(arena, value_get(json, "type"), err);
    struct value inner;
    if (!type || !conform(arena, value_get(json, "value"), type, path, &inner, err))
        return false;
    *out = type->kind == TYPE_DYNAMIC ? inner : value_typed(arena, type, inner);
    return true;
}

static bool conform_bool(struct value json, const struct path *path, struct value *out, struct err *err) {
    static const char *const words[] = {"false", "true", "0", "1"};
    *out = json;
    if (value_kind(json) == VALUE_BOOL)
        return true;
    for (size_t i = 0; i < 4; i++) {
        if (value_is_text(json, words[i])) {
            *out = value_bool(i % 2);
            return true;
        }
    }
    return mismatch(json, "a bool", path, err);
}

static bool conform_number(struct arena *arena, struct value json, const struct path *path, struct value *out,
                           struct err *err) {
    *out = json;
    if (value_is_number(json))
        return true;
    if (value_kind(json) == VALUE_STRING && number_parse(arena, value_get_string(json), value_len(json), out))
        return true;
    return mismatch(json, "a number", path, err);
}

static bool conform_string(struct arena *arena, struct value json, const struct path *path, struct value *out,
                           struct err *err) {
    *out = json;
    if (value_kind(json) == VALUE_STRING)
        return true;
    if (value_is_number(json))
        *out = value_string(arena, number_plain(arena, json));
    else if (value_kind(json) == VALUE_BOOL)
        *out = value_string_ref(value_get_bool(json) ? "true" : "false");
    else
        return mismatch(json, "a string", path, err);
    return true;
}

static bool conform_list(struct arena *arena, struct value json, const struct type *type,
                         const struct path *path, struct value *out, struct err *err) {
    if (value_kind(json) != VALUE_LIST)
        return mismatch(json, "a list", path, err);
    size_t count = value_len(json);
    if (type->kind == TYPE_TUPLE && count != type->count)
        return err_at(err, path_text(err->arena, path),
                      "the stored state holds %zu elements where %zu are needed", count, type->count);
    struct value *items = arena_array(arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        struct path here = {path, {.index = i}};
        const struct type *elem = type->kind == TYPE_TUPLE ? type->attrs[i].type : type->elem;
        if (!conform(arena, value_at(json, i), elem, &here, &items[i], err))
            return false;
    }
    *out = value_list(arena, items, count);
    return true;
}

// A map's own keys, or an object type's attributes whether the state has them or not.
static bool conform_map(struct arena *arena, struct value json, const struct type *type,
                        const struct path *path, struct value *out, struct err *err) {
    bool object = type->kind == TYPE_OBJECT;
    if (value_kind(json) != VALUE_MAP)
        return mismatch(json, object ? "an object" : "a map", path, err);
    size_t count = object ? type->count : value_len(json);
    struct value_entry *entries = arena_array(arena, count, sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        entries[i].key = object ? type->attrs[i].name : value_entry_at(json, i)->key;
        struct path here = {path, {.key = entries[i].key}};
        const struct type *member = object ? type->attrs[i].type : type->elem;
        if (!conform(arena, value_get(json, entries[i].key), member, &here, &entries[i].value, err))
            return false;
    }
    *out = value_map(arena, entries, count);
    return true;
}

static bool conform(struct arena *arena, struct value json, const struct type *type, const struct path *path,
                    struct value *out, struct err *err) {
    *out = value_null();
    if (value_is_null(json))
        return true;
    switch (type->kind) {
    case TYPE_DYNAMIC: return conform_dynamic(arena, json, path, out, err);
    case TYPE_BOOL: return conform_bool(json, path, out, err);
    case TYPE_NUMBER: return conform_number(arena, json, path, out, err);
    case TYPE_STRING: return conform_string(arena, json, path, out, err);
    case TYPE_MAP:
    case TYPE_OBJECT: return conform_map(arena, json, type, path, out, err);
    default: return conform_list(arena, json, type, path, out, err);
    }
}

bool state_conform(struct arena *arena, struct value json, const struct type *type, struct value *out,
                   struct err *err) {
    return conform(arena, json, type, NULL, out, err);
}
