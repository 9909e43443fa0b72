// SPDX-License-Identifier: Apache-2.0
#include "value/private.h"
#include "value/type.h"

static struct value copy_map(struct arena *arena, struct value v) {
    struct value_entry *entries = arena_array(arena, v.len, sizeof *entries);
    for (size_t i = 0; i < v.len; i++)
        entries[i] = (struct value_entry){arena_strdup(arena, v.u.entries[i].key),
                                          value_copy(arena, v.u.entries[i].value)};
    return (struct value){.kind = VALUE_MAP, .len = v.len, .u.entries = entries};
}

struct value value_copy(struct arena *arena, struct value v) {
    switch (v.kind) {
    case VALUE_STRING: return value_string_len(arena, v.u.text, v.len);
    case VALUE_NUMBER: return value_number(arena, v.u.text);
    case VALUE_MAP: return copy_map(arena, v);
    case VALUE_TYPED:
        return value_typed(arena, type_copy(arena, v.u.typed->type), value_copy(arena, v.u.typed->value));
    case VALUE_LIST: {
        struct value *items = arena_array(arena, v.len, sizeof *items);
        for (size_t i = 0; i < v.len; i++)
            items[i] = value_copy(arena, v.u.items[i]);
        return (struct value){.kind = VALUE_LIST, .len = v.len, .u.items = items};
    }
    default: return v;
    }
}
