// SPDX-License-Identifier: Apache-2.0
// Nested attributes come as one object, a list or a map of them; the walks over
// tables need not know which.
#include "schema/private.h"

size_t schema_element_count(const struct schema_attr *attr, struct value value) {
    if (!schema_settled(value))
        return 0;
    return attr->nesting == SCHEMA_SINGLE ? 1 : value_len(value);
}

bool schema_element_at(const struct schema_attr *attr, struct value value, size_t n,
                       struct schema_element *out) {
    if (n >= schema_element_count(attr, value))
        return false;
    const struct value_entry *entry = value_entry_at(value, n);
    *out = (struct schema_element){.single = attr->nesting == SCHEMA_SINGLE};
    if (out->single)
        out->object = value;
    else if (entry)
        *out = (struct schema_element){.object = entry->value, .step = {.key = entry->key}};
    else
        *out = (struct schema_element){.object = value_at(value, n), .step = {.index = n}};
    return true;
}

static struct value element_like(struct value value, const struct schema_element *like) {
    if (like->single)
        return value;
    return like->step.key ? value_get(value, like->step.key) : value_at(value, like->step.index);
}

struct schema_versions schema_versions_of(struct schema_versions object, const char *attr) {
    return (struct schema_versions){value_get(object.config, attr), value_get(object.prior, attr),
                                    value_get(object.planned, attr)};
}

struct schema_versions schema_versions_like(struct schema_versions value, const struct schema_element *like) {
    struct schema_versions element = {element_like(value.config, like), value_null(),
                                      element_like(value.planned, like)};
    if (schema_settled(value.prior))
        element.prior = element_like(value.prior, like);
    return element;
}

struct value schema_with_elements(struct arena *arena, const struct schema_attr *attr, struct value value,
                                  const struct value *elements) {
    size_t count = schema_element_count(attr, value);
    if (attr->nesting == SCHEMA_SINGLE)
        return elements[0];
    if (attr->nesting == SCHEMA_LIST)
        return value_list(arena, elements, count);
    struct value_entry *entries = arena_array(arena, count, sizeof *entries);
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct value_entry){value_entry_at(value, i)->key, elements[i]};
    return value_map(arena, entries, count);
}
