// SPDX-License-Identifier: Apache-2.0
#include "wandb/secret_paths.h"

#include "drift/drift.h"
#include "drift/secret_names.h"
#include "value/path.h"

#include <string.h>

void secrets_add(struct arena *arena, struct secrets *secrets, const char *path, struct value value) {
    value = value_untyped(value);
    if (value_is_null(value) || value_kind(value) == VALUE_UNKNOWN)
        return;
    if (secrets->count == secrets->cap) {
        size_t cap = secrets->cap ? secrets->cap * 2 : 8;
        secrets->items = arena_grow(arena, secrets->items, secrets->cap * sizeof *secrets->items,
                                    cap * sizeof *secrets->items);
        secrets->cap = cap;
    }
    secrets->items[secrets->count++] = (struct secret){path, value};
}

static void add_below(struct arena *arena, struct secrets *secrets, const struct path *path,
                      struct value tree) {
    tree = value_untyped(tree);
    if (value_kind(tree) != VALUE_MAP) {
        secrets_add(arena, secrets, path_text(arena, path), tree);
        return;
    }
    for (size_t i = 0; i < value_len(tree); i++) {
        const struct value_entry *entry = value_entry_at(tree, i);
        struct path here = {path, {.key = entry->key}};
        add_below(arena, secrets, &here, entry->value);
    }
}

void secrets_add_tree(struct arena *arena, struct secrets *secrets, struct value tree) {
    if (value_kind(value_untyped(tree)) == VALUE_MAP)
        add_below(arena, secrets, NULL, tree);
}

const struct secret *secrets_at(const struct secrets *secrets, const char *path) {
    for (size_t i = 0; i < secrets->count; i++)
        if (!strcmp(secrets->items[i].path, path))
            return &secrets->items[i];
    return NULL;
}

bool secrets_merge(struct arena *arena, const struct secrets *secrets, struct value plain, struct value *out,
                   struct err *err) {
    struct value merged = value_untyped(plain);
    for (size_t i = 0; i < secrets->count; i++) {
        const struct path_step *steps;
        size_t count;
        if (!path_parse(arena, secrets->items[i].path, &steps, &count, err) ||
            !path_set(arena, merged, steps, count, secrets->items[i].value, &merged, err))
            return err_wrap(err, "merge the secret value at %s", secrets->items[i].path);
    }
    *out = merged;
    return true;
}

// ---- What a configuration says ----

static enum secret_claim claim_in(struct value tree, const struct path_step *steps, size_t count) {
    tree = value_untyped(tree);
    if (value_is_null(tree)) // an attribute that is not set says nothing
        return SECRET_UNCLAIMED;
    for (size_t i = 0;; i++) {
        tree = value_untyped(tree);
        if (value_kind(tree) == VALUE_UNKNOWN)
            return SECRET_UNDECIDED;
        if (value_is_null(tree))
            return SECRET_LET_GO;
        if (i == count || value_kind(tree) != VALUE_MAP || !steps[i].key)
            return SECRET_GIVEN;
        if (!value_has(tree, steps[i].key))
            return SECRET_UNCLAIMED;
        tree = value_get(tree, steps[i].key);
    }
}

// A value anywhere counts more than a null elsewhere: together they are a merge, in which it stands.
enum secret_claim secret_claim_of(struct arena *arena, const struct secret_claims *claims, const char *path) {
    static const int WEIGHT[] = {
        [SECRET_UNCLAIMED] = 0, [SECRET_LET_GO] = 1, [SECRET_UNDECIDED] = 2, [SECRET_GIVEN] = 3};
    const struct path_step *steps;
    size_t count;
    struct err ignored = err_in(arena);
    enum secret_claim said = SECRET_UNCLAIMED;
    if (!path_parse(arena, path, &steps, &count, &ignored))
        return said;
    for (size_t i = 0; i < claims->count; i++) {
        enum secret_claim here = claim_in(claims->trees[i], steps, count);
        said = WEIGHT[here] > WEIGHT[said] ? here : said;
    }
    return said;
}

// ---- What is there ----

static bool is_secret(struct arena *arena, const struct path *path, struct value v) {
    bool text = value_kind(v) == VALUE_STRING && value_len(v);
    return (text || value_is_number(v)) && secret_names_in_object("", path_text(arena, path));
}

static bool holds_secret(struct arena *arena, const struct path *path, struct value v) {
    bool list = value_kind(v) == VALUE_LIST;
    if (!list && value_kind(v) != VALUE_MAP)
        return is_secret(arena, path, v);
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_entry *entry = list ? NULL : value_entry_at(v, i);
        struct path here = {path, {.key = entry ? entry->key : NULL, .index = i}};
        if (holds_secret(arena, &here, entry ? entry->value : value_at(v, i)))
            return true;
    }
    return false;
}

static void find(struct arena *arena, struct secrets *out, const struct path *path, struct value v) {
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        struct path here = {path, {.key = entry->key}};
        if (value_kind(entry->value) == VALUE_MAP)
            find(arena, out, &here, entry->value);
        else if (holds_secret(arena, &here, entry->value))
            secrets_add(arena, out, path_text(arena, &here), entry->value);
    }
}

// A map at a noted path is no secret any more: those below it are found by their names.
static bool noted_value(struct arena *arena, struct value values, const char *path, struct value *out) {
    const struct path_step *steps;
    size_t count;
    struct err ignored = err_in(arena);
    return path_parse(arena, path, &steps, &count, &ignored) && path_get(values, steps, count, out) &&
           value_kind(*out) != VALUE_MAP;
}

struct secrets secrets_found(struct arena *arena, struct value values, struct value noted) {
    struct secrets found = {0};
    struct value there;
    values = value_untyped(values);
    if (value_kind(values) != VALUE_MAP)
        return found;
    find(arena, &found, NULL, values);
    for (size_t i = 0; value_kind(noted) == VALUE_MAP && i < value_len(noted); i++) {
        const char *path = value_entry_at(noted, i)->key;
        if (!secrets_at(&found, path) && noted_value(arena, values, path, &there))
            secrets_add(arena, &found, path, there);
    }
    return found;
}

struct secrets secrets_kept(struct arena *arena, struct value values, const struct secret_claims *claims) {
    struct secrets found = secrets_found(arena, values, claims->noted), kept = {0};
    for (size_t i = 0; i < found.count; i++)
        if (secret_claim_of(arena, claims, found.items[i].path) == SECRET_UNCLAIMED)
            secrets_add(arena, &kept, found.items[i].path, found.items[i].value);
    return kept;
}

struct value secrets_keep(struct arena *arena, struct value values, struct value live,
                          const struct secret_claims *claims) {
    struct secrets kept = secrets_kept(arena, live, claims);
    struct err ignored = err_in(arena); // nothing else stands at an unclaimed path, or on the way to it
    struct value all = values;
    return secrets_merge(arena, &kept, values, &all, &ignored) ? all : values;
}
