// SPDX-License-Identifier: Apache-2.0
#include "schema/consistency.h"

#include "schema/private.h"

static const char *const RESERVED[] = {"count",     "for_each",   "provider",    "depends_on",
                                       "lifecycle", "connection", "provisioner", NULL};

static const char *attr_fault(const struct schema_attr *attr) {
    unsigned flags = attr->flags;
    bool settable = flags & (SCHEMA_REQUIRED | SCHEMA_OPTIONAL);
    if (!attr->name[0] || strspn(attr->name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(attr->name))
        return "its name is not made of a-z, 0-9 and _";
    if (!attr->type == !attr->nesting || !attr->attrs != !attr->nesting)
        return "needs a type, or a nesting and nested attributes";
    if (!(flags & (SCHEMA_REQUIRED | SCHEMA_OPTIONAL | SCHEMA_COMPUTED)))
        return "is neither required, optional nor computed";
    if ((flags & SCHEMA_REQUIRED) && (flags & (SCHEMA_OPTIONAL | SCHEMA_COMPUTED)))
        return "is required and optional or computed at once";
    if ((flags & SCHEMA_WRITE_ONLY) && (!settable || (flags & SCHEMA_COMPUTED)))
        return "is write-only but not purely required or optional";
    if (attr->fallback &&
        (flags & (SCHEMA_OPTIONAL | SCHEMA_COMPUTED)) != (SCHEMA_OPTIONAL | SCHEMA_COMPUTED))
        return "has a default but is not optional and computed";
    if ((flags & SCHEMA_STABLE) && !(flags & SCHEMA_COMPUTED))
        return "is stable but not computed";
    if (!attr->doc)
        return "has no doc";
    return NULL;
}

static bool check_table(const struct schema_attr *attrs, const char *where, struct err *err) {
    for (const struct schema_attr *attr = attrs; attr->name; attr++) {
        const char *fault = attr_fault(attr);
        const char *path = arena_printf(err->arena, "%s.%s", where, attr->name);
        if (fault)
            return err_set(err, ERR_INTERNAL, "schema attribute %s %s", path, fault);
        if (schema_find(attrs, attr->name) != attr)
            return err_set(err, ERR_INTERNAL, "schema attribute %s is there twice", path);
        if (attr->attrs && !check_table(attr->attrs, path, err))
            return false;
    }
    return true;
}

bool schema_check_table(const struct schema *schema, struct err *err) {
    for (size_t i = 0; RESERVED[i]; i++)
        if (schema_find(schema->attrs, RESERVED[i]))
            return err_set(err, ERR_INTERNAL,
                           "schema attribute %s.%s has a name that Terraform keeps for itself", schema->name,
                           RESERVED[i]);
    return check_table(schema->attrs, schema->name, err);
}

static bool breach(struct err *err, const struct path *at, const char *rule) {
    const char *path = path_text(err->arena, at);
    err_at(err, path, "%s: %s", path, rule);
    err->kind = ERR_INTERNAL;
    return false;
}

static bool plan_object(const struct schema_attr *attrs, struct schema_versions object, const struct path *at,
                        struct err *err);

// Source: hashicorp/terraform, internal/plans/objchange/plan_valid.go.
static bool plan_attr(const struct schema_attr *attr, struct schema_versions value, const struct path *at,
                      struct err *err) {
    struct value config = value.config, prior = value.prior, planned = value.planned;
    bool computed = attr->flags & SCHEMA_COMPUTED;
    if ((attr->flags & SCHEMA_WRITE_ONLY) && !value_is_null(planned))
        return breach(err, at, "a write-only attribute is planned with a value");
    if ((attr->flags & SCHEMA_WRITE_ONLY) || value_equal(planned, config))
        return true;
    if (!value_is_null(prior) && !value_is_null(config) && value_equal(planned, prior))
        return true;
    if (computed && (value_is_null(config) || !(attr->flags & SCHEMA_OPTIONAL)))
        return true;
    if (value_is_null(config))
        return breach(err, at,
                      "planned with a value though config is null and the attribute is not computed");
    if (!attr->attrs || !schema_settled(config))
        return breach(err, at, "the planned value differs from config and from the prior value");
    if (!schema_settled(planned) || schema_element_count(attr, planned) != schema_element_count(attr, config))
        return breach(err, at, "the planned elements are not those of config");
    struct schema_element element;
    for (size_t i = 0; schema_element_at(attr, config, i, &element); i++) {
        struct path here = {at, element.step};
        if (!plan_object(attr->attrs, schema_versions_like(value, &element), element.single ? at : &here,
                         err))
            return false;
    }
    return true;
}

static bool plan_object(const struct schema_attr *attrs, struct schema_versions object, const struct path *at,
                        struct err *err) {
    if (value_is_null(object.config) != value_is_null(object.planned))
        return breach(err, at, "the plan is null and config is not, or the other way round");
    if (!schema_settled(object.config))
        return true;
    for (const struct schema_attr *attr = attrs; attr->name; attr++) {
        struct path here = {at, {.key = attr->name}};
        if (!plan_attr(attr, schema_versions_of(object, attr->name), &here, err))
            return false;
    }
    return true;
}

bool schema_check_plan(const struct schema *schema, struct value config, struct value prior,
                       struct value planned, struct err *err) {
    return plan_object(schema->attrs, (struct schema_versions){config, prior, planned}, NULL, err);
}

// Known leaves stay, unknown ones may become anything.
static bool keeps(struct value planned, struct value state, const struct path *at, struct err *err) {
    if (value_kind(planned) == VALUE_UNKNOWN || value_equal(planned, state))
        return true;
    if (value_kind(planned) == VALUE_TYPED && value_kind(state) == VALUE_TYPED &&
        type_equal(value_type_of(planned), value_type_of(state)))
        return keeps(value_untyped(planned), value_untyped(state), at, err);
    enum value_kind kind = value_kind(planned);
    bool collection = kind == VALUE_LIST || kind == VALUE_MAP;
    if (!collection || value_kind(state) != kind || value_len(state) != value_len(planned))
        return breach(err, at, "the value after apply is not the planned one");
    for (size_t i = 0; i < value_len(planned); i++) {
        const struct value_entry *entry = value_entry_at(planned, i);
        struct path here = {at, {.key = entry ? entry->key : NULL, .index = i}};
        struct value wanted = entry ? entry->value : value_at(planned, i);
        if (!keeps(wanted, entry ? value_get(state, entry->key) : value_at(state, i), &here, err))
            return false;
    }
    return true;
}

bool schema_check_apply(const struct schema *schema, struct value planned, struct value state,
                        struct err *err) {
    const char *unknown = schema_first_unknown(err->arena, state);
    if (unknown)
        return err_set(err, ERR_INTERNAL, "%s: still unknown after apply", unknown);
    if (value_is_null(planned) != value_is_null(state))
        return breach(err, NULL,
                      "the object is null after apply and was not planned so, or the other way round");
    for (const struct schema_attr *attr = schema->attrs; attr->name && !value_is_null(planned); attr++)
        if (attr->flags & SCHEMA_WRITE_ONLY && !value_is_null(value_get(state, attr->name)))
            return err_set(err, ERR_INTERNAL, "%s: a write-only attribute has a value after apply",
                           attr->name);
    return keeps(planned, state, NULL, err);
}
