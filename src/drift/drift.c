// SPDX-License-Identifier: Apache-2.0
#include "drift/drift.h"

#include "base/buf.h"
#include "base/list.h"
#include "codec/json.h"
#include "drift/baseline.h"
#include "drift/secret_names.h"
#include "kube/fields.h"
#include "value/path.h"
#include "value/walk.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_AT_MOST = 100, VALUE_AT_MOST = 200 };

static const char SECRET_TEXT[] = "(sensitive)", ABSENT[] = "absent";

bool drift_is_secret_leaf(const char *object, const char *path, struct value leaf) {
    return !value_is_null(leaf) &&
           (secret_names_in_object(object, path) || secret_names_text(value_get_string(value_untyped(leaf))));
}

// A subtree is shown with the secrets inside it masked, by the same rule as leaves.
static struct value masked(struct arena *arena, const char *object, const struct path *path, struct value v) {
    v = value_untyped(v);
    size_t count = value_len(v);
    if (value_kind(v) == VALUE_MAP) {
        struct value_entry *entries = arena_array(arena, count, sizeof *entries);
        for (size_t i = 0; i < count; i++) {
            const struct value_entry *entry = value_entry_at(v, i);
            struct path here = {path, {.key = secret_names_key(v, entry->key)}};
            entries[i] = (struct value_entry){entry->key, masked(arena, object, &here, entry->value)};
        }
        return value_map(arena, entries, count);
    }
    if (value_kind(v) == VALUE_LIST) {
        struct value *items = arena_array(arena, count, sizeof *items);
        for (size_t i = 0; i < count; i++)
            items[i] = masked(arena, object, path, value_at(v, i));
        return value_list(arena, items, count);
    }
    return drift_is_secret_leaf(object, path_text(arena, path), v) ? value_string_ref(SECRET_TEXT) : v;
}

static const char *shown(struct arena *arena, const struct drift *drift, const char *object, const char *path,
                         struct value v) {
    struct path here = {NULL, {.key = path}};
    if (secret_names_in_object(object, path) || drift_is_secret_leaf(object, path, v))
        return SECRET_TEXT;
    const char *text = hidden_mask(drift->hidden, arena, json_text(arena, masked(arena, object, &here, v)));
    if (strlen(text) <= VALUE_AT_MOST)
        return text;
    size_t cut = VALUE_AT_MOST;
    while (cut && ((unsigned char)text[cut] & 0xc0) == 0x80)
        cut--;
    return arena_printf(arena, "%.*s… (%zu bytes)", (int)cut, text, strlen(text));
}

// The newest owner that is not a status writer; for a removed field, whoever wrote last near it.
static struct kube_owner writer(struct arena *arena, struct value live, const char *path) {
    const struct path_step *steps;
    size_t count;
    struct err err = err_in(arena);
    if (!path_parse(arena, path, &steps, &count, &err))
        return (struct kube_owner){0};
    for (;; count--) {
        struct kube_owners owners = kube_field_owners(arena, live, steps, count);
        for (size_t i = 0; i < owners.count; i++)
            if (!owners.items[i].subresource)
                return owners.items[i];
        if (!count)
            return (struct kube_owner){0};
    }
}

// Nobody else is recorded to own the addition: a default of the server, or what a webhook filled in
// while serving our own request.
static bool theirs_alone(struct arena *arena, struct value writers, struct value live,
                         const struct difference *difference) {
    struct kube_owners owners = kube_owners_at(arena, live, difference->path);
    for (size_t i = 0; i < owners.count; i++) {
        // Controllers of the control plane annotate what they manage; that is nobody's drift.
        bool known = owners.items[i].subresource || kube_is_control_plane(&owners.items[i]);
        for (size_t j = 0; j < value_len(writers) && !known; j++)
            known = value_is_text(value_at(writers, j), owners.items[i].manager);
        if (!known)
            return false;
    }
    return true;
}

static bool ours_alone(struct arena *arena, const char *manager, struct value live,
                       const struct difference *difference) {
    struct value us = value_string_ref(manager);
    return theirs_alone(arena, value_list(arena, &us, 1), live, difference);
}

