// SPDX-License-Identifier: Apache-2.0
#include "codec/state.h"

#include "value/number.h"
#include "value/path.h"

// A value of the stored state, and where in it.
struct stored {
    struct value json;
    const struct path *path;
};

static bool conform(struct arena *arena, struct stored stored, const struct type *type, struct value *out,
                    struct err *err);

static bool mismatch(struct stored stored, const char *wanted, struct err *err) {
    return err_at(err, path_text(err->arena, stored.path), "the stored state holds a %s where %s is needed",
                  value_kind_name(stored.json), wanted);
}

static bool conform_dynamic(struct arena *arena, struct stored stored, struct value *out, struct err *err) {
    if (!value_has(stored.json, "type") || !value_has(stored.json, "value"))
        return mismatch(stored, "an object of \"type\" and \"value\"", err);
    const struct type *type = type_from_value(arena, value_get(stored.json, "type"), err);
    struct value inner;
    if (!type ||
        !conform(arena, (struct stored){value_get(stored.json, "value"), stored.path}, type, &inner, err))
        return false;
    *out = type->kind == TYPE_DYNAMIC ? inner : value_typed(arena, type, inner);
    return true;
}

static bool conform_bool(struct stored stored, struct value *out, struct err *err) {
    static const char *const words[] = {"false", "true", "0", "1"};
    *out = stored.json;
    if (value_kind(stored.json) == VALUE_BOOL)
        return true;
    for (size_t i = 0; i < 4; i++) {
        if (value_is_text(stored.json, words[i])) {
            *out = value_bool(i % 2);
            return true;
        }
    }
    return mismatch(stored, "a bool", err);
}

static bool conform_number(struct arena *arena, struct stored stored, struct value *out, struct err *err) {
    *out = stored.json;
    if (value_is_number(stored.json))
        return true;
    if (value_kind(stored.json) == VALUE_STRING &&
        number_parse(arena, value_get_string(stored.json), value_len(stored.json), out))
        return true;
    return mismatch(stored, "a number", err);
}

static bool conform_string(struct arena *arena, struct stored stored, struct value *out, struct err *err) {
    *out = stored.json;
    if (value_kind(stored.json) == VALUE_STRING)
        return true;
    if (value_is_number(stored.json))
        *out = value_string(arena, number_plain(arena, stored.json));
    else if (value_kind(stored.json) == VALUE_BOOL)
        *out = value_string_ref(value_get_bool(stored.json) ? "true" : "false");
    else
        return mismatch(stored, "a string", err);
    return true;
}

static bool conform_list(struct arena *arena, struct stored stored, const struct type *type,
                         struct value *out, struct err *err) {
    if (value_kind(stored.json) != VALUE_LIST)
        return mismatch(stored, "a list", err);
    size_t count = value_len(stored.json);
    if (type->kind == TYPE_TUPLE && count != type->count)
        return err_at(err, path_text(err->arena, stored.path),
                      "the stored state holds %zu elements where %zu are needed", count, type->count);
    struct value *items = arena_array(arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        struct path here = {stored.path, {.index = i}};
        const struct type *elem = type->kind == TYPE_TUPLE ? type->attrs[i].type : type->elem;
        if (!conform(arena, (struct stored){value_at(stored.json, i), &here}, elem, &items[i], err))
            return false;
    }
    *out = value_list(arena, items, count);
    return true;
}

// A map's own keys, or an object type's attributes whether the state has them or not.
static bool conform_map(struct arena *arena, struct stored stored, const struct type *type, struct value *out,
                        struct err *err) {
    bool object = type->kind == TYPE_OBJECT;
    if (value_kind(stored.json) != VALUE_MAP)
        return mismatch(stored, object ? "an object" : "a map", err);
    size_t count = object ? type->count : value_len(stored.json);
    struct value_entry *entries = arena_array(arena, count, sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        entries[i].key = object ? type->attrs[i].name : value_entry_at(stored.json, i)->key;
        struct path here = {stored.path, {.key = entries[i].key}};
        const struct type *member = object ? type->attrs[i].type : type->elem;
        if (!conform(arena, (struct stored){value_get(stored.json, entries[i].key), &here}, member,
                     &entries[i].value, err))
            return false;
    }
    *out = value_map(arena, entries, count);
    return true;
}

static bool conform(struct arena *arena, struct stored stored, const struct type *type, struct value *out,
                    struct err *err) {
    *out = value_null();
    if (value_is_null(stored.json))
        return true;
    switch (type->kind) {
    case TYPE_DYNAMIC: return conform_dynamic(arena, stored, out, err);
    case TYPE_BOOL: return conform_bool(stored, out, err);
    case TYPE_NUMBER: return conform_number(arena, stored, out, err);
    case TYPE_STRING: return conform_string(arena, stored, out, err);
    case TYPE_MAP:
    case TYPE_OBJECT: return conform_map(arena, stored, type, out, err);
    default: return conform_list(arena, stored, type, out, err);
    }
}

bool state_conform(struct arena *arena, struct value json, const struct type *type, struct value *out,
                   struct err *err) {
    return conform(arena, (struct stored){json, NULL}, type, out, err);
}
