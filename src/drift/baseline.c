// SPDX-License-Identifier: Apache-2.0
#include "drift/baseline.h"

#include "codec/json.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "drift/drift.h"
#include "drift/secret_names.h"

#include <string.h>

enum { SALT_BYTES = 16 };

static const char ABSENT[] = "absent"; // instead of a hash: the value was not there

static const char *fnv(struct arena *arena, const char *text) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return arena_printf(arena, "%016llx", (unsigned long long)hash);
}

// By its name, or that of something inside it; the content of Secrets.
static bool is_secret(struct arena *arena, const char *path, struct value v) {
    bool map = value_kind(v) == VALUE_MAP, list = value_kind(v) == VALUE_LIST;
    if (secret_names_in_object("Secret/", path) || secret_names_text(value_get_string(v)))
        return true;
    for (size_t i = 0; (map || list) && i < value_len(v); i++) {
        const struct value_entry *entry = map ? value_entry_at(v, i) : NULL;
        const char *here = map ? arena_printf(arena, "%s.%s", path, secret_names_key(v, entry->key)) : path;
        if (is_secret(arena, here, map ? entry->value : value_at(v, i)))
            return true;
    }
    return false;
}

static const char *hashed(struct arena *arena, const char *salt, const char *text) {
    return crypto_fingerprint(arena, salt, text, strlen(text));
}

// What a baseline has at the path of a difference whose value is still the same.
static const char *expected(struct arena *arena, struct value baseline, const struct difference *difference,
                            bool secret) {
    const char *salt = value_dig_string(baseline, "salt", NULL);
    if (difference->kind == DIFF_REMOVED)
        return ABSENT;
    const char *text = json_text(arena, difference->found);
    bool earlier = !salt || value_has(baseline, "over");
    if (earlier)
        text = fnv(arena, text);
    else if (secret) // others may read the state, and guess
        return crypto_slow_fingerprint(arena, salt, text, strlen(text));
    return salt ? hashed(arena, salt, text) : text;
}

static const char *known_at(struct value baseline, const char *path) {
    if (value_kind(baseline) == VALUE_MAP)
        return value_dig_string(baseline, "known", path, NULL);
    for (size_t i = 0; i < value_len(baseline); i++) {
        if (value_is_text(value_get(value_at(baseline, i), "path"), path))
            return value_dig_string(value_at(baseline, i), "found", NULL);
    }
    return NULL;
}

bool baseline_knows(struct arena *arena, struct value baseline, const struct difference *difference) {
    const char *known = known_at(baseline, difference->path);
    // The table of names grows: what counts as secret now may have been noted as a plain value.
    return known && (!strcmp(known, expected(arena, baseline, difference, false)) ||
                     (is_secret(arena, difference->path, difference->found) &&
                      !strcmp(known, expected(arena, baseline, difference, true))));
}

static const char *new_salt(struct arena *arena) {
    unsigned char bytes[SALT_BYTES];
    crypto_random_bytes(bytes, sizeof bytes);
    return crypto_hex(arena, bytes, sizeof bytes);
}

static struct value baseline_of(struct arena *arena, const char *salt, struct value known) {
    struct value_entry entries[] = {{"known", known}, {"salt", value_string(arena, salt)}};
    return value_map(arena, entries, 2);
}

struct value baseline_note(struct arena *arena, const struct difference *items, size_t count,
                           struct value before) {
    const char *salt = value_dig_string(before, "salt", NULL);
    struct value known = value_get(before, "known");
    if (!count)
        return before;
    salt = salt ? salt : new_salt(arena);
    struct value salted = baseline_of(arena, salt, known);
    struct value_entry *entries = arena_array(arena, value_len(known) + count, sizeof *entries);
    for (size_t i = 0; i < value_len(known); i++)
        entries[i] = *value_entry_at(known, i);
    for (size_t i = 0; i < count; i++) {
        bool secret = is_secret(arena, items[i].path, items[i].found);
        entries[value_len(known) + i] = (struct value_entry){
            items[i].path, value_string(arena, expected(arena, salted, &items[i], secret))};
    }
    return baseline_of(arena, salt, value_map(arena, entries, value_len(known) + count));
}

struct value baseline_salted(struct arena *arena, struct value baseline) {
    size_t count = value_len(baseline);
    if (value_kind(baseline) != VALUE_LIST)
        return baseline;
    const char *salt = new_salt(arena);
    struct value_entry *entries = arena_array(arena, count + 1, sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        const char *hash = value_text_or(value_get(value_at(baseline, i), "found"), ABSENT);
        bool gone = !strcmp(hash, ABSENT);
        entries[i] = (struct value_entry){value_text_or(value_get(value_at(baseline, i), "path"), ""),
                                          value_string(arena, gone ? ABSENT : hashed(arena, salt, hash))};
    }
    struct value salted = baseline_of(arena, salt, value_map(arena, entries, count));
    return value_with(arena, salted, "over", value_string_ref("fnv"));
}
