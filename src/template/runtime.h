// SPDX-License-Identifier: Apache-2.0
// Run-time values of templates: Go's values as far as a template can tell them
// apart. Maps are references (`set` and `merge` change them for everybody who
// holds them); each value knows its Go type, which error texts print. Build them
// with these functions; read them with the rv_* accessors, never by field of a
// type you have not checked.
#ifndef TEMPLATE_RUNTIME_H
#define TEMPLATE_RUNTIME_H

#include "base/buf.h"
#include "value/value.h"

// Static Go types. The table rv_types says name, kind and element of each.
// clang-format off
enum rv_type {
    RT_NIL = 0, // no value: "invalid", or with .iface a nil interface {}
    RT_BOOL, RT_INT, RT_INT32, RT_INT64, RT_UINT8, RT_UINT64,
    RT_DURATION, RT_MONTH, RT_WEEKDAY, // integers with names: time.Duration, time.Month, time.Weekday
    RT_FLOAT64, RT_COMPLEX128, RT_STRING,
    RT_BYTES, // []uint8: text and len, as a string
    RT_LIST, RT_STRINGS, RT_INTS, RT_LISTS, RT_MAPS, // []interface {}, []string, []int, [][]interface {}, []map[string]interface {}
    RT_MAP, RT_STRING_MAP, RT_BYTES_MAP, // map[string] of interface {}, string, []uint8
    RT_VALUES3, RT_VALUES4, // chartutil.Values, common.Values
    RT_OBJECT, // a struct, pointer or named type described by its struct rclass
    RT_COUNT,
};

enum rv_kind { RV_INVALID, RV_BOOL, RV_INT, RV_UINT, RV_FLOAT, RV_COMPLEX, RV_STRING, RV_SLICE, RV_MAP, RV_STRUCT, RV_POINTER };
// clang-format on

struct rv_type_info {
    const char *name; // as %T prints it
    const char *kind; // as reflect's Kind prints it: "int64", "slice", "ptr"
    uint8_t class;    // enum rv_kind
    uint8_t elem;     // slices and maps: element type, RT_NIL for interface {}
    uint8_t bits;
};
extern const struct rv_type_info rv_types[RT_COUNT];

struct rmap;
struct robject;

// 16 bytes, passed by value. The zero value is the invalid value (untyped nil).
struct rv {
    uint8_t type;  // enum rv_type
    bool iface;    // its static type is interface {}: taken out of a map or list of them
    uint16_t note; // which noted value of a map it is (rheap.seen); 0: none
    uint32_t len;  // bytes of a string, elements of a slice; objects: 1 where Go can take the address
    union {
        bool boolean;
        int64_t integer; // also unsigned kinds, as their bits
        double real;
        const double *complex; // two of them
        const char *text;      // RT_STRING, RT_BYTES; not NUL-terminated
        struct rv *items;      // slices but RT_BYTES; elements never have .iface set
        struct rmap *map;      // NULL is a nil map
        struct robject *object;
    } u;
};

// Where values are born. While an action runs, what it makes is reclaimed when nothing
// can still see it, so keep no pointer to values outside of values.
struct rheap {
    struct arena *arena;
    uint64_t births;        // maps made so far
    uint64_t oldest_change; // lowest birth number of a map changed since it was last reset
    bool *seen;             // by note: was it looked at in a map; NULL: nobody asks
};

static inline enum rv_kind rv_kind_of_type(enum rv_type type) {
    return (enum rv_kind)rv_types[type].class;
}
enum rv_kind rv_kind(struct rv v);     // looks through objects: a pointer object is RV_POINTER
const char *rv_type_name(struct rv v); // "<nil>", "map[string]interface {}", …
const char *rv_kind_name(struct rv v); // "invalid", "map", "float64", …
bool rv_is_nil(struct rv v);           // invalid, nil interface, nil map
bool rv_truth(struct rv v);            // `if`; sprig's empty is its negation
bool rv_deep_equal(struct rv a, struct rv b,
                   bool *equal); // reflect.DeepEqual: types must agree; false: too deep

// Makers. `rv_string` borrows; `rv_text` copies.
struct rv rv_nil(void);
struct rv rv_bool(bool b);
struct rv rv_int(int64_t i);
struct rv rv_integer(enum rv_type type, int64_t i);
struct rv rv_float(double f);
struct rv rv_string(const char *text, size_t len);
struct rv rv_literal(const char *text); // NUL-terminated, borrowed
struct rv rv_text(struct rheap *heap, const char *text, size_t len);
struct rv rv_buf(struct buf *buf); // the buffer's bytes, not copied; the buffer is done
struct rv rv_bytes(const char *text, size_t len);
struct rv rv_slice(enum rv_type type, struct rv *items, size_t len); // items borrowed, from rv_items
struct rv *rv_items(struct rheap *heap, size_t len);                 // room for len elements
struct rv rv_map(enum rv_type type, struct rmap *map);
struct rv rv_object(struct robject *object);

// A maps's or slice's underlying value when `v` is an object with one, else `v`.
struct rv rv_under(struct rv v);
// Element of any slice, as Go's Index gives it (.iface set where the element type is interface {}).
struct rv rv_at(struct rv slice, size_t index);
// The same without .iface: what sprig gets from .Index(i).Interface().
struct rv rv_item(struct rv slice, size_t index);
size_t rv_len(struct rv v); // string, slice or map; 0 for others
bool rv_equal_text(struct rv v, const char *text);
const char *rv_cstr(struct rheap *heap, struct rv string); // NUL-terminated copy

// Maps: string keys, hashed, ranged in byte order. NULL reads as empty.
uint32_t rmap_hash(const char *key, size_t len);
struct rmap *rmap_create(struct rheap *heap, size_t expected);
size_t rmap_len(const struct rmap *map);
bool rmap_get(const struct rmap *map, const char *key, size_t len, struct rv *out); // false: *out is invalid
bool rmap_has(const struct rmap *map, const char *key, size_t len);
// Keys are borrowed: they must live as long as values do. `.iface` of the value is dropped.
void rmap_set(struct rmap *map, const char *key, size_t len, struct rv v);
void rmap_put(struct rmap *map, const char *key, struct rv v); // NUL-terminated key
void rmap_delete(struct rmap *map, const char *key, size_t len);
struct rmap *rmap_copy(struct rheap *heap, const struct rmap *map); // shallow

// A sorted snapshot: changing the map while walking is allowed and not seen. Every value counts as looked at.
struct rmap_entry {
    const char *key;
    uint32_t len;
    uint32_t hash;
    struct rv value;
};
struct rmap_walk {
    const struct rmap_entry *entries;
    size_t count;
};
struct rmap_walk rmap_walk(struct rmap *map);
struct rmap_walk rmap_walk_unseen(struct rmap *map); // for copying: looked at is then who looks at the copy

// Between immutable values and these. Maps and lists come out as RT_MAP and RT_LIST,
// VALUE_INT as int64, VALUE_FLOAT and VALUE_NUMBER as float64; texts are borrowed.
struct rv rv_from_value(struct rheap *heap, struct value v);
// Back, through JSON's eyes: structs by their JSON names, objects by their class. False
// (with encoding/json's words in *bad) for what JSON has no word for: NaN, infinities, complex numbers; and,
// with NULL in *bad, for what is too deep.
bool rv_to_value(struct arena *arena, struct rv v, struct value *out, const char **bad);
// The same with nil slices and maps as empty ones and with every float, for toYamlPretty.
bool rv_to_native_value(struct arena *arena, struct rv v, struct value *out, const char **bad);

#endif
