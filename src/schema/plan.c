// SPDX-License-Identifier: Apache-2.0
// The provider's duties in PlanResourceChange, read off the table
// (hashicorp/terraform, docs/resource-instance-change-lifecycle.md; what terraform-plugin-framework does for
// its providers).
#include "schema/private.h"

#include "base/list.h"
#include "value/number.h"

// The value of attr->fallback; null without one.
static struct value fallback(struct arena *arena, const struct schema_attr *attr);

static struct value members_fallback(struct arena *arena, const struct schema_attr *attrs) {
    size_t count = schema_count(attrs);
    struct value_entry *entries = arena_array(arena, count, sizeof *entries);
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct value_entry){attrs[i].name, fallback(arena, &attrs[i])};
    return value_map(arena, entries, count);
}

static struct value primitive_fallback(struct arena *arena, const struct schema_attr *attr) {
    struct value number = value_null();
    switch (attr->type->kind) {
    case TYPE_STRING: return value_string_ref(attr->fallback);
    case TYPE_BOOL: return value_bool(!strcmp(attr->fallback, "true"));
    case TYPE_NUMBER: number_parse(arena, attr->fallback, strlen(attr->fallback), &number); return number;
    case TYPE_LIST:
    case TYPE_SET: return value_list(arena, NULL, 0);
    case TYPE_MAP: return value_map(arena, NULL, 0);
    default: return value_typed(arena, type_object(arena, NULL, 0), value_map(arena, NULL, 0));
    }
}

static struct value fallback(struct arena *arena, const struct schema_attr *attr) {
    if (!attr->fallback)
        return value_null();
    if (attr->nesting == SCHEMA_SINGLE)
        return members_fallback(arena, attr->attrs);
    if (attr->nesting)
        return attr->nesting == SCHEMA_LIST ? value_list(arena, NULL, 0) : value_map(arena, NULL, 0);
    return primitive_fallback(arena, attr);
}

// What one attribute becomes; the walks differ only in this.
typedef struct value attr_rule(struct arena *arena, const struct schema_attr *attr,
                               struct schema_versions value);

static struct value each_attr(struct arena *arena, const struct schema_attr *attrs,
                              struct schema_versions object, attr_rule *rule);

// Applies the rule inside the elements that config and plan both have.
static struct value each_element(struct arena *arena, const struct schema_attr *attr,
                                 struct schema_versions value, attr_rule *rule) {
    size_t count = schema_element_count(attr, value.planned);
    struct value *elements = arena_array(arena, count + 1, sizeof *elements);
    struct schema_element element;
    for (size_t i = 0; schema_element_at(attr, value.planned, i, &element); i++)
        elements[i] = each_attr(arena, attr->attrs, schema_versions_like(value, &element), rule);
    return schema_with_elements(arena, attr, value.planned, elements);
}

static struct value each_attr(struct arena *arena, const struct schema_attr *attrs,
                              struct schema_versions object, attr_rule *rule) {
    if (!schema_settled(object.planned) || !schema_settled(object.config))
        return object.planned;
    size_t count = schema_count(attrs);
    struct value_entry *entries = arena_array(arena, count, sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        const struct schema_attr *attr = &attrs[i];
        struct schema_versions value = schema_versions_of(object, attr->name);
        value.planned = rule(arena, attr, value);
        if (attr->attrs && schema_settled(value.config) && schema_settled(value.planned))
            value.planned = each_element(arena, attr, value, rule);
        entries[i] = (struct value_entry){attr->name, value.planned};
    }
    return value_map(arena, entries, count);
}

static struct value default_rule(struct arena *arena, const struct schema_attr *attr,
                                 struct schema_versions value) {
    if (attr->flags & SCHEMA_WRITE_ONLY)
        return value_null();
    return value_is_null(value.config) && attr->fallback ? fallback(arena, attr) : value.planned;
}

struct value schema_defaults(struct arena *arena, const struct schema *schema, struct value config,
                             struct value proposed) {
    return each_attr(arena, schema->attrs, (struct schema_versions){config, value_null(), proposed},
                     default_rule);
}

static struct value unknown_rule(struct arena *arena, const struct schema_attr *attr,
                                 struct schema_versions value) {
    (void)arena;
    if (!value_is_null(value.config) || !(attr->flags & SCHEMA_COMPUTED) || attr->fallback)
        return value.planned;
    return (attr->flags & SCHEMA_STABLE) && !value_is_null(value.prior) ? value.prior : value_unknown();
}

struct value schema_unknowns(struct arena *arena, const struct schema *schema, struct value config,
                             struct value prior, struct value planned) {
    return each_attr(arena, schema->attrs, (struct schema_versions){config, prior, planned}, unknown_rule);
}

