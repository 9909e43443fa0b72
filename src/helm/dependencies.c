// SPDX-License-Identifier: Apache-2.0
// Which subcharts take part, under which names, and what their parents import
// from them. Helm's order of steps is kept, odd as it is in places: nested
// charts see their parents' values as if they were their own.
#include "helm/coalesce.h"

#include "go/semver.h"

#include <ctype.h>
#include <string.h>

struct preparing {
    struct call *call;
    struct arena *arena;   // for what stays: the chart's values and names
    struct arena *scratch; // for tables, which only answer one chart's questions
    bool every;            // whatever conditions and tags say
    struct err *err;
};

bool helm_version_matches(struct arena *arena, const char *constraint, const char *version) {
    struct err ignored = err_in(arena);
    struct semver parsed;
    if (!semver_parse(arena, version, &parsed, &ignored))
        return false;
    const struct semver_constraint *range =
        semver_constraint_parse(arena, constraint, SEMVER_PRE_BY_GROUP, &ignored);
    return range && semver_constraint_check(range, &parsed);
}

// --- which charts, under which names ---

static bool satisfies(struct arena *arena, const struct helm_requirement *r, const struct helm_chart *chart) {
    return !strcmp(chart->name, r->name) && helm_version_matches(arena, r->version, chart->version);
}

static bool is_listed(struct arena *arena, const struct helm_chart *chart, const struct helm_chart *child) {
    for (size_t i = 0; i < chart->requirement_count; i++)
        if (satisfies(arena, chart->requirements[i], child))
            return true;
    return false;
}

static void set_dependencies(struct helm_chart *chart, struct helm_chart **children, size_t count) {
    chart->dependencies = children;
    chart->dependency_count = count;
    for (size_t i = 0; i < count; i++)
        children[i]->parent = chart;
}

// Helm 4 gives each alias subcharts of its own, Helm 3 shares them.
static void detach(struct arena *arena, struct helm_chart *copy) {
    struct helm_requirement **requirements =
        arena_array(arena, copy->requirement_count + 1, sizeof *requirements);
    struct helm_chart **children = arena_array(arena, copy->dependency_count + 1, sizeof *children);
    for (size_t i = 0; i < copy->requirement_count; i++)
        requirements[i] = arena_memdup(arena, copy->requirements[i], sizeof **requirements);
    for (size_t i = 0; i < copy->dependency_count; i++)
        children[i] = arena_memdup(arena, copy->dependencies[i], sizeof **children);
    copy->requirements = requirements;
    set_dependencies(copy, children, copy->dependency_count);
}

static struct helm_chart *copy_for(struct arena *arena, const struct helm_chart *chart,
                                   const struct helm_requirement *r) {
    for (size_t i = 0; i < chart->dependency_count; i++) {
        if (!satisfies(arena, r, chart->dependencies[i]))
            continue;
        struct helm_chart *copy = arena_memdup(arena, chart->dependencies[i], sizeof *copy);
        if (copy->profile == HELM_4)
            detach(arena, copy);
        if (*r->alias) {
            copy->name = r->alias;
            copy->metadata = value_with(arena, copy->metadata, "name", value_string_ref(r->alias));
        }
        return copy;
    }
    return NULL;
}

static void resolve_aliases(struct arena *arena, struct helm_chart *chart) {
    size_t most = chart->dependency_count + chart->requirement_count, count = 0;
    struct helm_chart **children = arena_array(arena, most + 1, sizeof *children);
    for (size_t i = 0; i < chart->dependency_count; i++)
        if (!is_listed(arena, chart, chart->dependencies[i]))
            children[count++] = chart->dependencies[i];
    for (size_t i = 0; i < chart->requirement_count; i++) {
        struct helm_requirement *r = chart->requirements[i];
        struct helm_chart *copy = copy_for(arena, chart, r);
        if (copy)
            children[count++] = copy;
        if (*r->alias)
            r->name = r->alias;
        r->enabled = true;
    }
    set_dependencies(chart, children, count);
}

// --- tags and conditions ---

static void apply_tags(struct preparing *p, struct helm_requirement *r, const struct table *tags) {
    bool has_true = false, has_false = false;
    for (size_t i = 0; i < r->tag_count; i++) {
        const struct node *node = table_find(tags, r->tags[i]);
        if (!node)
            continue;
        if (node->kind == NODE_LEAF && value_kind(node->u.leaf) == VALUE_BOOL) {
            has_true |= value_get_bool(node->u.leaf);
            has_false |= !value_get_bool(node->u.leaf);
        } else {
            call_warn(p->call, subject_of(call_part(p->call, "%s for chart %s", r->tags[i], r->name)),
                      "Tag is no boolean:", "Warning: Tag '%s' for chart %s returned non-bool value",
                      r->tags[i], r->name);
        }
    }
    r->enabled = has_true || !has_false;
}

