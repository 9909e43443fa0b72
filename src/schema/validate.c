// SPDX-License-Identifier: Apache-2.0
#include "schema/private.h"

#include "base/buf.h"
#include "base/list.h"

struct walk {
    struct arena *arena;
    bool write_only_allowed;
    struct err *problems;
    size_t count;
};

static struct err *problem(struct walk *walk) {
    struct err *added = LIST_ADD(walk->arena, walk->problems, walk->count);
    *added = err_in(walk->arena);
    return added;
}

static bool is_allowed(struct arena *arena, const struct schema_attr *attr, struct value value,
                       const char *path, struct err *err) {
    struct buf list;
    buf_init(&list, arena);
    for (size_t i = 0; attr->allowed[i]; i++) {
        if (value_is_text(value, attr->allowed[i]))
            return true;
        buf_printf(&list, "%s\"%s\"", i ? ", " : "", attr->allowed[i]);
    }
    if (attr->flags & SCHEMA_SENSITIVE)
        return err_at(err, path, "%s must be one of %s; found another value. Set one of these.", path,
                      buf_text(&list));
    return err_at(err, path, "%s must be one of %s; found \"%s\". Set one of these.", path, buf_text(&list),
                  value_text_or(value, value_kind_name(value)));
}

static void check_leaf(struct walk *walk, const struct schema_attr *attr, struct value value,
                       const char *path) {
    struct err err = err_in(walk->arena);
    bool ok = true;
    if ((attr->flags & SCHEMA_WRITE_ONLY) && !walk->write_only_allowed)
        ok = err_at(&err, path,
                    "%s is a write-only attribute, and this version of Terraform does not support these. "
                    "Use Terraform 1.11 or later or OpenTofu 1.11 or later, or remove the attribute.",
                    path);
    else if (attr->allowed)
        ok = is_allowed(walk->arena, attr, value, path, &err);
    if (ok && attr->member == SCHEMA_MS)
        ok = schema_check_duration(attr, value, path, &err);
    if (ok && attr->check)
        ok = attr->check(attr, value, path, &err);
    if (!ok)
        *problem(walk) = err;
}

static void check_object(struct walk *walk, const struct schema_attr *attrs, struct value object,
                         const struct path *at);

static void check_elements(struct walk *walk, const struct schema_attr *attr, struct value value,
                           const struct path *at) {
    struct schema_element element;
    for (size_t i = 0; schema_element_at(attr, value, i, &element); i++) {
        struct path here = {at, element.step};
        if (value_kind(element.object) == VALUE_NULL && !element.single)
            err_at(problem(walk), path_text(walk->arena, &here),
                   "%s is null. Give an object, or leave the element out.", path_text(walk->arena, &here));
        else
            check_object(walk, attr->attrs, element.object, element.single ? at : &here);
    }
}

static void check_object(struct walk *walk, const struct schema_attr *attrs, struct value object,
                         const struct path *at) {
    if (!schema_settled(object))
        return;
    for (const struct schema_attr *attr = attrs; attr->name; attr++) {
        struct path here = {at, {.key = attr->name}};
        struct value value = value_get(object, attr->name);
        if (value_is_null(value) && (attr->flags & SCHEMA_REQUIRED))
            err_at(problem(walk), path_text(walk->arena, &here),
                   "%s is required, and is not set or null. Set it.", path_text(walk->arena, &here));
        if (!schema_settled(value_untyped(value)))
            continue;
        check_leaf(walk, attr, value, path_text(walk->arena, &here));
        if (attr->attrs)
            check_elements(walk, attr, value, &here);
    }
}

struct schema_problems schema_validate(struct arena *arena, const struct schema *schema, struct value config,
                                       bool write_only_allowed) {
    struct walk walk = {.arena = arena, .write_only_allowed = write_only_allowed};
    check_object(&walk, schema->attrs, config, NULL);
    return (struct schema_problems){walk.problems, walk.count};
}