// The same free-form value under another type ([…] or tolist([…])) is no change: nothing
// outside Terraform can tell them apart, and what is read back could not keep them apart.
static struct value same_rule(struct arena *arena, const struct schema_attr *attr,
                              struct schema_versions value) {
    (void)arena;
    bool dynamic = attr->type && attr->type->kind == TYPE_DYNAMIC;
    return dynamic && schema_settled(value.prior) &&
                   value_equal(value_untyped(value.prior), value_untyped(value.planned))
               ? value.prior
               : value.planned;
}

struct value schema_plan(struct arena *arena, const struct schema *schema, struct value config,
                         struct value prior, struct value proposed) {
    if (value_is_null(config))
        return value_null();
    struct value planned = schema_defaults(arena, schema, config, proposed);
    planned = each_attr(arena, schema->attrs, (struct schema_versions){config, prior, planned}, same_rule);
    if (!value_is_null(prior) && value_equal(planned, prior))
        return prior;
    return schema_unknowns(arena, schema, config, prior, planned);
}

struct replaces {
    struct arena *arena;
    const char **items;
    size_t count;
};

static void add_replace(struct replaces *found, const struct path *at) {
    *LIST_ADD(found->arena, found->items, found->count) = path_text(found->arena, at);
}

static void find_replaces(struct replaces *found, const struct schema_attr *attrs,
                          struct schema_versions object, const struct path *at) {
    if (!schema_settled(object.prior) || !schema_settled(object.planned))
        return;
    for (const struct schema_attr *attr = attrs; attr->name; attr++) {
        struct path here = {at, {.key = attr->name}};
        struct schema_versions value = schema_versions_of(object, attr->name);
        if (value_equal(value.prior, value.planned))
            continue;
        bool chosen = value_is_null(value.config) && !value_is_known(value.planned);
        if ((attr->flags & SCHEMA_REPLACE) && !chosen)
            add_replace(found, &here);
        struct schema_element element;
        for (size_t i = 0; attr->attrs && schema_element_at(attr, value.planned, i, &element); i++) {
            struct path inside = {&here, element.step};
            find_replaces(found, attr->attrs, schema_versions_like(value, &element),
                          element.single ? &here : &inside);
        }
    }
}

struct schema_strings schema_replaces(struct arena *arena, const struct schema *schema, struct value config,
                                      struct value prior, struct value planned) {
    struct replaces found = {.arena = arena};
    find_replaces(&found, schema->attrs, (struct schema_versions){config, prior, planned}, NULL);
    return (struct schema_strings){found.items, found.count};
}

static struct value no_write_only_rule(struct arena *arena, const struct schema_attr *attr,
                                       struct schema_versions value) {
    (void)arena;
    return attr->flags & SCHEMA_WRITE_ONLY ? value_null() : value.planned;
}

struct value schema_without_write_only(struct arena *arena, const struct schema *schema,
                                       struct value object) {
    return each_attr(arena, schema->attrs, (struct schema_versions){object, value_null(), object},
                     no_write_only_rule);
}

static struct value config_rule(struct arena *arena, const struct schema_attr *attr,
                                struct schema_versions value) {
    bool kept = attr->fallback ? !value_equal(fallback(arena, attr), value.planned)
                               : !(attr->flags & SCHEMA_COMPUTED);
    return kept && !(attr->flags & SCHEMA_WRITE_ONLY) ? value.planned : value_null();
}

struct value schema_config(struct arena *arena, const struct schema *schema, struct value object) {
    return each_attr(arena, schema->attrs, (struct schema_versions){object, value_null(), object},
                     config_rule);
}

struct value schema_without_unknowns(struct arena *arena, struct value value) {
    if (value_is_known(value))
        return value;
    if (value_kind(value) == VALUE_TYPED)
        return value_typed(arena, value_type_of(value), schema_without_unknowns(arena, value_untyped(value)));
    size_t count = value_len(value);
    if (value_kind(value) == VALUE_LIST) {
        struct value *items = arena_array(arena, count, sizeof *items);
        for (size_t i = 0; i < count; i++)
            items[i] = schema_without_unknowns(arena, value_at(value, i));
        return value_list(arena, items, count);
    }
    if (value_kind(value) != VALUE_MAP)
        return value_null();
    struct value_entry *entries = arena_array(arena, count, sizeof *entries);
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct value_entry){value_entry_at(value, i)->key,
                                          schema_without_unknowns(arena, value_entry_at(value, i)->value)};
    return value_map(arena, entries, count);
}
