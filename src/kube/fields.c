// SPDX-License-Identifier: Apache-2.0
#include "kube/fields.h"

#include "base/buf.h"
#include "base/list.h"
#include "codec/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// One member of a fieldsV1 set: "f:name" a field, "k:{...}" the list item with these keys, "v:..." the
// list item of that value, "i:N" an index, "." the thing itself.

// 'f', 'k', 'v', 'i', or 0 for anything else.
static char sort_of(const char *element) {
    return element[0] && element[1] == ':' ? element[0] : 0;
}

// Members of a map, 0 for what is none.
static size_t members(struct value map) {
    return value_kind(map) == VALUE_MAP ? value_len(map) : 0;
}

static bool item_matches(struct arena *arena, const char *element, struct value item) {
    struct err ignored = err_in(arena);
    struct value wanted;
    if (!sort_of(element) || !json_decode(arena, element + 2, strlen(element + 2), &wanted, &ignored))
        return false;
    if (element[0] == 'v')
        return value_equal(wanted, item);
    for (size_t i = 0; i < members(wanted); i++) {
        const struct value_entry *key = value_entry_at(wanted, i);
        if (!value_equal(value_get(item, key->key), key->value))
            return false;
    }
    return members(wanted) > 0;
}

// What the set says of a field, or of an item of the list `parent`; false for nothing. A set may hold tens of
// thousands of fields, and is asked for each of them.
static bool field(struct arena *arena, struct value set, const char *key, struct value *out) {
    char brief[256];
    size_t size = strlen(key) + sizeof "f:";
    char *element = size <= sizeof brief ? brief : arena_alloc(arena, size);
    snprintf(element, size, "f:%s", key);
    *out = value_get(set, element);
    return value_has(set, element);
}

bool kube_fields_item(struct arena *arena, struct value set, size_t index, struct value parent,
                      struct value *out) {
    for (size_t i = 0; i < members(set); i++) {
        const struct value_entry *entry = value_entry_at(set, i);
        char sort = sort_of(entry->key);
        *out = entry->value;
        if (sort == 'i'
                ? strtoul(entry->key + 2, NULL, 10) == index
                : (sort == 'k' || sort == 'v') && item_matches(arena, entry->key, value_at(parent, index)))
            return true;
    }
    return false;
}

static struct value child_at(struct value parent, const struct path_step *step) {
    return step->key ? value_get(parent, step->key) : value_at(parent, step->index);
}

static bool is_leaf(struct value set) {
    return members(set) == 0;
}

// How closely the set owns the field at the end of the steps: count + 1 for exactly (it, or something below
// it); where the set ends in a leaf on the way, the steps up to the thing that it owns whole; 0 for not at
// all.
static size_t owns(struct arena *arena, struct value set, struct value object, const struct path_step *steps,
                   size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct value next;
        bool found = steps[i].key ? field(arena, set, steps[i].key, &next)
                                  : kube_fields_item(arena, set, steps[i].index, object, &next);
        if (!found)
            return 0;
        if (is_leaf(next))
            return i + 1 == count ? count + 1 : i + 1;
        set = next;
        object = child_at(object, &steps[i]);
    }
    return count + 1;
}

static struct kube_owner owner_of(struct value entry) {
    const char *subresource = value_text_or(value_get(entry, "subresource"), "");
    return (struct kube_owner){
        .manager = value_text_or(value_get(entry, "manager"), "unknown"),
        .operation = value_text_or(value_get(entry, "operation"), ""),
        .subresource = *subresource ? subresource : NULL,
        .time = value_dig_string(entry, "time", NULL),
    };
}

// RFC 3339 in UTC, as the server writes it, sorts as text.
static int newest_first(const void *a, const void *b) {
    const struct kube_owner *x = a, *y = b;
    return strcmp(y->time ? y->time : "", x->time ? x->time : "");
}

struct kube_owners kube_field_owners(struct arena *arena, struct value object, const struct path_step *steps,
                                     size_t count) {
    struct value entries = value_dig(object, "metadata", "managedFields", NULL);
    struct kube_owner *owners = arena_array(arena, value_len(entries), sizeof *owners);
    size_t n = 0;
    // Who set an empty map owns it as a leaf, though others fill it later: whoever owns more closely comes
    // first.
    for (size_t wanted = count + 1; !n && wanted > 0; wanted--)
        for (size_t i = 0; i < value_len(entries); i++)
            if (owns(arena, value_get(value_at(entries, i), "fieldsV1"), object, steps, count) == wanted)
                owners[n++] = owner_of(value_at(entries, i));
    if (n)
        qsort(owners, n, sizeof *owners, newest_first);
    return (struct kube_owners){owners, n};
}