// The leaf at a dotted path; NULL when there is none or a table stands there.
static const struct node *leaf_at(struct arena *arena, const struct table *table, const char *path) {
    for (;;) {
        size_t len = strcspn(path, ".");
        const struct node *node = table_find(table, arena_strndup(arena, path, len));
        if (!node)
            return NULL;
        if (!path[len])
            return node->kind == NODE_TABLE ? NULL : node;
        if (node->kind != NODE_TABLE)
            return NULL;
        table = node->u.table;
        path += len + 1;
    }
}

static void apply_condition(struct preparing *p, struct helm_requirement *r, const struct table *values,
                            const char *path) {
    const char *text = r->condition;
    while (isspace((unsigned char)*text))
        text++;
    size_t end = strlen(text);
    while (end && isspace((unsigned char)text[end - 1]))
        end--;
    for (const char *item = text; item <= text + end;) {
        size_t len = strcspn(item, ",");
        if (item + len > text + end)
            len = (size_t)(text + end - item);
        const char *condition = arena_strndup(p->arena, item, len);
        const struct node *node =
            len ? leaf_at(p->arena, values, arena_printf(p->arena, "%s%s", path, condition)) : NULL;
        if (node && value_kind(node->u.leaf) == VALUE_BOOL) {
            r->enabled = value_get_bool(node->u.leaf);
            return;
        }
        if (node)
            call_warn(p->call, subject_of(call_part(p->call, "%s for chart %s", condition, r->name)),
                      "Condition is no boolean:",
                      "Warning: Condition path '%s' for chart %s returned non-bool value", condition,
                      r->name);
        item += len + 1;
    }
}

// --- enabling ---

static bool is_disabled(const struct helm_chart *chart, const char *name) {
    for (size_t i = 0; i < chart->requirement_count; i++)
        if (!chart->requirements[i]->enabled && !strcmp(chart->requirements[i]->name, name))
            return true;
    return false;
}

static void drop_disabled_children(struct helm_chart *chart) {
    size_t count = 0;
    for (size_t i = 0; i < chart->dependency_count; i++)
        if (!is_disabled(chart, chart->dependencies[i]->name))
            chart->dependencies[count++] = chart->dependencies[i];
    chart->dependency_count = count;
}

static void drop_disabled_requirements(struct arena *arena, struct helm_chart *chart) {
    struct helm_requirement **kept = arena_array(arena, chart->requirement_count + 1, sizeof *kept);
    size_t count = 0;
    for (size_t i = 0; i < chart->requirement_count; i++)
        if (!is_disabled(chart, chart->requirements[i]->name))
            kept[count++] = chart->requirements[i];
    chart->requirements = kept; // a new array: copies made for aliases may still use the old one
    chart->requirement_count = count;
    helm_chart_store_requirements(arena, chart);
}

static bool enable(struct preparing *p, struct helm_chart *chart, const struct table *user,
                   const char *path) {
    if (!chart->requirement_count)
        return true;
    SCRATCH_ARENA(scratch);
    struct coalescing c = {.arena = scratch};
    resolve_aliases(p->arena, chart);
    struct table *values = coalesce_chart(&c, chart, table_copy(scratch, user), p->err);
    if (!values)
        return false;
    const struct table *tags = table_find_table(values, "tags");
    for (size_t i = 0; i < chart->requirement_count && !p->every; i++) {
        if (tags)
            apply_tags(p, chart->requirements[i], tags);
        apply_condition(p, chart->requirements[i], values, path);
    }
    drop_disabled_children(chart);
    for (size_t i = 0; i < chart->dependency_count; i++) {
        struct helm_chart *child = chart->dependencies[i];
        if (!enable(p, child, values, arena_printf(p->arena, "%s%s.", path, child->name)))
            return false;
    }
    drop_disabled_requirements(p->arena, chart);
    set_dependencies(chart, chart->dependencies, chart->dependency_count);
    return true;
}

// --- import-values ---

static struct table *table_at(struct arena *arena, const struct table *table, const char *path) {
    struct table *found = NULL;
    for (;;) {
        size_t len = strcspn(path, ".");
        found = table_find_table(table, arena_strndup(arena, path, len));
        if (!found || !path[len])
            return found;
        table = found;
        path += len + 1;
    }
}