struct differences {
    struct difference *items;
    size_t count;
};

static void add_nulls(struct arena *arena, struct differences *list, const struct path *path,
                      struct value wanted, struct value found) {
    wanted = value_untyped(wanted);
    found = value_untyped(found);
    bool maps = value_kind(wanted) == VALUE_MAP && value_kind(found) == VALUE_MAP;
    bool lists = value_kind(wanted) == VALUE_LIST && value_kind(found) == VALUE_LIST;
    for (size_t i = 0; maps && i < value_len(found); i++) {
        const struct value_entry *entry = value_entry_at(found, i);
        struct path here = {path, {.key = entry->key}};
        if (value_is_null(entry->value) && !value_has(wanted, entry->key))
            *LIST_ADD(arena, list->items, list->count) =
                (struct difference){DIFF_ADDED, path_text(arena, &here), value_null(), value_null()};
        add_nulls(arena, list, &here, value_get(wanted, entry->key), entry->value);
    }
    for (size_t i = 0; lists && i < value_len(found) && i < value_len(wanted); i++) {
        struct path here = {path, {.index = i}};
        add_nulls(arena, list, &here, value_at(wanted, i), value_at(found, i));
    }
}

static void keep(struct arena *arena, struct differences *list, const struct drift_part *part,
                 struct difference difference);

// What only one side has, member by member.
static void keep_members(struct arena *arena, struct differences *list, const struct drift_part *part,
                         const struct difference *whole) {
    bool added = whole->kind == DIFF_ADDED, map;
    struct value v = value_untyped(added ? whole->found : whole->wanted);
    map = value_kind(v) == VALUE_MAP;
    for (size_t i = 0; i < value_len(v); i++) {
        struct path step = {NULL, {.key = map ? value_entry_at(v, i)->key : NULL, .index = i}};
        const char *text = path_text(arena, &step), *dot = *text == '[' ? "" : ".";
        struct value member = map ? value_entry_at(v, i)->value : value_at(v, i);
        struct difference next = {whole->kind, arena_printf(arena, "%s%s%s", whole->path, dot, text),
                                  added ? value_null() : member, added ? member : value_null()};
        keep(arena, list, part, next);
    }
}

// Adds what is not left to others of a difference. One that the baseline knows it knows whole.
static void keep(struct arena *arena, struct differences *list, const struct drift_part *part,
                 struct difference difference) {
    enum kube_ignored_extent extent = kube_ignored_at(arena, part->ignored, difference.path);
    enum value_kind kind =
        value_kind(value_untyped(difference.kind == DIFF_ADDED ? difference.found : difference.wanted));
    bool has_members = difference.kind != DIFF_CHANGED && (kind == VALUE_MAP || kind == VALUE_LIST);
    if (extent == KUBE_IGNORED_BELOW && has_members && !baseline_knows(arena, part->baseline, &difference))
        keep_members(arena, list, part, &difference);
    else if (extent != KUBE_IGNORED_WHOLLY)
        *LIST_ADD(arena, list->items, list->count) = difference;
}

// A null that we write may come back as nothing. A null that others add is kept by the API server, and stops
// the operator where a lower level has a value. `stored` is what the server holds there, where `found` has
// been brought into other words.
static struct differences compare(struct arena *arena, const struct drift_part *part, struct value stored) {
    struct diff diff = diff_values(arena, part->wanted, part->found, part->path, true);
    struct differences nulls = {0}, list = {0};
    struct path root = {NULL, {.key = part->path}};
    add_nulls(arena, &nulls, &root, part->wanted, stored);
    for (size_t i = 0; i < diff.count; i++)
        keep(arena, &list, part, diff.items[i]);
    for (size_t i = 0; i < nulls.count; i++)
        keep(arena, &list, part, nulls.items[i]);
    return list;
}

// Whether a difference is of those that count.
static bool counts(struct arena *arena, const struct drift_part *part, const char *manager,
                   const struct difference *d) {
    bool owned_only = d->kind == DIFF_ADDED && part->additions == DRIFT_ADDITIONS_OWNED;
    return !baseline_knows(arena, part->baseline, d) &&
           !(owned_only && ours_alone(arena, manager, part->live, d));
}

