// SPDX-License-Identifier: Apache-2.0
#include "value/type.h"

#include <stdlib.h>
#include <string.h>

const struct type type_dynamic = {.kind = TYPE_DYNAMIC};
const struct type type_bool = {.kind = TYPE_BOOL};
const struct type type_number = {.kind = TYPE_NUMBER};
const struct type type_string = {.kind = TYPE_STRING};

static const struct {
    const char *name;
    enum type_kind kind;
    const struct type *primitive;
} NAMES[] = {
    {"dynamic", TYPE_DYNAMIC, &type_dynamic},
    {"bool", TYPE_BOOL, &type_bool},
    {"number", TYPE_NUMBER, &type_number},
    {"string", TYPE_STRING, &type_string},
    {"list", TYPE_LIST, NULL},
    {"set", TYPE_SET, NULL},
    {"map", TYPE_MAP, NULL},
    {"object", TYPE_OBJECT, NULL},
    {"tuple", TYPE_TUPLE, NULL},
};
enum { NAME_COUNT = sizeof NAMES / sizeof *NAMES };

const struct type *type_of_elements(struct arena *arena, enum type_kind collection, const struct type *elem) {
    struct type *type = arena_alloc(arena, sizeof *type);
    *type = (struct type){.kind = collection, .elem = elem};
    return type;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct type_attr *)a)->name, ((const struct type_attr *)b)->name);
}

static const struct type *with_attrs(struct arena *arena, enum type_kind kind, const struct type_attr *attrs,
                                     size_t count) {
    struct type *type = arena_alloc(arena, sizeof *type);
    *type = (struct type){.kind = kind, .attrs = attrs, .count = count};
    return type;
}

const struct type *type_object(struct arena *arena, const struct type_attr *attrs, size_t count) {
    struct type_attr *copy = arena_memdup(arena, attrs, count * sizeof *attrs);
    qsort(copy, count, sizeof *copy, by_name);
    return with_attrs(arena, TYPE_OBJECT, copy, count);
}

const struct type *type_tuple(struct arena *arena, const struct type *const *items, size_t count) {
    struct type_attr *attrs = arena_array(arena, count, sizeof *attrs);
    for (size_t i = 0; i < count; i++)
        attrs[i].type = items[i];
    return with_attrs(arena, TYPE_TUPLE, attrs, count);
}

const struct type *type_attr(const struct type *object, const char *name) {
    if (object->kind != TYPE_OBJECT || !object->count)
        return NULL;
    struct type_attr wanted = {.name = name};
    const struct type_attr *found = bsearch(&wanted, object->attrs, object->count, sizeof wanted, by_name);
    return found ? found->type : NULL;
}

int type_compare(const struct type *a, const struct type *b) {
    if (a == b)
        return 0;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->elem)
        return type_compare(a->elem, b->elem);
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (size_t i = 0; i < a->count; i++) {
        int order = a->kind == TYPE_OBJECT ? strcmp(a->attrs[i].name, b->attrs[i].name) : 0;
        if (!order)
            order = type_compare(a->attrs[i].type, b->attrs[i].type);
        if (order)
            return order;
    }
    return 0;
}

bool type_equal(const struct type *a, const struct type *b) {
    return type_compare(a, b) == 0;
}

const struct type *type_copy(struct arena *arena, const struct type *type) {
    struct type *copy = arena_alloc(arena, sizeof *copy);
    *copy = *type;
    if (type->elem)
        copy->elem = type_copy(arena, type->elem);
    struct type_attr *attrs = arena_array(arena, type->count, sizeof *attrs);
    for (size_t i = 0; i < type->count; i++)
        attrs[i] = (struct type_attr){arena_strdup(arena, type->attrs[i].name),
                                      type_copy(arena, type->attrs[i].type)};
    copy->attrs = attrs;
    return copy;
}

static const struct type *attrs_from(struct arena *arena, enum type_kind kind, struct value json,
                                     struct err *err) {
    size_t count = value_len(json);
    struct type_attr *attrs = arena_array(arena, count, sizeof *attrs);
    for (size_t i = 0; i < count; i++) {
        const struct value_entry *entry = value_entry_at(json, i);
        attrs[i].name = entry ? arena_strdup(arena, entry->key) : NULL;
        attrs[i].type = type_from_value(arena, entry ? entry->value : value_at(json, i), err);
        if (!attrs[i].type)
            return NULL;
    }
    return with_attrs(arena, kind, attrs, count);
}

