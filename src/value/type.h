// SPDX-License-Identifier: Apache-2.0
// Terraform's type constraints, as written in JSON: "string", ["list","number"],
// ["object",{"a":"bool"}] (go-cty, cty/json). Immutable, in an arena or static.
#ifndef VALUE_TYPE_H
#define VALUE_TYPE_H

#include "base/err.h"
#include "value/value.h"

enum type_kind {
    TYPE_DYNAMIC,
    TYPE_BOOL,
    TYPE_NUMBER,
    TYPE_STRING,
    TYPE_LIST,
    TYPE_SET,
    TYPE_MAP,
    TYPE_OBJECT,
    TYPE_TUPLE,
};

struct type_attr {
    const char *name;
    const struct type *type;
};

struct type {
    enum type_kind kind;
    const struct type *elem;       // list, set, map
    const struct type_attr *attrs; // object, sorted by name; tuple, names NULL
    size_t count;                  // of attrs
};

extern const struct type type_dynamic, type_bool, type_number, type_string;

const struct type *type_of_elements(struct arena *arena, enum type_kind collection, const struct type *elem);
// Sorts a copy of the attributes.
const struct type *type_object(struct arena *arena, const struct type_attr *attrs, size_t count);
const struct type *type_tuple(struct arena *arena, const struct type *const *items, size_t count);

// The attribute's type, NULL when the object type has no such attribute.
const struct type *type_attr(const struct type *object, const char *name);

bool type_equal(const struct type *a, const struct type *b);
int type_compare(const struct type *a, const struct type *b);
const struct type *type_copy(struct arena *arena, const struct type *type);

// From and to the decoded JSON form. An object type's third element (optional names) is ignored.
const struct type *type_from_value(struct arena *arena, struct value json, struct err *err);
struct value type_to_value(struct arena *arena, const struct type *type);

// The type HCL would give a literal of this value: tuples and objects, never lists and
// maps. Null and unknown are dynamic. The value must be untyped inside.
const struct type *type_of_value(struct arena *arena, struct value v);

// A type for `live` that stays as near to `prior` as it can: where the prior type fits
// (a list of strings for a list of strings, numbers for numbers) it is kept, else the
// literal type. Keeps reading an unchanged object from looking like a change of type.
const struct type *type_near(struct arena *arena, const struct type *prior, struct value live);

#endif
