// SPDX-License-Identifier: Apache-2.0
// Write-only values that belong into a structured attribute by path: merged in at every write,
// remembered only as salted hashes, and taken out again of whatever the cluster gives back.
#ifndef PROVIDER_SECRETS_H
#define PROVIDER_SECRETS_H

#include "base/call.h"
#include "value/value.h"

struct secret {
    const char *path; // value/path.h text, below the attribute
    struct value value;
};

struct secrets {
    struct secret *items;
    size_t count, cap;
};

// Adds one value at a path; null and unknown add nothing.
void secrets_add(struct arena *arena, struct secrets *secrets, const char *path, struct value value);

// Adds every leaf of a tree (lists are leaves).
void secrets_add_tree(struct arena *arena, struct secrets *secrets, struct value tree);

// ERR_INVALID at `attribute` when a path is set, not null, in `plain` too: it must have one source.
bool secrets_check(struct arena *arena, const struct secrets *secrets, struct value plain,
                   const char *attribute, struct err *err);

// `plain` with every secret in its place.
bool secrets_merge(struct arena *arena, const struct secrets *secrets, struct value plain, struct value *out,
                   struct err *err);

// The note for private state: {"salt", "hashes": {path: hash}}. Keeps the salt of `before` (null: a new one).
struct value secrets_note(struct arena *arena, const struct secrets *secrets, struct value before);

// True when the set of paths or a value is not what the note says. A null note equals no secrets.
bool secrets_changed(struct arena *arena, const struct secrets *secrets, struct value note);

// `live` without the values at the note's paths; maps that only held secrets, and that `plain` does not
// have, go too. `changed` receives the paths whose live value is not the noted one (missing included).
struct value secrets_strip(struct arena *arena, struct value note, struct value live, struct value plain,
                           const char ***changed, size_t *count);

// Lets the call hide (call_hide) the values that stand at the note's paths in `live`: what an operation
// without the configuration, such as reading, knows of the secrets.
void secrets_hide(const struct call *call, struct value note, struct value live);

#endif