void drift_compare(struct arena *arena, struct drift *drift, const struct drift_part *part) {
    struct value stored = *part->path ? value_get(part->live, part->path) : part->found;
    struct differences diff = compare(arena, part, stored);
    for (size_t i = 0; i < diff.count; i++) {
        const struct difference *d = &diff.items[i];
        if (!counts(arena, part, drift->manager, d))
            continue;
        struct kube_owner owner = writer(arena, part->live, d->path);
        // Who removes a field owns nothing afterwards; what is left there is our own.
        if (owner.manager && drift->manager && !strcmp(owner.manager, drift->manager))
            owner = (struct kube_owner){0};
        *LIST_ADD(arena, drift->items, drift->count) = (struct drift_item){
            .kind = d->kind,
            .object = part->object,
            .path = d->path,
            .wanted = d->kind == DIFF_ADDED ? ABSENT : shown(arena, drift, part->object, d->path, d->wanted),
            .found = d->kind == DIFF_REMOVED ? ABSENT : shown(arena, drift, part->object, d->path, d->found),
            .manager = owner.manager ? owner.manager : "",
            .time = owner.time ? owner.time : "",
        };
    }
}

bool drift_remove_additions(struct call *call, const struct drift_removal *removal, struct value *live,
                            struct err *err) {
    struct arena *arena = call->arena;
    struct drift_part part = removal->part;
    part.live = *live;
    part.found = value_get(*live, part.path);
    struct differences diff = compare(arena, &part, part.found);
    struct value *operations = arena_array(arena, diff.count + 1, sizeof *operations);
    size_t count = 0;
    operations[count++] = kube_patch_operation(arena, "test", "/metadata/resourceVersion",
                                               value_dig(*live, "metadata", "resourceVersion", NULL));
    // From the end: an index must still mean the same item when its turn comes.
    for (size_t i = diff.count; i-- > 0;) {
        const struct difference *d = &diff.items[i];
        if (d->kind == DIFF_ADDED && counts(arena, &part, removal->manager, d))
            operations[count++] =
                kube_patch_operation(arena, "remove", path_pointer(arena, d->path), value_null());
    }
    struct kube_request request = {.verb = KUBE_PATCH_JSON,
                                   .ref = removal->ref,
                                   .body = value_list(arena, operations, count),
                                   .manager = removal->manager};
    struct kube_answer answer;
    if (count == 1)
        return true;
    if (!kube_do(call, removal->kube, &request, &answer, err))
        return err_wrap(err, "remove what others added to %s", kube_ref_text(arena, &removal->ref));
    *live = answer.object;
    return true;
}

void drift_missing(struct arena *arena, struct drift *drift, const char *object) {
    *LIST_ADD(arena, drift->items, drift->count) = (struct drift_item){.kind = DIFF_REMOVED,
                                                                       .object = object,
                                                                       .path = "",
                                                                       .wanted = "present",
                                                                       .found = ABSENT,
                                                                       .manager = "",
                                                                       .time = ""};
}

void drift_secret(struct arena *arena, struct drift *drift, const char *object, const char *path,
                  struct value live) {
    struct kube_owner owner = writer(arena, live, path);
    *LIST_ADD(arena, drift->items, drift->count) = (struct drift_item){
        .kind = DIFF_CHANGED,
        .object = object,
        .path = path,
        .wanted = SECRET_TEXT,
        .found = "(another sensitive value)",
        .manager = owner.manager ? owner.manager : "",
        .time = owner.time ? owner.time : "",
    };
}

struct value drift_baseline(struct arena *arena, const struct drift_part *part) {
    struct differences diff = compare(arena, part, part->found);
    return baseline_note(arena, diff.items, diff.count, part->baseline);
}

struct value drift_baseline_of_others(struct arena *arena, const struct drift_part *part,
                                      struct value writers, bool only_additions) {
    struct differences diff = compare(arena, part, part->found), known = {0};
    for (size_t i = 0; i < diff.count; i++) {
        const struct difference *d = &diff.items[i];
        bool added = d->kind == DIFF_ADDED;
        if (added ? theirs_alone(arena, writers, part->live, d) : !only_additions)
            *LIST_ADD(arena, known.items, known.count) = *d;
    }
    return baseline_note(arena, known.items, known.count, part->baseline);
}

