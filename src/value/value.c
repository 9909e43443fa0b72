// SPDX-License-Identifier: Apache-2.0
#include "value/value.h"

#include "value/number.h"
#include "value/private.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct value value_null(void) {
    return (struct value){.kind = VALUE_NULL};
}

struct value value_unknown(void) {
    return (struct value){.kind = VALUE_UNKNOWN};
}

struct value value_bool(bool boolean) {
    return (struct value){.kind = VALUE_BOOL, .u.boolean = boolean};
}

struct value value_int(int64_t integer) {
    return (struct value){.kind = VALUE_INT, .u.integer = integer};
}

struct value value_float(double real) {
    return (struct value){.kind = VALUE_FLOAT, .u.real = real};
}

struct value value_number(struct arena *arena, const char *decimal) {
    return (struct value){
        .kind = VALUE_NUMBER, .len = (uint32_t)strlen(decimal), .u.text = arena_strdup(arena, decimal)};
}

struct value value_string(struct arena *arena, const char *text) {
    return value_string_len(arena, text, strlen(text));
}

struct value value_text(struct arena *arena, const char *text) {
    return text ? value_string(arena, text) : value_null();
}

struct value value_string_len(struct arena *arena, const char *text, size_t len) {
    return (struct value){
        .kind = VALUE_STRING, .len = (uint32_t)len, .u.text = arena_strndup(arena, text, len)};
}

struct value value_string_ref(const char *text) {
    return (struct value){.kind = VALUE_STRING, .len = (uint32_t)strlen(text), .u.text = text};
}

struct value value_list(struct arena *arena, const struct value *items, size_t count) {
    return (struct value){.kind = VALUE_LIST,
                          .len = (uint32_t)count,
                          .u.items = arena_memdup(arena, items, count * sizeof *items)};
}

static int by_key(const void *a, const void *b) {
    return strcmp(((const struct value_entry *)a)->key, ((const struct value_entry *)b)->key);
}

static bool sorted(const struct value_entry *entries, size_t count) {
    for (size_t i = 1; i < count; i++)
        if (strcmp(entries[i - 1].key, entries[i].key) >= 0)
            return false;
    return true;
}

// Equal keys end up beside each other in their first order (the index breaks
// ties), so that keeping the last of each run keeps the last one written.
static size_t sort_unique(struct value_entry *entries, size_t count) {
    struct value_entry *spare = malloc(count * sizeof *spare);
    if (!spare)
        abort();
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t lo = 0; lo < count; lo += 2 * width) {
            size_t mid = lo + width < count ? lo + width : count;
            size_t hi = mid + width < count ? mid + width : count;
            for (size_t i = lo, j = mid, k = lo; k < hi; k++)
                spare[k] = i < mid && (j >= hi || by_key(&entries[i], &entries[j]) <= 0) ? entries[i++]
                                                                                         : entries[j++];
        }
        memcpy(entries, spare, count * sizeof *entries);
    }
    free(spare);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept && !strcmp(entries[kept - 1].key, entries[i].key))
            kept--;
        entries[kept++] = entries[i];
    }
    return kept;
}

struct value value_map(struct arena *arena, const struct value_entry *entries, size_t count) {
    return value_map_of(arena_memdup(arena, entries, count * sizeof *entries), count);
}

struct value value_map_of(struct value_entry *entries, size_t count) {
    if (!sorted(entries, count))
        count = sort_unique(entries, count);
    return (struct value){.kind = VALUE_MAP, .len = (uint32_t)count, .u.entries = entries};
}

struct value value_typed(struct arena *arena, const struct type *type, struct value value) {
    struct value_typed *typed = arena_alloc(arena, sizeof *typed);
    *typed = (struct value_typed){type, value_untyped(value)};
    return (struct value){.kind = VALUE_TYPED, .u.typed = typed};
}

bool value_is_number(struct value v) {
    return v.kind == VALUE_INT || v.kind == VALUE_FLOAT || v.kind == VALUE_NUMBER;
}

bool value_get_bool(struct value v) {
    return v.kind == VALUE_BOOL && v.u.boolean;
}

int64_t value_get_int(struct value v) {
    return v.kind == VALUE_INT ? v.u.integer : 0;
}

double value_get_float(struct value v) {
    switch (v.kind) {
    case VALUE_INT: return (double)v.u.integer;
    case VALUE_FLOAT: return v.u.real;
    case VALUE_NUMBER: return strtod(v.u.text, NULL);
    default: return 0;
    }
}

const char *value_get_string(struct value v) {
    return v.kind == VALUE_STRING || v.kind == VALUE_NUMBER ? v.u.text : NULL;
}

