// SPDX-License-Identifier: Apache-2.0
// The user's values over the charts' defaults. Tables are shared between scopes
// exactly where Go's maps are in Helm, because what is shared shows.
#include "helm/coalesce.h"

#include "go/quote.h"

#include <stdarg.h>
#include <string.h>

static void warn(const struct coalescing *c, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void warn(const struct coalescing *c, const char *key, const char *format, ...) {
    if (!c->call)
        return;
    va_list args;
    va_start(args, format);
    call_warn(c->call, subject_of(call_part(c->call, "%s of chart %s", key, c->chart)),
              "Values do not fit:", "%s", arena_vprintf(c->arena, format, args));
    va_end(args);
}

static const char *join_prefix(struct arena *arena, const char *prefix, const char *name) {
    return *prefix ? arena_printf(arena, "%s.%s", prefix, name) : name;
}

// Entries that a table gets in one go.
struct additions {
    struct table_entry *entries;
    size_t count;
};

static void additions_for(struct additions *additions, struct arena *arena, size_t most) {
    additions->entries = arena_array(arena, most + 1, sizeof *additions->entries);
    additions->count = 0;
}

static bool is_dropped(const struct node *node) {
    return node->kind == NODE_LEAF && value_kind(node->u.leaf) == VALUE_UNKNOWN;
}

// Marks an entry; table_filter with is_dropped takes the marked ones out in one pass.
static void drop(struct node *node) {
    *node = node_leaf(value_unknown());
}

static void clean_nulls(struct table *table) {
    table_filter(table, node_is_null);
    for (size_t i = 0; i < table->count; i++)
        if (table->entries[i].node.kind == NODE_TABLE)
            clean_nulls(table->entries[i].node.u.table);
}

// A null of the destination is seen by the source too, as Helm writes it there.
static void pass_nulls(struct arena *arena, const struct table *dst, struct table *src) {
    for (size_t i = 0; i < dst->count; i++)
        if (node_is_null(&dst->entries[i].node) && !table_find(src, dst->entries[i].key))
            table_set(arena, src, dst->entries[i].key, node_null());
}

// Where two tables are put together, and what came of it.
struct level {
    const char *prefix; // of their keys
    bool merge;         // nulls stay
    bool dropped;       // entries are marked to be taken out
};

// The node of a key, looked for from `*at` on: keys are asked for in order.
static struct node *follow(struct table *table, size_t *at, const char *key) {
    while (*at < table->count && strcmp(table->entries[*at].key, key) < 0)
        ++*at;
    return *at < table->count && !strcmp(table->entries[*at].key, key) ? &table->entries[*at].node : NULL;
}

static void coalesce_entry(struct coalescing *c, struct level *level, struct node *over,
                           struct table_entry *under) {
    const char *key = join_prefix(c->arena, level->prefix, under->key);
    bool table = under->node.kind == NODE_TABLE;
    if (node_is_null(over)) {
        if (!level->merge && !node_is_null(&under->node)) { // the user takes a default away
            drop(over);
            level->dropped = true;
        }
        under->node = node_null();
    } else if (table && over->kind == NODE_TABLE) {
        coalesce_tables(c, over->u.table, under->node.u.table, key, level->merge);
    } else if (table) {
        warn(c, key, "warning: cannot overwrite table with non table for %s", key);
    } else if (over->kind == NODE_TABLE && !node_is_null(&under->node)) {
        warn(c, key, "warning: destination for %s is a table. Ignoring non-table value", key);
    }
}

void coalesce_tables(struct coalescing *c, struct table *dst, struct table *src, const char *prefix,
                     bool merge) {
    struct additions additions;
    struct level level = {prefix, merge, false};
    size_t at = 0;
    if (dst == src)
        return;
    pass_nulls(c->arena, dst, src);
    additions_for(&additions, c->arena, src->count);
    for (size_t i = 0; i < src->count; i++) {
        struct table_entry *under = &src->entries[i];
        struct node *over = follow(dst, &at, under->key);
        if (over)
            coalesce_entry(c, &level, over, under);
        else
            additions.entries[additions.count++] = *under;
    }
    if (level.dropped)
        table_filter(dst, is_dropped);
    table_add(c->arena, dst, additions.entries, additions.count);
}

// --- one chart's defaults ---

static bool is_child(const struct helm_chart *chart, const char *key) {
    for (size_t i = 0; i < chart->dependency_count; i++)
        if (!strcmp(chart->dependencies[i]->name, key))
            return true;
    return false;
}

static void coalesce_default(struct coalescing *c, const struct helm_chart *chart, struct level *level,
                             struct node *over, struct table_entry *under) {
    const char *prefix = level->prefix;
    if (node_is_null(over) && !level->merge) {
        drop(over);
        level->dropped = true;
    } else if (over->kind == NODE_TABLE && under->node.kind == NODE_TABLE) {
        bool merge = level->merge || is_child(chart, under->key);
        if (chart->profile == HELM_4 && !merge)
            clean_nulls(under->node.u.table);
        coalesce_tables(c, over->u.table, under->node.u.table, join_prefix(c->arena, prefix, under->key),
                        merge);
    } else if (over->kind == NODE_TABLE && !node_is_null(&under->node)) {
        warn(c, join_prefix(c->arena, prefix, under->key), "warning: skipped value for %s.%s: Not a table.",
             prefix, under->key);
    }
}

// False when the default does not count.
static bool admit_default(const struct coalescing *c, const struct helm_chart *chart,
                          struct table_entry *under) {
    if (chart->profile != HELM_4 || c->merge)
        return true;
    if (node_is_null(&under->node))
        return false;
    if (under->node.kind == NODE_TABLE)
        clean_nulls(under->node.u.table);
    return true;
}

static void coalesce_defaults(struct coalescing *c, const struct helm_chart *chart, struct table *dst,
                              const char *prefix) {
    struct table *defaults = table_from_value(c->arena, chart->values);
    struct additions additions;
    struct level level = {prefix, c->merge, false};
    size_t at = 0;
    additions_for(&additions, c->arena, defaults->count);
    for (size_t i = 0; i < defaults->count; i++) {
        struct table_entry *under = &defaults->entries[i];
        struct node *over = follow(dst, &at, under->key);
        if (over)
            coalesce_default(c, chart, &level, over, under);
        else if (admit_default(c, chart, under))
            additions.entries[additions.count++] = *under;
    }
    if (level.dropped)
        table_filter(dst, is_dropped);
    table_add(c->arena, dst, additions.entries, additions.count);
}

// --- globals ---

static void pass_global(struct coalescing *c, struct table *dst, const struct table_entry *from,
                        const char *prefix, struct additions *additions) {
    struct node *own = table_find(dst, from->key);
    if (from->node.kind == NODE_TABLE) {
        struct table *copy = table_copy_shallow(c->arena, from->node.u.table);
        if (!own) {
            additions->entries[additions->count++] = (struct table_entry){from->key, node_table(copy)};
        } else if (own->kind != NODE_TABLE) {
            warn(c, from->key, "Conflict: cannot merge map onto non-map for %s. Skipping.",
                 quote_of(c->arena, from->key));
        } else { // top down: the parent's side wins
            coalesce_tables(c, copy, own->u.table, join_prefix(c->arena, prefix, from->key), true);
            *own = node_table(copy);
        }
    } else if (!own) {
        additions->entries[additions->count++] = *from;
    } else if (own->kind == NODE_TABLE) {
        warn(c, from->key, "key %s is table. Skipping", from->key);
    } else {
        *own = from->node;
    }
}

static void coalesce_globals(struct coalescing *c, struct table *dst, struct table *src, const char *prefix) {
    struct node *to = table_find(dst, "global"), *from = table_find(src, "global");
    struct additions additions;
    if (to && to->kind != NODE_TABLE) {
        warn(c, "global", "warning: skipping globals because destination global is not a table.");
        return;
    }
    if (from && from->kind != NODE_TABLE) {
        warn(c, "global", "warning: skipping globals because source global is not a table.");
        return;
    }
    struct table *own = to ? to->u.table : table_create(c->arena);
    size_t count = from ? from->u.table->count : 0;
    additions_for(&additions, c->arena, count);
    for (size_t i = 0; i < count; i++)
        pass_global(c, own, &from->u.table->entries[i], prefix, &additions);
    table_add(c->arena, own, additions.entries, additions.count);
    if (!to)
        table_set(c->arena, dst, "global", node_table(own));
}

// --- the tree of charts ---

static const char *bad_table(struct arena *arena, const struct node *node) {
    struct value v = node->u.leaf;
    switch (value_kind(v)) {
    case VALUE_NULL: return "%!t(<nil>)";
    case VALUE_BOOL: return value_get_bool(v) ? "true" : "false";
    case VALUE_STRING: return arena_printf(arena, "%%!t(string=%s)", value_get_string(v));
    case VALUE_INT: return arena_printf(arena, "%%!t(int64=%lld)", (long long)value_get_int(v));
    case VALUE_FLOAT: return arena_printf(arena, "%%!t(float64=%s)", value_number_text(arena, v));
    default: return "[]";
    }
}

static bool coalesce_scope(struct coalescing *c, const struct helm_chart *chart, struct table *dst,
                           const char *prefix, struct err *err) {
    const char *path = join_prefix(c->arena, prefix, chart->name);
    coalesce_defaults(c, chart, dst, path);
    for (size_t i = 0; i < chart->dependency_count; i++) {
        const struct helm_chart *child = chart->dependencies[i];
        struct node *scope = table_find(dst, child->name);
        if (!scope) {
            table_set(c->arena, dst, child->name, node_table(table_create(c->arena)));
            scope = table_find(dst, child->name);
        }
        if (scope->kind != NODE_TABLE)
            return err_set(err, ERR_INVALID, "type mismatch on %s: %s", child->name,
                           bad_table(c->arena, scope));
        struct table *table = scope->u.table; // adding globals moves entries about
        coalesce_globals(c, table, dst, path);
        if (!coalesce_scope(c, child, table, path, err))
            return false;
    }
    return true;
}

struct table *coalesce_chart(struct coalescing *c, const struct helm_chart *chart, struct table *user,
                             struct err *err) {
    return coalesce_scope(c, chart, user, "", err) ? user : NULL;
}
