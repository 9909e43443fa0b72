// SPDX-License-Identifier: Apache-2.0
#include "helm/private.h"

#include <string.h>

struct node node_null(void) {
    return (struct node){.kind = NODE_LEAF, .u.leaf = value_null()};
}

struct node node_leaf(struct value leaf) {
    return (struct node){.kind = NODE_LEAF, .u.leaf = leaf};
}

struct node node_table(struct table *table) {
    return (struct node){.kind = NODE_TABLE, .u.table = table};
}

bool node_is_null(const struct node *node) {
    return node->kind == NODE_LEAF && value_is_null(node->u.leaf);
}

struct node node_from_value(struct arena *arena, struct value v) {
    return value_kind(v) == VALUE_MAP ? node_table(table_from_value(arena, v)) : node_leaf(v);
}

static struct value node_to_value(struct arena *arena, const struct node *node);

static struct value list_to_value(struct arena *arena, const struct node_list *list) {
    struct value *items = arena_array(arena, list->count ? list->count : 1, sizeof *items);
    for (size_t i = 0; i < list->count; i++)
        items[i] = node_to_value(arena, &list->items[i]);
    return value_list(arena, items, list->count);
}

static struct value node_to_value(struct arena *arena, const struct node *node) {
    switch (node->kind) {
    case NODE_TABLE: return table_to_value(arena, node->u.table);
    case NODE_LIST: return list_to_value(arena, node->u.list);
    default: return node->u.leaf;
    }
}

struct table *table_create(struct arena *arena) {
    return arena_alloc(arena, sizeof(struct table));
}

static struct table *table_sized(struct arena *arena, size_t count) {
    struct table *table = table_create(arena);
    table->cap = count;
    if (count)
        table->entries = arena_array(arena, count, sizeof *table->entries);
    return table;
}

struct table *table_from_value(struct arena *arena, struct value map) {
    size_t count = value_kind(map) == VALUE_MAP ? value_len(map) : 0;
    struct table *table = table_sized(arena, count);
    for (size_t i = 0; i < count; i++) {
        const struct value_entry *entry = value_entry_at(map, i);
        table->entries[i] = (struct table_entry){entry->key, node_from_value(arena, entry->value)};
    }
    table->count = count;
    return table;
}

struct value table_to_value(struct arena *arena, const struct table *table) {
    struct value_entry *entries = arena_array(arena, table->count ? table->count : 1, sizeof *entries);
    for (size_t i = 0; i < table->count; i++) {
        entries[i].key = table->entries[i].key;
        entries[i].value = node_to_value(arena, &table->entries[i].node);
    }
    return value_map_of(entries, table->count);
}

struct table *table_copy_shallow(struct arena *arena, const struct table *table) {
    struct table *copy = table_sized(arena, table->count);
    if (table->count)
        memcpy(copy->entries, table->entries, table->count * sizeof *table->entries);
    copy->count = table->count;
    return copy;
}

struct table *table_copy(struct arena *arena, const struct table *table) {
    struct table *copy = table_copy_shallow(arena, table);
    for (size_t i = 0; i < copy->count; i++)
        if (copy->entries[i].node.kind == NODE_TABLE)
            copy->entries[i].node.u.table = table_copy(arena, copy->entries[i].node.u.table);
    return copy;
}

// Where the key is or belongs.
static size_t position(const struct table *table, const char *key, bool *found) {
    size_t low = 0, high = table->count;
    *found = false;
    if (high && strcmp(table->entries[high - 1].key, key) < 0)
        return high; // sorted input only ever appends
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(table->entries[middle].key, key);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct node *table_find(const struct table *table, const char *key) {
    bool found;
    size_t at = position(table, key, &found);
    return found ? &table->entries[at].node : NULL;
}

struct table *table_find_table(const struct table *table, const char *key) {
    struct node *node = table_find(table, key);
    return node && node->kind == NODE_TABLE ? node->u.table : NULL;
}

static void reserve(struct arena *arena, struct table *table, size_t count) {
    if (count <= table->cap)
        return;
    size_t cap = table->cap ? table->cap * 2 : 4;
    while (cap < count)
        cap *= 2;
    table->entries =
        arena_grow(arena, table->entries, table->cap * sizeof *table->entries, cap * sizeof *table->entries);
    table->cap = cap;
}

void table_set(struct arena *arena, struct table *table, const char *key, struct node node) {
    bool found;
    size_t at = position(table, key, &found);
    if (!found) {
        reserve(arena, table, table->count + 1);
        memmove(&table->entries[at + 1], &table->entries[at], (table->count - at) * sizeof *table->entries);
        table->entries[at].key = key;
        table->count++;
    }
    table->entries[at].node = node;
}

void table_add(struct arena *arena, struct table *table, const struct table_entry *entries, size_t count) {
    if (!count)
        return;
    reserve(arena, table, table->count + count);
    size_t old = table->count, to = old + count;
    table->count = to;
    while (count) { // from the back, so that nothing is overwritten before it moved
        bool take_new = !old || strcmp(table->entries[old - 1].key, entries[count - 1].key) < 0;
        table->entries[--to] = take_new ? entries[--count] : table->entries[--old];
    }
}

void table_filter(struct table *table, bool (*drop)(const struct node *node)) {
    size_t kept = 0;
    for (size_t i = 0; i < table->count; i++)
        if (!drop(&table->entries[i].node))
            table->entries[kept++] = table->entries[i];
    table->count = kept;
}