bool value_is_text(struct value v, const char *text) {
    return v.kind == VALUE_STRING && text && v.len == strlen(text) && !memcmp(v.u.text, text, v.len);
}

const char *value_text_or(struct value v, const char *otherwise) {
    return v.kind == VALUE_STRING ? v.u.text : otherwise;
}

size_t value_len(struct value v) {
    return v.kind == VALUE_STRING || v.kind == VALUE_NUMBER || v.kind == VALUE_LIST || v.kind == VALUE_MAP
               ? v.len
               : 0;
}

struct value value_at(struct value list, size_t index) {
    return list.kind == VALUE_LIST && index < list.len ? list.u.items[index] : value_null();
}

const struct value_entry *value_entry_at(struct value map, size_t index) {
    return map.kind == VALUE_MAP && index < map.len ? &map.u.entries[index] : NULL;
}

static const struct value_entry *find(struct value map, const char *key) {
    if (map.kind != VALUE_MAP || !map.len)
        return NULL;
    struct value_entry wanted = {.key = key};
    return bsearch(&wanted, map.u.entries, map.len, sizeof wanted, by_key);
}

struct value value_get(struct value map, const char *key) {
    const struct value_entry *entry = find(map, key);
    return entry ? entry->value : value_null();
}

bool value_has(struct value map, const char *key) {
    return find(map, key) != NULL;
}

static struct value dig(struct value v, va_list keys) {
    for (const char *key; (key = va_arg(keys, const char *));)
        v = value_get(value_untyped(v), key);
    return v;
}

struct value value_dig(struct value map, ...) {
    va_list keys;
    va_start(keys, map);
    struct value v = dig(map, keys);
    va_end(keys);
    return v;
}

const char *value_dig_string(struct value map, ...) {
    va_list keys;
    va_start(keys, map);
    struct value v = dig(map, keys);
    va_end(keys);
    return v.kind == VALUE_STRING ? v.u.text : NULL;
}

struct value value_untyped(struct value v) {
    return v.kind == VALUE_TYPED ? v.u.typed->value : v;
}

const struct type *value_type_of(struct value v) {
    return v.kind == VALUE_TYPED ? v.u.typed->type : NULL;
}

bool value_is_known(struct value v) {
    v = value_untyped(v);
    if (v.kind == VALUE_UNKNOWN)
        return false;
    for (size_t i = 0; v.kind == VALUE_LIST && i < v.len; i++)
        if (!value_is_known(v.u.items[i]))
            return false;
    for (size_t i = 0; v.kind == VALUE_MAP && i < v.len; i++)
        if (!value_is_known(v.u.entries[i].value))
            return false;
    return true;
}

struct value value_with(struct arena *arena, struct value map, const char *key, struct value member) {
    size_t count = map.kind == VALUE_MAP ? map.len : 0;
    struct value_entry *entries = arena_array(arena, count + 1, sizeof *entries);
    if (count)
        memcpy(entries, map.u.entries, count * sizeof *entries);
    entries[count] = (struct value_entry){arena_strdup(arena, key), member};
    return value_map(arena, entries, count + 1);
}

struct value value_without(struct arena *arena, struct value map, const char *key) {
    if (!value_has(map, key))
        return map;
    struct value_entry *entries = arena_array(arena, map.len, sizeof *entries);
    size_t kept = 0;
    for (size_t i = 0; i < map.len; i++)
        if (strcmp(map.u.entries[i].key, key) != 0)
            entries[kept++] = map.u.entries[i];
    return (struct value){.kind = VALUE_MAP, .len = (uint32_t)kept, .u.entries = entries};
}

struct value value_append(struct arena *arena, struct value list, struct value item) {
    size_t count = list.kind == VALUE_LIST ? list.len : 0;
    struct value *items = arena_array(arena, count + 1, sizeof *items);
    if (count)
        memcpy(items, list.u.items, count * sizeof *items);
    items[count] = item;
    return (struct value){.kind = VALUE_LIST, .len = (uint32_t)(count + 1), .u.items = items};
}

const char *value_kind_name(struct value v) {
    static const char *const names[] = {
        [VALUE_NULL] = "null",     [VALUE_UNKNOWN] = "unknown", [VALUE_BOOL] = "bool",
        [VALUE_INT] = "number",    [VALUE_FLOAT] = "number",    [VALUE_NUMBER] = "number",
        [VALUE_STRING] = "string", [VALUE_LIST] = "list",       [VALUE_MAP] = "map",
    };
    return names[value_untyped(v).kind];
}
