// SPDX-License-Identifier: Apache-2.0
// What of a configuration must not be repeated in any message.
#include "schema/private.h"

enum { FEWEST_DIGITS = 4 }; // a shorter number says nothing, and stands everywhere

static void hide_leaves(const struct call *call, struct value v) {
    v = value_untyped(v);
    if (value_kind(v) == VALUE_STRING)
        call_hide(call, value_get_string(v));
    if (value_is_number(v)) {
        const char *text = value_number_text(call->arena, v);
        if (strlen(text) >= FEWEST_DIGITS)
            call_hide(call, text);
    }
    bool map = value_kind(v) == VALUE_MAP, list = value_kind(v) == VALUE_LIST;
    for (size_t i = 0; (map || list) && i < value_len(v); i++)
        hide_leaves(call, map ? value_entry_at(v, i)->value : value_at(v, i));
}

static void hide_urls(const struct call *call, struct value v) {
    v = value_untyped(v);
    bool map = value_kind(v) == VALUE_MAP, list = value_kind(v) == VALUE_LIST;
    if (value_kind(v) == VALUE_STRING)
        hidden_add_url(call->hidden, value_get_string(v));
    for (size_t i = 0; (map || list) && i < value_len(v); i++)
        hide_urls(call, map ? value_entry_at(v, i)->value : value_at(v, i));
}

static void hide_object(const struct call *call, const struct schema_attr *attrs, struct value object) {
    if (value_kind(object) != VALUE_MAP)
        return;
    for (const struct schema_attr *attr = attrs; attr->name; attr++) {
        struct value value = value_get(object, attr->name);
        struct schema_element element;
        bool secret = attr->flags & (SCHEMA_SENSITIVE | SCHEMA_WRITE_ONLY);
        for (size_t i = 0; attr->attrs && !secret && schema_element_at(attr, value, i, &element); i++)
            hide_object(call, attr->attrs, element.object);
        if (secret)
            hide_leaves(call, value);
        else if (!attr->attrs)
            hide_urls(call, value);
    }
}

void schema_hide(const struct call *call, const struct schema *schema, struct value object) {
    if (call->hidden)
        hide_object(call, schema->attrs, object);
}
