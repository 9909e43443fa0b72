// SPDX-License-Identifier: Apache-2.0
#include "schema/private.h"

#include "value/path.h"

const struct type schema_strings_type = {.kind = TYPE_LIST, .elem = &type_string};
const struct type schema_string_map_type = {.kind = TYPE_MAP, .elem = &type_string};

size_t schema_count(const struct schema_attr *attrs) {
    size_t count = 0;
    while (attrs && attrs[count].name)
        count++;
    return count;
}

bool schema_hides(const struct schema *schema, const char *path) {
    SCRATCH_ARENA(scratch);
    const struct path_step *steps;
    struct err ignored = err_in(scratch);
    size_t count;
    const struct schema_attr *attrs = schema->attrs;
    if (!path_parse(scratch, path, &steps, &count, &ignored))
        return false;
    for (size_t i = 0; i < count && attrs; i++) {
        const struct schema_attr *attr = steps[i].key ? schema_find(attrs, steps[i].key) : NULL;
        if (attr && attr->flags & (SCHEMA_SENSITIVE | SCHEMA_WRITE_ONLY))
            return true;
        attrs = attr ? attr->attrs : steps[i].key ? NULL : attrs;
    }
    return false;
}

const struct schema_attr *schema_find(const struct schema_attr *attrs, const char *name) {
    for (; attrs && attrs->name; attrs++)
        if (!strcmp(attrs->name, name))
            return attrs;
    return NULL;
}

static const struct type *attr_type(struct arena *arena, const struct schema_attr *attr);

static const struct type *object_type(struct arena *arena, const struct schema_attr *attrs) {
    size_t count = schema_count(attrs);
    struct type_attr *members = arena_array(arena, count, sizeof *members);
    for (size_t i = 0; i < count; i++)
        members[i] = (struct type_attr){attrs[i].name, attr_type(arena, &attrs[i])};
    return type_object(arena, members, count);
}

static const struct type *attr_type(struct arena *arena, const struct schema_attr *attr) {
    switch (attr->nesting) {
    case SCHEMA_SINGLE: return object_type(arena, attr->attrs);
    case SCHEMA_LIST: return type_of_elements(arena, TYPE_LIST, object_type(arena, attr->attrs));
    case SCHEMA_MAP: return type_of_elements(arena, TYPE_MAP, object_type(arena, attr->attrs));
    default: return attr->type;
    }
}

const struct type *schema_type(struct arena *arena, const struct schema *schema) {
    return object_type(arena, schema->attrs);
}