struct kube_owners kube_owners_at(struct arena *arena, struct value object, const char *path) {
    const struct path_step *steps;
    struct err ignored = err_in(arena);
    size_t count;
    if (!path_parse(arena, path, &steps, &count, &ignored))
        return (struct kube_owners){0};
    return kube_field_owners(arena, object, steps, count);
}

// ---- all paths of a manager ----

struct walk {
    struct arena *arena;
    const char **paths;
    size_t count;
};

static void add(struct walk *walk, const struct path *here) {
    *LIST_ADD(walk->arena, walk->paths, walk->count) = path_text(walk->arena, here);
}

// The step that an element means in this object; false for an item that is gone.
static bool step_of(struct arena *arena, const char *element, struct value object, struct path_step *out) {
    *out = (struct path_step){0};
    if (sort_of(element) == 'f') {
        out->key = element + 2;
        return true;
    }
    if (sort_of(element) == 'i') {
        out->index = strtoul(element + 2, NULL, 10);
        return out->index < value_len(object);
    }
    for (; out->index < value_len(object); out->index++)
        if (item_matches(arena, element, value_at(object, out->index)))
            return true;
    return false;
}

static bool is_only_itself(struct value set) {
    return members(set) == 0 || (members(set) == 1 && value_has(set, "."));
}

