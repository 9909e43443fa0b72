// SPDX-License-Identifier: Apache-2.0
#include "provider/secrets.h"

#include "codec/json.h"
#include "crypto/digest.h"
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

static bool get(struct arena *arena, struct value root, const char *path, struct value *out) {
    const struct path_step *steps;
    size_t count;
    struct err err = err_in(arena);
    return path_parse(arena, path, &steps, &count, &err) && path_get(root, steps, count, out);
}

bool secrets_check(struct arena *arena, const struct secrets *secrets, struct value plain,
                   const char *attribute, struct err *err) {
    for (size_t i = 0; i < secrets->count; i++) {
        struct value there;
        if (get(arena, plain, secrets->items[i].path, &there) && !value_is_null(value_untyped(there)))
            return err_at(err, attribute,
                          "%s is set here and by a write-only attribute; keep the write-only one and remove "
                          "it here, so "
                          "that it stays out of the state",
                          secrets->items[i].path);
    }
    return true;
}

bool secrets_merge(struct arena *arena, const struct secrets *secrets, struct value plain, struct value *out,
                   struct err *err) {
    struct value merged = value_untyped(plain);
    for (size_t i = 0; i < secrets->count; i++) {
        const struct path_step *steps;
        size_t count;
        if (!path_parse(arena, secrets->items[i].path, &steps, &count, err) ||
            !path_set(arena, merged, steps, count, secrets->items[i].value, &merged, err))
            return err_wrap(err, "merge the write-only value at %s", secrets->items[i].path);
    }
    *out = merged;
    return true;
}

static const char *hash_of(struct arena *arena, const char *salt, struct value value) {
    const char *text = json_text(arena, value);
    return crypto_fingerprint(arena, salt, text, strlen(text));
}

static const char *new_salt(struct arena *arena) {
    unsigned char bytes[16];
    crypto_random_bytes(bytes, sizeof bytes);
    return crypto_hex(arena, bytes, sizeof bytes);
}

struct value secrets_note(struct arena *arena, const struct secrets *secrets, struct value before) {
    const char *salt = value_dig_string(before, "salt", NULL);
    if (!secrets->count)
        return value_null();
    if (!salt)
        salt = new_salt(arena);
    struct value_entry *hashes = arena_array(arena, secrets->count, sizeof *hashes);
    for (size_t i = 0; i < secrets->count; i++)
        hashes[i] = (struct value_entry){secrets->items[i].path,
                                         value_string(arena, hash_of(arena, salt, secrets->items[i].value))};
    struct value_entry note[] = {{"hashes", value_map(arena, hashes, secrets->count)},
                                 {"salt", value_string(arena, salt)}};
    return value_map(arena, note, 2);
}

bool secrets_changed(struct arena *arena, const struct secrets *secrets, struct value note) {
    struct value now = secrets_note(arena, secrets, note);
    return !value_equal(value_get(now, "hashes"), value_get(note, "hashes"));
}

// Removes the member at the path, then maps on the way that became empty and that `plain` lacks.
static struct value remove_at(struct arena *arena, struct value live, struct value plain,
                              const struct path_step *steps, size_t count) {
    if (!count || !steps->key || value_kind(live) != VALUE_MAP || !value_has(live, steps->key))
        return live;
    if (count == 1)
        return value_without(arena, live, steps->key);
    struct value child = value_get(live, steps->key),
                 plain_child = value_get(value_untyped(plain), steps->key);
    struct value rest = remove_at(arena, child, plain_child, steps + 1, count - 1);
    bool emptied = value_kind(rest) == VALUE_MAP && !value_len(rest) && value_len(child);
    if (emptied && value_is_null(value_untyped(plain_child)))
        return value_without(arena, live, steps->key);
    return value_with(arena, live, steps->key, rest);
}

struct value secrets_strip(struct arena *arena, struct value note, struct value live, struct value plain,
                           const char ***changed, size_t *count) {
    struct value hashes = value_get(note, "hashes");
    const char *salt = value_dig_string(note, "salt", NULL);
    *changed = arena_array(arena, value_len(hashes) + 1, sizeof **changed);
    *count = 0;
    for (size_t i = 0; i < value_len(hashes); i++) {
        const struct value_entry *entry = value_entry_at(hashes, i);
        const struct path_step *steps;
        size_t step_count;
        struct err err = err_in(arena);
        struct value there = value_null();
        if (!path_parse(arena, entry->key, &steps, &step_count, &err))
            continue;
        bool found = path_get(live, steps, step_count, &there);
        if (!found || strcmp(hash_of(arena, salt, there), value_get_string(entry->value)) != 0)
            (*changed)[(*count)++] = entry->key;
        if (found)
            live = remove_at(arena, live, plain, steps, step_count);
    }
    return live;
}