struct presenting {
    struct arena *arena;
    const struct drift_part *part;
};

static struct value present(const struct presenting *p, const struct path *path, struct value wanted,
                            struct value found);

static bool is_ignored(const struct presenting *p, const char *path) {
    return kube_ignored_at(p->arena, p->part->ignored, path) == KUBE_IGNORED_WHOLLY;
}

static struct value present_map(const struct presenting *p, const struct path *path, struct value wanted,
                                struct value found);

// Of what only one side has: what is ignored where we have it, and the rest where it was found.
static bool present_rest(const struct presenting *p, const struct path *path, struct value wanted,
                         struct value found, struct value *out) {
    struct value none = value_map(p->arena, NULL, 0);
    *out = value_is_null(found) ? present_map(p, path, wanted, none) : present(p, path, none, found);
    return value_len(*out) > 0;
}

// What one key shows: false for nothing.
static bool present_member(const struct presenting *p, const struct path *path,
                           const struct value_entry *wanted, const struct value_entry *found,
                           struct value *out) {
    const char *text = path_text(p->arena, path);
    struct difference difference = {!found ? DIFF_REMOVED : DIFF_ADDED, text, value_null(),
                                    found ? found->value : value_null()};
    struct value one = value_untyped(wanted ? wanted->value : found->value);
    enum kube_ignored_extent extent = kube_ignored_at(p->arena, p->part->ignored, text);
    bool known = !(wanted && found) && baseline_knows(p->arena, p->part->baseline, &difference);
    bool secret = found && !wanted &&
                  (secret_names_in_object(p->part->object, text) ||
                   drift_is_secret_leaf(p->part->object, text, found->value));
    if (extent == KUBE_IGNORED_WHOLLY || known) {
        *out = one;
        return wanted != NULL;
    }
    if (wanted && found)
        *out = present(p, path, wanted->value, found->value);
    else if (extent == KUBE_IGNORED_BELOW && value_kind(one) == VALUE_MAP)
        return present_rest(p, path, wanted ? one : value_null(), found ? one : value_null(), out);
    else if (found && !secret)
        *out = present(p, path, value_null(), found->value);
    else
        return false;
    return true;
}

static struct value present_map(const struct presenting *p, const struct path *path, struct value wanted,
                                struct value found) {
    size_t count = 0;
    struct value_entry *entries =
        arena_array(p->arena, value_len(wanted) + value_len(found) + 1, sizeof *entries);
    for (struct map_walk at = map_walk(wanted, found); map_walk_next(&at);) {
        struct path here = {path, {.key = at.key}};
        entries[count].key = at.key;
        count += present_member(p, &here, at.left, at.right, &entries[count].value);
    }
    return value_map(p->arena, entries, count);
}

static struct value present_list(const struct presenting *p, const struct path *path, struct value wanted,
                                 struct value found) {
    size_t ours = value_kind(wanted) == VALUE_LIST ? value_len(wanted) : 0, theirs = value_len(found);
    struct value *items = arena_array(p->arena, ours + theirs + 1, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < ours || i < theirs; i++) {
        struct path here = {path, {.index = i}};
        bool ignored = is_ignored(p, path_text(p->arena, &here));
        if (ignored && i < ours)
            items[count++] = value_at(wanted, i);
        else if (!ignored && i < theirs)
            items[count++] =
                present(p, &here, i < ours ? value_at(wanted, i) : value_null(), value_at(found, i));
    }
    return value_list(p->arena, items, count);
}

static struct value present(const struct presenting *p, const struct path *path, struct value wanted,
                            struct value found) {
    wanted = value_untyped(wanted);
    const char *text = path_text(p->arena, path);
    struct difference difference = {DIFF_CHANGED, text, wanted, found};
    bool leaf = value_kind(found) != VALUE_MAP && value_kind(found) != VALUE_LIST;
    bool hidden = leaf && (secret_names_in_object(p->part->object, text) ||
                           drift_is_secret_leaf(p->part->object, text, found));
    if (hidden || value_equal(wanted, found) || baseline_knows(p->arena, p->part->baseline, &difference))
        return wanted;
    if (value_kind(found) == VALUE_MAP)
        return present_map(p, path, value_kind(wanted) == VALUE_MAP ? wanted : value_map(p->arena, NULL, 0),
                           found);
    if (value_kind(found) != VALUE_LIST)
        return found;
    return present_list(p, path, wanted, found);
}