static struct table *wrap_in_path(struct arena *arena, const char *path, struct table *data) {
    if (!strcmp(path, "."))
        return data;
    const char *dot = strchr(path, '.');
    struct table *outer = table_create(arena);
    if (dot)
        data = wrap_in_path(arena, dot + 1, data);
    table_set(arena, outer, dot ? arena_strndup(arena, path, (size_t)(dot - path)) : path, node_table(data));
    return outer;
}

static const char *as_text(struct arena *arena, struct value v) {
    if (value_is_null(v))
        return "<nil>";
    return value_kind(v) == VALUE_STRING ? value_get_string(v) : value_number_text(arena, v);
}

static struct value import_one(struct preparing *p, const struct helm_requirement *r, struct value import,
                               const struct table *values, struct table *imported) {
    bool simple = value_kind(import) == VALUE_STRING;
    const char *child = simple ? arena_printf(p->arena, "exports.%s", value_get_string(import))
                               : as_text(p->arena, value_get(import, "child"));
    const char *parent = simple ? "." : as_text(p->arena, value_get(import, "parent"));
    struct table *found = table_at(p->arena, values, arena_printf(p->arena, "%s.%s", r->name, child));
    struct coalescing c = {.arena = p->scratch, .merge = true};
    if (found) // the keys made here become keys of the chart's values
        coalesce_tables(&c, imported,
                        wrap_in_path(p->arena, parent, found->count ? found : table_create(p->scratch)), "",
                        true);
    else
        call_warn(p->call, subject_of(call_part(p->call, "%s of chart %s", child, r->name)),
                  "Values to import are missing:",
                  "Warning: ImportValues missing table from chart %s: \"%s\" is not a table", r->name, child);
    const struct value_entry entries[] = {{"child", value_string_ref(child)},
                                          {"parent", value_string_ref(parent)}};
    return value_map(p->arena, entries, 2);
}

// Helm 3's aliases share the requirement, and what it was made into for the first is nothing for the next.
static void import_requirement(struct preparing *p, struct helm_requirement *r, const struct table *values,
                               struct table *imported) {
    size_t count = 0, most = r->imported ? 0 : value_len(r->import_values);
    struct value *stored = arena_array(p->arena, most + 1, sizeof *stored);
    for (size_t i = 0; i < most; i++) {
        struct value import = value_at(r->import_values, i);
        if (value_kind(import) == VALUE_STRING || value_kind(import) == VALUE_MAP)
            stored[count++] = import_one(p, r, import, values, imported);
    }
    r->import_values = count ? value_list(p->arena, stored, count) : value_null();
    r->imported = true;
}

static bool import_values(struct preparing *p, struct helm_chart *chart) {
    for (size_t i = 0; i < chart->dependency_count; i++)
        if (!import_values(p, chart->dependencies[i]))
            return false;
    if (!chart->requirement_count)
        return true;
    SCRATCH_ARENA(scratch);
    struct coalescing c = {.arena = scratch, .merge = true};
    p->scratch = scratch;
    struct table *values = coalesce_chart(&c, chart, table_create(scratch), p->err);
    if (!values)
        return false;
    struct table *imported = table_create(p->scratch);
    for (size_t i = 0; i < chart->requirement_count; i++)
        import_requirement(p, chart->requirements[i], values, imported);
    values = table_copy(p->scratch, values); // what was imported shares tables with it
    coalesce_tables(&c, values, imported, "", true);
    chart->values = table_to_value(p->arena, values);
    return true;
}

// When all is done, for what charts share shows the last of it in each.
static void store_requirements(struct arena *arena, struct helm_chart *chart) {
    for (size_t i = 0; i < chart->dependency_count; i++)
        store_requirements(arena, chart->dependencies[i]);
    if (chart->requirement_count)
        helm_chart_store_requirements(arena, chart);
}

static bool prepare(struct preparing *p, struct helm_chart *chart, struct value user) {
    SCRATCH_ARENA(scratch);
    chart->prepared = true;
    bool fine = enable(p, chart, table_from_value(scratch, user), "") && import_values(p, chart);
    if (fine)
        store_requirements(p->arena, chart);
    return fine || (chart->profile == HELM_4 && err_wrap(p->err, "chart dependencies processing failed"));
}

bool helm_values_prepare(struct call *call, struct helm_chart *chart, struct value user, struct err *err) {
    struct preparing p = {.call = call, .arena = call->arena, .err = err};
    return prepare(&p, chart, user);
}

bool helm_values_prepare_every(struct call *call, struct helm_chart *chart, struct value user,
                               struct err *err) {
    struct preparing p = {.call = call, .arena = call->arena, .every = true, .err = err};
    return prepare(&p, chart, user);
}
