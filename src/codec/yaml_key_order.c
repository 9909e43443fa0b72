// SPDX-License-Identifier: Apache-2.0
#include "codec/yaml_key_order.h"

#include "base/utf8.h"
#include "go/unicode.h"

#include <stdlib.h>
#include <string.h>

struct key {
    bool v3;
    const struct value_entry *entry;
    const uint32_t *runes; // ends with 0
};

static const uint32_t *runes_of(struct arena *arena, const char *text) {
    size_t len = strlen(text), count = 0;
    uint32_t *runes = arena_array(arena, len + 1, sizeof *runes);
    for (size_t i = 0; i < len;)
        i += utf8_decode(text + i, len - i, &runes[count++]);
    return runes;
}

// The number whose digits start at `at`; where zeros stand inside a longer number, goyaml
// counts a one before them. Wraps as Go's int64 does.
static size_t number_at(const uint32_t *runes, size_t at, uint64_t *number) {
    for (; unicode_is_digit(runes[at]); at++)
        *number = *number * 10 + (uint64_t)runes[at] - '0';
    return at;
}

static bool inside_number(const uint32_t *runes, size_t at) {
    for (; at-- > 0 && unicode_is_digit(runes[at]);)
        if (runes[at] != '0')
            return true;
    return false;
}

// Orders two keys that differ at `i`, neither character being a letter.
static int compare_numbers(const uint32_t *a, const uint32_t *b, size_t i) {
    uint64_t an = 0, bn = 0;
    if ((a[i] == '0' || b[i] == '0') && inside_number(a, i))
        an = bn = 1;
    size_t ai = number_at(a, i, &an), bi = number_at(b, i, &bn);
    if (an != bn)
        return (int64_t)an < (int64_t)bn ? -1 : 1;
    if (ai != bi)
        return ai < bi ? -1 : 1;
    return a[i] < b[i] ? -1 : 1;
}

static int compare(const void *left, const void *right) {
    const uint32_t *a = ((const struct key *)left)->runes, *b = ((const struct key *)right)->runes;
    bool in_digits = false;
    size_t i = 0;
    for (; a[i] && a[i] == b[i]; i++)
        in_digits = unicode_is_digit(a[i]);
    if (!a[i] || !b[i])
        return (a[i] != 0) - (b[i] != 0);
    bool al = unicode_is_letter(a[i]), bl = unicode_is_letter(b[i]);
    if (al && bl)
        return a[i] < b[i] ? -1 : 1;
    if (al || bl) // yaml.v3 lets a number end before it goes on: "a1b" before "a10b"
        return (((const struct key *)left)->v3 && in_digits ? al : bl) ? -1 : 1;
    return compare_numbers(a, b, i);
}

const struct value_entry **yaml_sorted_entries(struct arena *arena, struct value map, bool v3) {
    size_t count = value_len(map);
    struct key *keys = arena_array(arena, count, sizeof *keys);
    for (size_t i = 0; i < count; i++) {
        keys[i].v3 = v3;
        keys[i].entry = value_entry_at(map, i);
        keys[i].runes = runes_of(arena, keys[i].entry->key);
    }
    if (count)
        qsort(keys, count, sizeof *keys, compare);
    const struct value_entry **entries = arena_array(arena, count, sizeof *entries);
    for (size_t i = 0; i < count; i++)
        entries[i] = keys[i].entry;
    return entries;
}