struct value drift_presentable(struct arena *arena, const struct drift_part *part) {
    struct presenting presenting = {arena, part};
    struct path root = {NULL, {.key = part->path}};
    return present(&presenting, &root, part->wanted, part->found);
}

static int by_object_and_path(const void *a, const void *b) {
    const struct drift_item *x = a, *y = b;
    int order = strcmp(x->object, y->object);
    return order ? order : strcmp(x->path, y->path);
}

static void print_item(struct buf *out, const struct drift_item *item) {
    buf_printf(out, "  %s%s%s: wanted %s, found %s", item->object, *item->path ? " " : "", item->path,
               item->wanted, item->found);
    if (*item->manager)
        buf_printf(out, ", written by %s%s%s", item->manager, *item->time ? " at " : "", item->time);
    else if (item->kind == DIFF_REMOVED && *item->path)
        buf_str(out, ", by whom the server does not record");
    buf_char(out, '\n');
}

const char *drift_lines(struct arena *arena, const struct drift *drift) {
    struct buf out;
    buf_init(&out, arena);
    if (drift->count)
        qsort(drift->items, drift->count, sizeof *drift->items, by_object_and_path);
    for (size_t i = 0; i < drift->count && i < SHOWN_AT_MOST; i++)
        print_item(&out, &drift->items[i]);
    if (drift->count > SHOWN_AT_MOST)
        buf_printf(&out, "  … and %zu more\n", drift->count - SHOWN_AT_MOST);
    return buf_text(&out);
}

void drift_warn(struct call *call, const struct drift *drift, const char *object, const char *what,
                const char *outlook) {
    if (drift->count)
        call_warn(call, subject_many(object, drift->count, "path"), what,
                  "%s is not as it was last written:\n\n%s\n%s", object, drift_lines(call->arena, drift),
                  outlook);
}

struct value drift_to_value(struct arena *arena, const struct drift *drift) {
    if (drift->count)
        qsort(drift->items, drift->count, sizeof *drift->items, by_object_and_path);
    struct value *items = arena_array(arena, drift->count, sizeof *items);
    for (size_t i = 0; i < drift->count; i++) {
        const struct drift_item *item = &drift->items[i];
        struct value_entry entries[] = {
            {"found", value_string(arena, item->found)},   {"manager", value_string(arena, item->manager)},
            {"object", value_string(arena, item->object)}, {"path", value_string(arena, item->path)},
            {"time", value_string(arena, item->time)},     {"wanted", value_string(arena, item->wanted)},
        };
        items[i] = value_map(arena, entries, 6);
    }
    return value_list(arena, items, drift->count);
}

static const char *member(struct value item, const char *name) {
    const char *text = value_dig_string(item, name, NULL);
    return text ? text : "";
}

struct drift drift_of_value(struct arena *arena, struct value list) {
    struct drift drift = {0};
    for (size_t i = 0; i < value_len(list); i++) {
        struct value item = value_at(list, i);
        const char *found = member(item, "found"), *wanted = member(item, "wanted");
        *LIST_ADD(arena, drift.items, drift.count) = (struct drift_item){
            .kind = !strcmp(found, ABSENT)    ? DIFF_REMOVED
                    : !strcmp(wanted, ABSENT) ? DIFF_ADDED
                                              : DIFF_CHANGED,
            .object = member(item, "object"),
            .path = member(item, "path"),
            .wanted = wanted,
            .found = found,
            .manager = member(item, "manager"),
            .time = member(item, "time"),
        };
    }
    return drift;
}

bool drift_hides(const struct drift_item *item) {
    return !strcmp(item->wanted, SECRET_TEXT) || !strcmp(item->found, SECRET_TEXT);
}
