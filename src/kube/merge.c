// SPDX-License-Identifier: Apache-2.0
#include "kube/merge.h"

#include "base/buf.h"
#include "base/list.h"
#include "codec/json.h"
#include "kube/fields.h"

#include <stdlib.h>
#include <string.h>

// ---- fields of the server ----

static const char *const SERVER_FIELDS[] = {"creationTimestamp", "deletionGracePeriodSeconds",
                                            "deletionTimestamp", "generation",
                                            "managedFields",     "resourceVersion",
                                            "selfLink",          "uid"};
enum { SERVER_FIELD_COUNT = sizeof SERVER_FIELDS / sizeof *SERVER_FIELDS };

struct value kube_without_server_fields(struct arena *arena, struct value manifest) {
    struct value metadata = value_get(manifest, "metadata");
    if (value_kind(metadata) != VALUE_MAP)
        return manifest;
    for (size_t i = 0; i < SERVER_FIELD_COUNT; i++)
        metadata = value_without(arena, metadata, SERVER_FIELDS[i]);
    return value_with(arena, manifest, "metadata", metadata);
}

const char *kube_server_fields_text(struct arena *arena, struct value manifest) {
    struct buf text;
    buf_init(&text, arena);
    for (size_t i = 0; i < SERVER_FIELD_COUNT; i++)
        if (!value_is_null(value_dig(manifest, "metadata", SERVER_FIELDS[i], NULL)))
            buf_printf(&text, "%smetadata.%s", text.len ? " and " : "", SERVER_FIELDS[i]);
    return text.len ? buf_text(&text) : NULL;
}

// ---- what the server names ----

// The path of a cause: containers[0].env[1].valueFrom, data[key]. An index counts in an order that the
// refused object had and nobody sees: it stands for any item.
struct cause {
    const char **steps; // NULL for any item
    size_t count;
};

static bool is_index(const char *text, size_t len) {
    return len > 0 && strspn(text, "0123456789") >= len;
}

static struct cause read_cause(struct arena *arena, const char *field) {
    struct cause cause = {NULL, 0};
    while (*field) {
        bool bracket = *field == '[';
        field += bracket || *field == '.';
        size_t len = strcspn(field, bracket ? "]" : ".[");
        if (bracket || len)
            *LIST_ADD(arena, cause.steps, cause.count) =
                bracket && is_index(field, len) ? NULL : arena_strndup(arena, field, len);
        field += len + (bracket && field[len]);
    }
    return cause;
}

struct merging {
    struct arena *arena;
    struct value live; // all of it
    struct cause *causes;
    size_t cause_count, taken;
};

// The three of one place, and what managedFields say of it.
struct place {
    struct value original, wanted, live, fields;
};

static size_t depth_of(const struct path *path) {
    size_t depth = 0;
    for (; path; path = path->parent)
        depth++;
    return depth;
}

static bool leads_to(const struct path *path, const struct cause *cause) {
    size_t depth = depth_of(path);
    if (depth > cause->count)
        return false;
    for (; path; path = path->parent) {
        const char *step = cause->steps[--depth];
        if (!step != !path->step.key || (step && strcmp(step, path->step.key) != 0))
            return false;
    }
    return true;
}

// Whether a cause speaks against `key`, which others hold in the map `here`: it names it, or something in it;
// or it names what is ours there, or nothing that is there (the words of an older API), or the map itself.
static bool speaks_against(const struct cause *cause, const struct path *here, const struct place *place,
                           const char *key) {
    size_t depth = depth_of(here);
    const char *named = depth < cause->count ? cause->steps[depth] : NULL;
    if (!here || !leads_to(here, cause))
        return false;
    if (depth == cause->count)
        return true;
    if (!named)
        return false;
    bool ours = value_has(place->wanted, named), there = value_has(place->live, named);
    if (there && !ours)
        return !strcmp(named, key);
    return !ours || depth + 1 == cause->count;
}

static bool is_controlled(const struct merging *m, const struct path *path) {
    struct kube_owners owners = kube_owners_at(m->arena, m->live, path_text(m->arena, path));
    for (size_t i = 0; i < owners.count; i++)
        if (owners.items[i].subresource || kube_is_control_plane(&owners.items[i]))
            return true;
    return false;
}

// Whether what the live map has at `key` and ours has not is to go.
static bool goes(const struct merging *m, const struct path *here, const struct place *place,
                 const char *key) {
    const struct path *root = here;
    struct path path = {here, {.key = key}};
    if (value_has(place->original, key))
        return true;
    while (root && root->parent)
        root = root->parent;
    if (!root || !strcmp(root->step.key, "metadata"))
        return false;
    for (size_t i = 0; i < m->cause_count; i++)
        if (speaks_against(&m->causes[i], here, place, key))
            return !is_controlled(m, &path);
    return false;
}

