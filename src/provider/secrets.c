// SPDX-License-Identifier: Apache-2.0
#include "provider/secrets.h"

#include "codec/json.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "value/path.h"

#include <pthread.h>
#include <string.h>

enum { REMEMBERED = 512 };

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

// The note's, or a new one.
static const char *salt_of(struct arena *arena, struct value note) {
    struct value salt = value_get(note, "salt");
    return value_kind(salt) == VALUE_STRING ? value_get_string(salt) : new_salt(arena);
}

struct value secrets_noted(struct value note) {
    struct value hashes = value_get(note, "hashes");
    return value_kind(hashes) == VALUE_MAP ? hashes : value_null();
}

static bool in_list(struct value list, const char *text) {
    for (size_t i = 0; i < value_len(list); i++)
        if (value_is_text(value_at(list, i), text))
            return true;
    return false;
}

static bool is_kept(struct value note, const char *path) {
    return in_list(value_get(note, "kept"), path);
}

static struct value note_of(struct arena *arena, const char *salt, struct value hashes, struct value kept) {
    struct value_entry note[] = {{"hashes", hashes}, {"kept", kept}, {"salt", value_string(arena, salt)}};
    return value_len(hashes) ? value_map(arena, note, 3) : value_null();
}

struct value secrets_note(struct arena *arena, const struct secrets *given, const struct secrets *kept,
                          struct value before) {
    const char *salt = salt_of(arena, before);
    size_t count = given->count + kept->count;
    struct value_entry *hashes = arena_array(arena, count + 1, sizeof *hashes);
    struct value *paths = arena_array(arena, kept->count + 1, sizeof *paths);
    for (size_t i = 0; i < count; i++) {
        const struct secret *s = i < kept->count ? &kept->items[i] : &given->items[i - kept->count];
        if (i < kept->count)
            paths[i] = value_string(arena, s->path);
        hashes[i] =
            (struct value_entry){s->path, value_string(arena, hash_of(arena, salt, s->path, s->value))};
    }
    return note_of(arena, salt, value_map(arena, hashes, count), value_list(arena, paths, kept->count));
}

static bool is_noted(struct arena *arena, struct value note, const struct secret *secret) {
    struct value noted = value_get(value_get(note, "hashes"), secret->path);
    const char *salt = value_dig_string(note, "salt", NULL);
    return !value_is_null(noted) && salt &&
           value_is_text(noted, hash_of(arena, salt, secret->path, secret->value));
}

enum secret_change secrets_change(struct arena *arena, const struct secrets *given, const char *path,
                                  struct value note) {
    const struct secret *secret = secrets_at(given, path);
    if (!value_has(secrets_noted(note), path))
        return secret ? SECRET_ADDED : SECRET_SAME;
    return !secret || is_noted(arena, note, secret) ? SECRET_SAME : SECRET_CHANGED;
}

bool secrets_changed(struct arena *arena, const struct secrets *given, const struct secret_claims *claims,
                     struct value note) {
    struct value hashes = secrets_noted(note);
    for (size_t i = 0; i < claims->count; i++)
        if (!value_is_known(claims->trees[i]))
            return true;
    for (size_t i = 0; i < given->count; i++)
        if (!is_noted(arena, note, &given->items[i]))
            return true;
    for (size_t i = 0; i < value_len(hashes); i++)
        if (secret_claim_of(arena, claims, value_entry_at(hashes, i)->key) == SECRET_LET_GO)
            return true;
    return false;
}

static void hide_leaves(const struct call *call, struct value v) {
    bool map = value_kind(v) == VALUE_MAP, list = value_kind(v) == VALUE_LIST;
    if (value_kind(v) == VALUE_STRING)
        call_hide(call, value_get_string(v));
    for (size_t i = 0; (map || list) && i < value_len(v); i++)
        hide_leaves(call, map ? value_entry_at(v, i)->value : value_at(v, i));
}

void secrets_hide_values(const struct call *call, const struct secrets *secrets) {
    for (size_t i = 0; i < secrets->count; i++)
        hide_leaves(call, secrets->items[i].value);
}

void secrets_hide(const struct call *call, struct value note, struct value live) {
    struct value hashes = secrets_noted(note), there;
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

static void push(struct arena *arena, struct secret_texts *list, const char *text) {
    list->items = arena_grow(arena, list->items, list->count * sizeof *list->items,
                             (list->count + 1) * sizeof *list->items);
    list->items[list->count++] = text;
}

// What of the live values is secret, by the note or by name. `others`: what was not noted before.
static struct secrets look_for(struct arena *arena, struct value note, const struct secrets_live *live,
                               const struct secret_claims *claims, struct secrets *others) {
    struct value hashes = secrets_noted(note);
    struct secret_claims by_name = *claims;
    by_name.noted = value_null();
    struct secrets all = {0}, named = secrets_kept(arena, live->written, &by_name);
    for (size_t i = 0; i < value_len(hashes); i++) {
        const char *path = value_entry_at(hashes, i)->key;
        struct value there = value_null();
        get(arena, live->all, path, &there);
        secrets_add(arena, &all, path, there);
    }
    for (size_t i = 0; i < named.count; i++)
        if (!value_has(hashes, named.items[i].path))
            secrets_add(arena, others, named.items[i].path, named.items[i].value);
    for (size_t i = 0; i < others->count; i++)
        secrets_add(arena, &all, others->items[i].path, others->items[i].value);
    return all;
}

static struct value without(struct arena *arena, struct value live, const struct secrets *secrets,
                            struct value plain) {
    for (size_t i = 0; i < secrets->count; i++) {
        const struct path_step *steps;
        size_t count;
        struct err ignored = err_in(arena);
        if (path_parse(arena, secrets->items[i].path, &steps, &count, &ignored))
            live = remove_at(arena, live, plain, steps, count);
    }
    return live;
}

struct secrets_seen secrets_look(struct arena *arena, struct value note, const struct secrets_live *live,
                                 const struct secret_claims *claims, bool imported) {
    struct value before = secrets_noted(note);
    const char *salt = salt_of(arena, note);
    struct secrets others = {0}, all = look_for(arena, note, live, claims, &others);
    struct secrets_seen seen = {.rest = without(arena, live->all, &all, claims->trees[0])};
    struct value hashes = value_map(arena, NULL, 0), kept = value_list(arena, NULL, 0);
    for (size_t i = 0; i < value_len(before); i++) {
        const struct value_entry *entry = value_entry_at(before, i);
        const struct secret *there = secrets_at(&all, entry->key);
        bool keeps = is_kept(note, entry->key);
        const char *hash = there ? hash_of(arena, salt, entry->key, there->value) : NULL;
        bool same = value_is_text(entry->value, hash);
        if (!same)
            push(arena, keeps ? &seen.moved : &seen.changed, entry->key);
        if (keeps && hash)
            kept = value_append(arena, kept, value_string(arena, entry->key));
        if (!keeps || hash)
            hashes = value_with(arena, hashes, entry->key, keeps ? value_string(arena, hash) : entry->value);
    }
    for (size_t i = 0; i < others.count; i++) {
        const struct secret *s = &others.items[i];
        hashes =
            value_with(arena, hashes, s->path, value_string(arena, hash_of(arena, salt, s->path, s->value)));
        if (!imported)
            kept = value_append(arena, kept, value_string(arena, s->path));
    }
    seen.note = note_of(arena, salt, hashes, kept);
    return seen;
}