static void walk_set(struct walk *walk, struct value set, struct value object, const struct path *here) {
    for (size_t i = 0; i < members(set); i++) {
        const struct value_entry *entry = value_entry_at(set, i);
        struct path next = {.parent = here};
        if (!strcmp(entry->key, ".") || !step_of(walk->arena, entry->key, object, &next.step))
            continue;
        if (is_only_itself(entry->value))
            add(walk, &next);
        else
            walk_set(walk, entry->value, child_at(object, &next.step), &next);
    }
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool says(struct value entry, const char *key, const char *wanted) {
    return !wanted || !strcmp(value_text_or(value_get(entry, key), ""), wanted);
}

struct kube_paths kube_fields_of(struct arena *arena, struct value object, const char *manager,
                                 const char *operation, const char *subresource) {
    struct value entries = value_dig(object, "metadata", "managedFields", NULL);
    struct walk walk = {.arena = arena};
    for (size_t i = 0; i < value_len(entries); i++) {
        struct value entry = value_at(entries, i);
        if (says(entry, "manager", manager) && says(entry, "operation", operation) &&
            says(entry, "subresource", subresource))
            walk_set(&walk, value_get(entry, "fieldsV1"), object, NULL);
    }
    if (walk.count)
        qsort(walk.paths, walk.count, sizeof *walk.paths, by_text);
    size_t n = 0;
    for (size_t i = 0; i < walk.count; i++)
        if (!i || strcmp(walk.paths[i], walk.paths[i - 1]))
            walk.paths[n++] = walk.paths[i];
    return (struct kube_paths){walk.paths, n};
}

static struct value union_of(struct arena *arena, struct value a, struct value b) {
    if (value_kind(a) != VALUE_MAP)
        a = value_map(arena, NULL, 0);
    for (size_t i = 0; i < members(b); i++) {
        const struct value_entry *entry = value_entry_at(b, i);
        struct value both =
            value_has(a, entry->key) ? union_of(arena, value_get(a, entry->key), entry->value) : entry->value;
        a = value_with(arena, a, entry->key, both);
    }
    return a;
}

static bool is_apply_of(struct value entry, const char *manager) {
    return value_is_text(value_get(entry, "manager"), manager) &&
           value_is_text(value_get(entry, "operation"), "Apply");
}

struct value kube_fields_handed_over(struct arena *arena, struct value object, const char *manager,
                                     kube_is_predecessor *is_predecessor, const void *context) {
    struct value fields = value_dig(object, "metadata", "managedFields", NULL),
                 kept = value_list(arena, NULL, 0);
    struct value theirs = value_map(arena, NULL, 0), ours = value_null(), first = value_null();
    for (size_t i = 0; i < value_len(fields); i++) {
        struct value entry = value_at(fields, i);
        bool whole = !value_has(entry, "subresource"), own = whole && is_apply_of(entry, manager);
        if (own) {
            ours = entry;
        } else if (whole && is_predecessor(context, entry)) {
            theirs = union_of(arena, theirs, value_get(entry, "fieldsV1"));
            first = value_is_null(first) ? entry : first;
        } else {
            kept = value_append(arena, kept, entry);
        }
    }
    if (!value_len(theirs))
        return value_null();
    if (value_is_null(ours)) {
        ours = value_with(arena, first, "manager", value_string(arena, manager));
        ours = value_with(arena, ours, "operation", value_string_ref("Apply"));
        ours = value_without(arena, ours, "fieldsV1");
    }
    struct value both = union_of(arena, value_get(ours, "fieldsV1"), theirs);
    return value_append(arena, kept, value_with(arena, ours, "fieldsV1", both));
}

struct value kube_fields_union(struct arena *arena, struct value object) {
    struct value entries = value_dig(object, "metadata", "managedFields", NULL),
                 all = value_map(arena, NULL, 0);
    for (size_t i = 0; i < value_len(entries); i++)
        all = union_of(arena, all, value_get(value_at(entries, i), "fieldsV1"));
    return all;
}

struct value kube_fields_member(struct arena *arena, struct value set, const char *key) {
    struct value out = value_null();
    field(arena, set, key, &out);
    return out;
}

// What one manager owns, and what all do.
struct owned {
    struct value own, all;
};

static struct value project(struct arena *arena, const struct owned *set, struct value object);

static struct value project_items(struct arena *arena, const struct owned *set, struct value list) {
    struct value *items = arena_array(arena, value_len(list) + 1, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < value_len(list); i++) {
        struct owned below = {value_null(), value_null()};
        kube_fields_item(arena, set->all, i, list, &below.all);
        if (kube_fields_item(arena, set->own, i, list, &below.own))
            items[count++] = project(arena, &below, value_at(list, i));
    }
    return value_list(arena, items, count);
}

// A leaf is owned whole; but of what was empty when it was set, and others have filled since, it is nothing.
// {".": {}} is nothing of what is in it, either.
static struct value project(struct arena *arena, const struct owned *set, struct value object) {
    bool leaf = is_leaf(set->own) && is_leaf(set->all);
    if (leaf || (value_kind(object) != VALUE_MAP && value_kind(object) != VALUE_LIST))
        return object;
    if (value_kind(object) == VALUE_LIST)
        return project_items(arena, set, object);
    struct value_entry *entries = arena_array(arena, value_len(object) + 1, sizeof *entries);
    size_t count = 0;
    for (size_t i = 0; i < value_len(object); i++) {
        const struct value_entry *entry = value_entry_at(object, i);
        struct owned below = {value_null(), kube_fields_member(arena, set->all, entry->key)};
        if (field(arena, set->own, entry->key, &below.own))
            entries[count++] = (struct value_entry){entry->key, project(arena, &below, entry->value)};
    }
    return value_map(arena, entries, count);
}

struct value kube_fields_extract(struct arena *arena, struct value object, const char *manager) {
    struct value entries = value_dig(object, "metadata", "managedFields", NULL),
                 set = value_map(arena, NULL, 0);
    for (size_t i = 0; i < value_len(entries); i++) {
        struct value entry = value_at(entries, i);
        if (says(entry, "manager", manager) && !value_has(entry, "subresource"))
            set = union_of(arena, set, value_get(entry, "fieldsV1"));
    }
    struct owned whole = {set, kube_fields_union(arena, object)};
    return value_len(set) ? project(arena, &whole, object) : set;
}

bool kube_fields_keys(struct arena *arena, struct value set, struct value *out) {
    struct err ignored = err_in(arena);
    bool values = false;
    *out = value_null();
    for (size_t i = 0; i < members(set); i++) {
        const char *element = value_entry_at(set, i)->key;
        values |= sort_of(element) == 'v';
        if (sort_of(element) == 'k' && json_decode(arena, element + 2, strlen(element + 2), out, &ignored) &&
            members(*out))
            return true;
    }
    return values;
}

bool kube_is_control_plane(const struct kube_owner *owner) {
    return owner->manager && (!strncmp(owner->manager, "kube-", 5) || !strcmp(owner->manager, "kubelet"));
}

bool kube_is_manager(struct value object, const char *manager) {
    struct value entries = value_dig(object, "metadata", "managedFields", NULL);
    for (size_t i = 0; i < value_len(entries); i++)
        if (says(value_at(entries, i), "manager", manager))
            return true;
    return false;
}