// ---- merging ----

static struct value merge(struct merging *m, const struct path *here, struct place place);

static struct value merge_maps(struct merging *m, const struct path *here, const struct place *place) {
    struct value out = place->live;
    for (size_t i = 0; i < value_len(place->live); i++) {
        const char *key = value_entry_at(place->live, i)->key;
        if (value_has(place->wanted, key) || !goes(m, here, place, key))
            continue;
        out = value_without(m->arena, out, key);
        m->taken++;
    }
    for (size_t i = 0; i < value_len(place->wanted); i++) {
        const struct value_entry *entry = value_entry_at(place->wanted, i);
        struct path path = {here, {.key = entry->key}};
        struct place below = {value_get(place->original, entry->key), entry->value,
                              value_get(place->live, entry->key),
                              kube_fields_member(m->arena, place->fields, entry->key)};
        out = value_is_null(entry->value) ? value_without(m->arena, out, entry->key)
                                          : value_with(m->arena, out, entry->key, merge(m, &path, below));
    }
    return out;
}

// Whether two items of a list are the same one. Of a key that ours leaves out the server's default is meant.
static bool is_same_item(struct value keys, struct value ours, struct value theirs) {
    if (value_is_null(keys))
        return value_equal(ours, theirs);
    for (size_t i = 0; i < value_len(keys); i++) {
        const char *key = value_entry_at(keys, i)->key;
        if (value_has(ours, key) && !value_equal(value_get(ours, key), value_get(theirs, key)))
            return false;
    }
    return true;
}

static size_t find_item(struct value keys, struct value list, struct value item, const bool *used) {
    for (size_t i = 0; i < value_len(list); i++)
        if (!(used && used[i]) && is_same_item(keys, item, value_at(list, i)))
            return i;
    return SIZE_MAX;
}

// Our items in our order, then what others have added.
static struct value merge_items(struct merging *m, const struct path *here, const struct place *place,
                                struct value keys) {
    size_t count = value_len(place->wanted), live_count = value_len(place->live);
    bool *used = arena_array(m->arena, live_count + 1, sizeof *used);
    struct value *items = arena_array(m->arena, count + live_count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        struct value item = value_at(place->wanted, i), fields = value_null();
        size_t at = find_item(keys, place->live, item, used);
        struct path path = {here, {.index = at}};
        items[i] = item;
        if (at == SIZE_MAX)
            continue;
        used[at] = true;
        kube_fields_item(m->arena, place->fields, at, place->live, &fields);
        size_t before = find_item(keys, place->original, item, NULL);
        items[i] =
            merge(m, &path,
                  (struct place){value_at(place->original, before), item, value_at(place->live, at), fields});
    }
    for (size_t i = 0; i < live_count; i++) {
        struct value theirs = value_at(place->live, i);
        bool dropped = find_item(keys, place->original, theirs, NULL) != SIZE_MAX;
        if (!used[i] && !dropped)
            items[count++] = theirs;
        m->taken += !used[i] && dropped;
    }
    return value_list(m->arena, items, count);
}

static struct value merge(struct merging *m, const struct path *here, struct place place) {
    struct value keys;
    bool maps = value_kind(place.wanted) == VALUE_MAP && value_kind(place.live) == VALUE_MAP;
    bool lists = value_kind(place.wanted) == VALUE_LIST && value_kind(place.live) == VALUE_LIST;
    if (maps)
        return merge_maps(m, here, &place);
    if (lists && kube_fields_keys(m->arena, place.fields, &keys))
        return merge_items(m, here, &place, keys);
    return place.wanted;
}

struct value kube_merged(struct arena *arena, const struct kube_merge *merging, size_t *taken) {
    size_t count = value_len(merging->causes);
    struct merging m = {
        .arena = arena, .live = merging->live, .causes = arena_array(arena, count + 1, sizeof *m.causes)};
    for (size_t i = 0; i < count; i++) {
        const char *field = value_dig_string(value_at(merging->causes, i), "field", NULL);
        if (field)
            m.causes[m.cause_count++] = read_cause(arena, field);
    }
    struct place all = {kube_without_server_fields(arena, merging->original),
                        kube_without_server_fields(arena, merging->wanted), merging->live,
                        kube_fields_union(arena, merging->live)};
    struct value out = merge(&m, NULL, all);
    *taken = m.taken;
    return out;
}