static const struct type *constructed(struct arena *arena, enum type_kind kind, struct value argument,
                                      struct err *err) {
    if (kind == TYPE_OBJECT || kind == TYPE_TUPLE) {
        if (value_kind(argument) == (kind == TYPE_OBJECT ? VALUE_MAP : VALUE_LIST))
            return attrs_from(arena, kind, argument, err);
        err_set(err, ERR_INVALID, "type constraint: %s needs %s, found a %s",
                kind == TYPE_OBJECT ? "object" : "tuple", kind == TYPE_OBJECT ? "an object" : "an array",
                value_kind_name(argument));
        return NULL;
    }
    const struct type *elem = type_from_value(arena, argument, err);
    return elem ? type_of_elements(arena, kind, elem) : NULL;
}

const struct type *type_from_value(struct arena *arena, struct value json, struct err *err) {
    bool bare = value_kind(json) == VALUE_STRING;
    struct value name = bare ? json : value_at(json, 0);
    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (!value_is_text(name, NAMES[i].name))
            continue;
        if (bare && NAMES[i].primitive)
            return NAMES[i].primitive;
        if (!bare && !NAMES[i].primitive && value_len(json) >= 2)
            return constructed(arena, NAMES[i].kind, value_at(json, 1), err);
    }
    bool told = value_kind(name) == VALUE_STRING;
    err_set(err, ERR_INVALID, "type constraint: %s%s%s is not a type", told ? "\"" : "a ",
            value_text_or(name, value_kind_name(json)), told ? "\"" : "");
    return NULL;
}

struct value type_to_value(struct arena *arena, const struct type *type) {
    struct value name = value_string_ref(NAMES[0].name);
    for (size_t i = 0; i < NAME_COUNT; i++)
        if (NAMES[i].kind == type->kind)
            name = value_string_ref(NAMES[i].name);
    if (type->kind < TYPE_LIST)
        return name;
    struct value argument;
    if (type->elem) {
        argument = type_to_value(arena, type->elem);
    } else if (type->kind == TYPE_OBJECT) {
        struct value_entry *entries = arena_array(arena, type->count, sizeof *entries);
        for (size_t i = 0; i < type->count; i++)
            entries[i] = (struct value_entry){type->attrs[i].name, type_to_value(arena, type->attrs[i].type)};
        argument = value_map(arena, entries, type->count);
    } else {
        struct value *items = arena_array(arena, type->count, sizeof *items);
        for (size_t i = 0; i < type->count; i++)
            items[i] = type_to_value(arena, type->attrs[i].type);
        argument = value_list(arena, items, type->count);
    }
    return value_list(arena, (struct value[]){name, argument}, 2);
}

static const struct type *near_object(struct arena *arena, const struct type *prior, struct value live) {
    struct type_attr *attrs = arena_array(arena, value_len(live), sizeof *attrs);
    for (size_t i = 0; i < value_len(live); i++) {
        const struct value_entry *entry = value_entry_at(live, i);
        const struct type *was = prior ? type_attr(prior, entry->key) : NULL;
        attrs[i] = (struct type_attr){entry->key, type_near(arena, was, entry->value)};
    }
    return with_attrs(arena, TYPE_OBJECT, attrs, value_len(live));
}

static const struct type *near_tuple(struct arena *arena, const struct type *prior, struct value live) {
    struct type_attr *attrs = arena_array(arena, value_len(live), sizeof *attrs);
    for (size_t i = 0; i < value_len(live); i++) {
        const struct type *was = prior && i < prior->count ? prior->attrs[i].type : NULL;
        attrs[i].type = type_near(arena, was, value_at(live, i));
    }
    return with_attrs(arena, TYPE_TUPLE, attrs, value_len(live));
}

// A collection keeps its type when every element takes the element type.
static bool elements_fit(struct arena *arena, const struct type *elem, struct value live) {
    for (size_t i = 0; i < value_len(live); i++) {
        const struct value_entry *entry = value_entry_at(live, i);
        struct value item = entry ? entry->value : value_at(live, i);
        if (!type_equal(type_near(arena, elem, item), elem))
            return false;
    }
    return true;
}

const struct type *type_near(struct arena *arena, const struct type *prior, struct value live) {
    switch (value_kind(live)) {
    case VALUE_BOOL: return &type_bool;
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_NUMBER: return &type_number;
    case VALUE_STRING: return &type_string;
    case VALUE_MAP:
        if (prior && prior->kind == TYPE_MAP && elements_fit(arena, prior->elem, live))
            return prior;
        return near_object(arena, prior && prior->kind == TYPE_OBJECT ? prior : NULL, live);
    case VALUE_LIST:
        if (prior && (prior->kind == TYPE_LIST || prior->kind == TYPE_SET) &&
            elements_fit(arena, prior->elem, live))
            return prior;
        return near_tuple(arena, prior && prior->kind == TYPE_TUPLE ? prior : NULL, live);
    default: return prior ? prior : &type_dynamic;
    }
}

const struct type *type_of_value(struct arena *arena, struct value v) {
    return type_near(arena, NULL, v);
}
