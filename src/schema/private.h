// SPDX-License-Identifier: Apache-2.0
// Shared inside src/schema only.
#ifndef SCHEMA_PRIVATE_H
#define SCHEMA_PRIVATE_H

#include "schema/schema.h"
#include "value/path.h"

#include <string.h>

size_t schema_count(const struct schema_attr *attrs);
const struct schema_attr *schema_find(const struct schema_attr *attrs, const char *name);

// A nested attribute's value is one object or a collection of them. The n-th element with its
// path step; false past the end or when the value is null or unknown.
struct schema_element {
    struct value object;
    struct path_step step; // meaningless for SINGLE
    bool single;
};
bool schema_element_at(const struct schema_attr *attr, struct value value, size_t n,
                       struct schema_element *out);

// Puts elements made for `value` (same count and order) back into its shape.
struct value schema_with_elements(struct arena *arena, const struct schema_attr *attr, struct value value,
                                  const struct value *elements);
size_t schema_element_count(const struct schema_attr *attr, struct value value);

// An object, an attribute or an element as three have it.
struct schema_versions {
    struct value config, prior, planned;
};
struct schema_versions schema_versions_of(struct schema_versions object, const char *attr);
// The elements that stand where `like` stands; null where there is none.
struct schema_versions schema_versions_like(struct schema_versions value, const struct schema_element *like);

static inline bool schema_settled(struct value v) { // neither null nor unknown
    return value_kind(v) != VALUE_NULL && value_kind(v) != VALUE_UNKNOWN;
}

#endif
