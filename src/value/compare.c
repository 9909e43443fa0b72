// SPDX-License-Identifier: Apache-2.0
#include "value/number.h"
#include "value/private.h"

#include <string.h>

static int compare_bytes(struct value a, struct value b) {
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.u.text, b.u.text, len) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_lists(struct value a, struct value b) {
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        int order = value_compare(a.u.items[i], b.u.items[i]);
        if (order)
            return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

static int compare_maps(struct value a, struct value b) {
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        int order = strcmp(a.u.entries[i].key, b.u.entries[i].key);
        if (!order)
            order = value_compare(a.u.entries[i].value, b.u.entries[i].value);
        if (order)
            return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

int value_compare(struct value a, struct value b) {
    if (value_is_number(a) && value_is_number(b))
        return number_compare(a, b);
    if (a.kind != b.kind)
        return a.kind < b.kind ? -1 : 1;
    switch (a.kind) {
    case VALUE_BOOL: return a.u.boolean - b.u.boolean;
    case VALUE_STRING: return compare_bytes(a, b);
    case VALUE_LIST: return compare_lists(a, b);
    case VALUE_MAP: return compare_maps(a, b);
    case VALUE_TYPED:
        if (!type_equal(a.u.typed->type, b.u.typed->type))
            return type_compare(a.u.typed->type, b.u.typed->type);
        return value_compare(a.u.typed->value, b.u.typed->value);
    default: return 0;
    }
}

bool value_equal(struct value a, struct value b) {
    return value_compare(a, b) == 0;
}
