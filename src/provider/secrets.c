// SPDX-License-Identifier: Apache-2.0
#include "provider/secrets.h"

#include "codec/json.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "value/path.h"

#include <pthread.h>
#include <string.h>

enum { REMEMBERED = 512 };

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

// A run of Terraform asks for the same hash when it reads, plans and writes, and one takes long on purpose.
// This process remembers the last ones, by what was hashed under a key that is its own and that nobody else
// learns.
static struct {
    pthread_mutex_t lock;
    bool keyed;
    unsigned char key[32];
    struct {
        unsigned char of[32];
        char hash[65];
    } entries[REMEMBERED];
    size_t count;
} memory = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char *recall(struct arena *arena, const char *salt, const char *text, unsigned char of[32]) {
    const char *whole = arena_printf(arena, "%s %s", salt, text), *found = NULL;
    pthread_mutex_lock(&memory.lock);
    if (!memory.keyed)
        crypto_random_bytes(memory.key, sizeof memory.key);
    memory.keyed = true;
    crypto_hmac_sha256(memory.key, sizeof memory.key, whole, strlen(whole), of);
    for (size_t i = 0; i < REMEMBERED && i < memory.count && !found; i++)
        if (!memcmp(memory.entries[i].of, of, sizeof memory.entries[i].of))
            found = arena_strdup(arena, memory.entries[i].hash);
    pthread_mutex_unlock(&memory.lock);
    return found;
}

static void remember(const unsigned char of[32], const char *hash) {
    pthread_mutex_lock(&memory.lock);
    size_t i = memory.count++ % REMEMBERED;
    memcpy(memory.entries[i].of, of, sizeof memory.entries[i].of);
    memcpy(memory.entries[i].hash, hash, sizeof memory.entries[i].hash);
    pthread_mutex_unlock(&memory.lock);
}

// The path is part of the salt, so that two secrets of one resource do not show that they are the same.
static const char *hash_of(struct arena *arena, const char *salt, const char *path, struct value value) {
    const char *text = json_text(arena, value), *own_salt = arena_printf(arena, "%s %s", salt, path);
    unsigned char of[32];
    const char *hash = recall(arena, own_salt, text, of);
    if (hash)
        return hash;
    hash = crypto_slow_fingerprint(arena, own_salt, text, strlen(text));
    remember(of, hash);
    return hash;
}

static const char *new_salt(struct arena *arena) {
    unsigned char bytes[16];
    crypto_random_bytes(bytes, sizeof bytes);
    return crypto_hex(arena, bytes, sizeof bytes);
}

struct value secrets_note(struct arena *arena, const struct secrets *secrets, struct value before) {
    const char *salt = value_text_or(value_get(before, "salt"), "");
    if (!secrets->count)
        return value_null();
    if (!*salt)
        salt = new_salt(arena);
    struct value_entry *hashes = arena_array(arena, secrets->count, sizeof *hashes);
    for (size_t i = 0; i < secrets->count; i++)
        hashes[i] = (struct value_entry){
            secrets->items[i].path,
            value_string(arena, hash_of(arena, salt, secrets->items[i].path, secrets->items[i].value))};
    struct value_entry note[] = {{"hashes", value_map(arena, hashes, secrets->count)},
                                 {"salt", value_string(arena, salt)}};
    return value_map(arena, note, 2);
}

bool secrets_changed(struct arena *arena, const struct secrets *secrets, struct value note) {
    struct value now = secrets_note(arena, secrets, note);
    return !value_equal(value_get(now, "hashes"), value_get(note, "hashes"));
}

static void hide_leaves(const struct call *call, struct value v) {
    bool map = value_kind(v) == VALUE_MAP, list = value_kind(v) == VALUE_LIST;
    if (value_kind(v) == VALUE_STRING)
        call_hide(call, value_get_string(v));
    for (size_t i = 0; (map || list) && i < value_len(v); i++)
        hide_leaves(call, map ? value_entry_at(v, i)->value : value_at(v, i));
}

void secrets_hide(const struct call *call, struct value note, struct value live) {
    struct value hashes = value_get(note, "hashes"), there;
    for (size_t i = 0; i < value_len(hashes); i++)
        if (get(call->arena, live, value_entry_at(hashes, i)->key, &there))
            hide_leaves(call, value_untyped(there));
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
    const char *salt = value_text_or(value_get(note, "salt"), "");
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
        if (!found || !value_is_text(entry->value, hash_of(arena, salt, entry->key, there)))
            (*changed)[(*count)++] = entry->key;
        if (found)
            live = remove_at(arena, live, plain, steps, step_count);
    }
    return live;
}
