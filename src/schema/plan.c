// SPDX-License-Identifier: Apache-2.0
// The provider's duties in PlanResourceChange, read off the table
// (protocol facts 4.1; what terraform-plugin-framework does for its providers).
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
typedef struct value attr_rule(struct arena *arena, const struct schema_attr *attr, struct value config,
                               struct value prior, struct value planned);

static struct value each_attr(struct arena *arena, const struct schema_attr *attrs, struct value config,
                              struct value prior, struct value planned, attr_rule *rule);

// Applies the rule inside the elements that config and plan both have.
static struct value each_element(struct arena *arena, const struct schema_attr *attr, struct value config,
                                 struct value prior, struct value planned, attr_rule *rule) {
    size_t count = schema_element_count(attr, planned);
    struct value *elements = arena_array(arena, count + 1, sizeof *elements);
    struct schema_element element;
    for (size_t i = 0; schema_element_at(attr, planned, i, &element); i++) {
        struct value configured = schema_element_like(config, &element);
        struct value before = schema_settled(prior) ? schema_element_like(prior, &element) : value_null();
        elements[i] = each_attr(arena, attr->attrs, configured, before, element.object, rule);
    }
    return schema_with_elements(arena, attr, planned, elements);
}

static struct value each_attr(struct arena *arena, const struct schema_attr *attrs, struct value config,
                              struct value prior, struct value planned, attr_rule *rule) {
    if (!schema_settled(planned) || !schema_settled(config))
        return planned;
    size_t count = schema_count(attrs);
    struct value_entry *entries = arena_array(arena, count, sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        const struct schema_attr *attr = &attrs[i];
        struct value configured = value_get(config, attr->name);
        struct value before = value_get(prior, attr->name);
        struct value now = rule(arena, attr, configured, before, value_get(planned, attr->name));
        if (attr->attrs && schema_settled(configured) && schema_settled(now))
            now = each_element(arena, attr, configured, before, now, rule);
        entries[i] = (struct value_entry){attr->name, now};
    }
    return value_map(arena, entries, count);
}

static struct value default_rule(struct arena *arena, const struct schema_attr *attr, struct value config,
                                 struct value prior, struct value planned) {
    (void)prior;
    if (attr->flags & SCHEMA_WRITE_ONLY)
        return value_null();
    return value_is_null(config) && attr->fallback ? fallback(arena, attr) : planned;
}

struct value schema_defaults(struct arena *arena, const struct schema *schema, struct value config,
                             struct value proposed) {
    return each_attr(arena, schema->attrs, config, value_null(), proposed, default_rule);
}

static struct value unknown_rule(struct arena *arena, const struct schema_attr *attr, struct value config,
                                 struct value prior, struct value planned) {
    (void)arena;
    if (!value_is_null(config) || !(attr->flags & SCHEMA_COMPUTED) || attr->fallback)
        return planned;
    return (attr->flags & SCHEMA_STABLE) && !value_is_null(prior) ? prior : value_unknown();
}

struct value schema_unknowns(struct arena *arena, const struct schema *schema, struct value config,
                             struct value prior, struct value planned) {
    return each_attr(arena, schema->attrs, config, prior, planned, unknown_rule);
}

// The same free-form value under another type ([…] or tolist([…])) is no change: nothing
// outside Terraform can tell them apart, and what is read back could not keep them apart.
static struct value same_rule(struct arena *arena, const struct schema_attr *attr, struct value config,
                              struct value prior, struct value planned) {
    (void)arena, (void)config;
    bool dynamic = attr->type && attr->type->kind == TYPE_DYNAMIC;
    return dynamic && schema_settled(prior) && value_equal(value_untyped(prior), value_untyped(planned))
               ? prior
               : planned;
}

struct value schema_plan(struct arena *arena, const struct schema *schema, struct value config,
                         struct value prior, struct value proposed) {
    if (value_is_null(config))
        return value_null();
    struct value planned = schema_defaults(arena, schema, config, proposed);
    planned = each_attr(arena, schema->attrs, config, prior, planned, same_rule);
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

static void find_replaces(struct replaces *found, const struct schema_attr *attrs, struct value config,
                          struct value prior, struct value planned, const struct path *at) {
    if (!schema_settled(prior) || !schema_settled(planned))
        return;
    for (const struct schema_attr *attr = attrs; attr->name; attr++) {
        struct path here = {at, {.key = attr->name}};
        struct value configured = value_get(config, attr->name);
        struct value before = value_get(prior, attr->name), now = value_get(planned, attr->name);
        if (value_equal(before, now))
            continue;
        bool chosen = value_is_null(configured) && !value_is_known(now);
        if ((attr->flags & SCHEMA_REPLACE) && !chosen)
            add_replace(found, &here);
        struct schema_element element;
        for (size_t i = 0; attr->attrs && schema_element_at(attr, now, i, &element); i++) {
            struct path inside = {&here, element.step};
            find_replaces(found, attr->attrs, schema_element_like(configured, &element),
                          schema_element_like(before, &element), element.object,
                          element.single ? &here : &inside);
        }
    }
}

struct schema_strings schema_replaces(struct arena *arena, const struct schema *schema, struct value config,
                                      struct value prior, struct value planned) {
    struct replaces found = {.arena = arena};
    find_replaces(&found, schema->attrs, config, prior, planned, NULL);
    return (struct schema_strings){found.items, found.count};
}

static struct value no_write_only_rule(struct arena *arena, const struct schema_attr *attr,
                                       struct value config, struct value prior, struct value planned) {
    (void)arena, (void)config, (void)prior;
    return attr->flags & SCHEMA_WRITE_ONLY ? value_null() : planned;
}

struct value schema_without_write_only(struct arena *arena, const struct schema *schema,
                                       struct value object) {
    return each_attr(arena, schema->attrs, object, value_null(), object, no_write_only_rule);
}

static struct value config_rule(struct arena *arena, const struct schema_attr *attr, struct value config,
                                struct value prior, struct value planned) {
    (void)config, (void)prior;
    bool kept =
        attr->fallback ? !value_equal(fallback(arena, attr), planned) : !(attr->flags & SCHEMA_COMPUTED);
    return kept && !(attr->flags & SCHEMA_WRITE_ONLY) ? planned : value_null();
}

struct value schema_config(struct arena *arena, const struct schema *schema, struct value object) {
    return each_attr(arena, schema->attrs, object, value_null(), object, config_rule);
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
