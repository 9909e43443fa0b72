// SPDX-License-Identifier: Apache-2.0
// The one value type: Terraform state, chart values, manifests and API objects
// are all this. Small, passed by value, immutable once built; maps are arrays
// sorted by key, so sharing is free and encoding is canonical. Contents live in
// the arena they were built in. Fields are private to src/value.
#ifndef VALUE_VALUE_H
#define VALUE_VALUE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_kind {
    VALUE_NULL = 0,
    VALUE_UNKNOWN, // not known until apply
    VALUE_BOOL,
    VALUE_INT,    // fits int64
    VALUE_FLOAT,  // a binary64 that is what was written
    VALUE_NUMBER, // decimal text, kept exactly: too big or too fine for the other two
    VALUE_STRING, // UTF-8, may hold NUL
    VALUE_LIST,   // lists, tuples and sets
    VALUE_MAP,    // maps and objects
    VALUE_TYPED,  // a value in a "dynamic" position together with its type (value/type.h)
};

struct type;
struct value_entry;

struct value {
    uint8_t kind;
    uint32_t len; // bytes or elements
    union {
        bool boolean;
        int64_t integer;
        double real;
        const char *text;
        const struct value *items;
        const struct value_entry *entries;
        const struct value_typed *typed;
    } u;
};

struct value_entry {
    const char *key; // NUL-terminated; keys may not hold NUL
    struct value value;
};

// Constructors. Texts are copied into the arena; `value_string_ref` borrows.
struct value value_null(void);
struct value value_unknown(void);
struct value value_bool(bool boolean);
struct value value_int(int64_t integer);
struct value value_float(double real);
struct value value_number(struct arena *arena, const char *decimal);
struct value value_string(struct arena *arena, const char *text);
struct value value_string_len(struct arena *arena, const char *text, size_t len);
struct value value_string_ref(const char *text);
struct value value_text(struct arena *arena, const char *text); // a copy, or null for NULL

// Copies the array, not what its elements point to.
struct value value_list(struct arena *arena, const struct value *items, size_t count);

// Copies and sorts the entries (keys are copied by reference); of equal keys the last wins.
struct value value_map(struct arena *arena, const struct value_entry *entries, size_t count);

// The same without a copy: the array, which must live as long as the value, is the value's from now on.
struct value value_map_of(struct value_entry *entries, size_t count);

// A value with its type, for "dynamic" positions. A typed value is never nested in another directly.
struct value value_typed(struct arena *arena, const struct type *type, struct value value);

// Inspection. Getters on the wrong kind return the zero of their type.
static inline enum value_kind value_kind(struct value v) {
    return (enum value_kind)v.kind;
}
static inline bool value_is_null(struct value v) {
    return v.kind == VALUE_NULL;
}
bool value_is_number(struct value v);
bool value_get_bool(struct value v);
int64_t value_get_int(struct value v);        // VALUE_INT only
double value_get_float(struct value v);       // any number kind, nearest double
const char *value_get_string(struct value v); // strings and VALUE_NUMBER's text; NULL otherwise

// Of what comes from outside, which may be of any kind: whether it is a string of exactly this text (of NULL
// it is not), and its text where it is a string. What NULL would harm takes no other (tests/checks/texts.py).
bool value_is_text(struct value v, const char *text);
const char *value_text_or(struct value v, const char *otherwise);
size_t value_len(struct value v); // bytes of a string, elements of a list or map
struct value value_at(struct value list, size_t index);
const struct value_entry *value_entry_at(struct value map, size_t index);

// The member, or null when there is none (ask value_has to tell them apart).
struct value value_get(struct value map, const char *key);
bool value_has(struct value map, const char *key);

// Follows keys separated by nothing but arguments, NULL at the end: value_dig(v, "spec", "values", NULL).
struct value value_dig(struct value map, ...) __attribute__((sentinel));
// Its string, or NULL.
const char *value_dig_string(struct value map, ...) __attribute__((sentinel));

// The value inside a VALUE_TYPED, anything else as it is; and its type (NULL when untyped).
struct value value_untyped(struct value v);
const struct type *value_type_of(struct value v);

// True when nothing inside is unknown.
bool value_is_known(struct value v);

// Copies with one change. `value_with` replaces or adds, `value_without` removes.
struct value value_with(struct arena *arena, struct value map, const char *key, struct value member);
struct value value_without(struct arena *arena, struct value map, const char *key);
struct value value_append(struct arena *arena, struct value list, struct value item);

// Deep equality. Numbers compare by what they say: 1, 1.0 and "1e0" as numbers are
// equal, fractions by shortest decimal text (go-cty's rule).
// VALUE_TYPED compares types too.
bool value_equal(struct value a, struct value b);

// Total order for sorting sets; consistent with value_equal.
int value_compare(struct value a, struct value b);

// A copy whose contents live entirely in `arena`.
struct value value_copy(struct arena *arena, struct value v);

// Decimal text of a number: shortest that reads back to the same double, no exponent
// for VALUE_INT; VALUE_NUMBER as it was written.
const char *value_number_text(struct arena *arena, struct value number);

// "string", "number", "list", …: for error messages.
const char *value_kind_name(struct value v);

#endif
