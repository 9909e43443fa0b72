// SPDX-License-Identifier: Apache-2.0
// Every other kind of thing at every place of a document, one at a time.
#ifndef TESTS_UNIT_KINDS_H
#define TESTS_UNIT_KINDS_H

#include "base/arena.h"
#include "value/value.h"

static const char *const OTHERS[] = {"null", "7", "\"x\"", "[1]", "{\"a\":1}"};
enum { OTHER_COUNT = sizeof OTHERS / sizeof *OTHERS };

// `v` with its part of that number replaced; counts down to it.
static inline struct value replaced(struct arena *arena, struct value v, size_t *number, struct value other) {
    if (!(*number)--)
        return other;
    for (size_t i = 0; value_kind(v) == VALUE_LIST && i < value_len(v); i++) {
        size_t before = *number;
        struct value item = replaced(arena, value_at(v, i), number, other);
        if (*number < before)
            continue;
        struct value *items = arena_array(arena, value_len(v), sizeof *items);
        for (size_t j = 0; j < value_len(v); j++)
            items[j] = j == i ? item : value_at(v, j);
        return value_list(arena, items, value_len(v));
    }
    for (size_t i = 0; value_kind(v) == VALUE_MAP && i < value_len(v); i++) {
        size_t before = *number;
        const struct value_entry *entry = value_entry_at(v, i);
        struct value member = replaced(arena, entry->value, number, other);
        if (*number > before)
            return value_with(arena, v, entry->key, member);
    }
    return v;
}

// Of the value itself and everything in it.
static inline size_t parts(struct value v) {
    size_t count = 1;
    for (size_t i = 0; value_kind(v) == VALUE_LIST && i < value_len(v); i++)
        count += parts(value_at(v, i));
    for (size_t i = 0; value_kind(v) == VALUE_MAP && i < value_len(v); i++)
        count += parts(value_entry_at(v, i)->value);
    return count;
}

#endif
