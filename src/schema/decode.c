// SPDX-License-Identifier: Apache-2.0
#include "schema/private.h"

// A value of the configuration or the state, and where in it.
struct found {
    struct value value;
    const struct path *at;
};

static bool decode_attrs(struct arena *arena, const struct schema_attr *attrs, struct found object, char *out,
                         struct err *err);

static const char *text_of(struct arena *arena, struct value value) {
    const char *text = value_get_string(value);
    return text ? arena_strndup(arena, text, value_len(value)) : NULL;
}

static struct schema_strings strings_of(struct arena *arena, struct value list) {
    const char **items = arena_array(arena, value_len(list) + 1, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < value_len(list); i++)
        if (value_kind(value_at(list, i)) == VALUE_STRING)
            items[count++] = text_of(arena, value_at(list, i));
    return (struct schema_strings){items, count};
}

static bool structs_of(struct arena *arena, const struct schema_attr *attr, struct found found,
                       struct schema_structs *out, struct err *err) {
    out->count = schema_element_count(attr, found.value);
    out->items = arena_array(arena, out->count, attr->size);
    struct schema_element element;
    for (size_t i = 0; schema_element_at(attr, found.value, i, &element); i++) {
        struct path here = {found.at, element.step};
        struct found object = {element.object, &here};
        if (!decode_attrs(arena, attr->attrs, object, (char *)out->items + i * attr->size, err))
            return false;
    }
    return true;
}

static bool decode_int(struct arena *arena, struct found found, int64_t *out, struct err *err) {
    *out = value_get_int(found.value);
    if (value_kind(found.value) == VALUE_INT)
        return true;
    const char *path = path_text(arena, found.at);
    return err_at(err, path, "%s must be a whole number; found %s.", path,
                  value_number_text(arena, found.value));
}

static bool decode_member(struct arena *arena, const struct schema_attr *attr, struct found found, void *out,
                          struct err *err) {
    struct value value = found.value;
    switch (attr->member) {
    case SCHEMA_STRING: *(const char **)out = text_of(arena, value); return true;
    case SCHEMA_BOOL: *(bool *)out = value_get_bool(value); return true;
    case SCHEMA_INT: return decode_int(arena, found, out, err);
    case SCHEMA_MS:
        return schema_check_duration(attr, value, path_text(arena, found.at), err) &&
               schema_duration(value_get_string(value), out);
    case SCHEMA_STRINGS: *(struct schema_strings *)out = strings_of(arena, value); return true;
    case SCHEMA_STRUCT: return decode_attrs(arena, attr->attrs, found, out, err);
    case SCHEMA_STRUCTS: return structs_of(arena, attr, found, out, err);
    default: return attr->nesting != SCHEMA_SINGLE || decode_attrs(arena, attr->attrs, found, out, err);
    }
}

static bool decode_attrs(struct arena *arena, const struct schema_attr *attrs, struct found object, char *out,
                         struct err *err) {
    if (!schema_settled(object.value))
        return true;
    for (const struct schema_attr *attr = attrs; attr->name; attr++) {
        struct path here = {object.at, {.key = attr->name}};
        struct found found = {value_get(object.value, attr->name), &here};
        if (attr->member == SCHEMA_VALUE)
            *(struct value *)(void *)(out + attr->offset) = value_copy(arena, found.value);
        else if (schema_settled(found.value) && !decode_member(arena, attr, found, out + attr->offset, err))
            return false;
    }
    return true;
}

bool schema_decode(struct arena *arena, const struct schema *schema, struct value value, void *out,
                   struct err *err) {
    return decode_attrs(arena, schema->attrs, (struct found){value, NULL}, out, err);
}

static const char *first_unknown(struct arena *arena, struct value value, const struct path *at) {
    value = value_untyped(value);
    if (value_kind(value) == VALUE_UNKNOWN)
        return path_text(arena, at);
    for (size_t i = 0; value_kind(value) != VALUE_STRING && i < value_len(value); i++) {
        const struct value_entry *entry = value_entry_at(value, i);
        struct path here = {at, {.key = entry ? entry->key : NULL, .index = i}};
        const char *found = first_unknown(arena, entry ? entry->value : value_at(value, i), &here);
        if (found)
            return found;
    }
    return NULL;
}

const char *schema_first_unknown(struct arena *arena, struct value value) {
    return first_unknown(arena, value, NULL);
}
