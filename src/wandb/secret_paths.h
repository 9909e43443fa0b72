// SPDX-License-Identifier: Apache-2.0
// Secrets inside values: where they are, what a configuration says of them, and which of them a write has to
// keep. The rule: a secret that is there stays until the configuration says that it shall go, with null at
// its path or at an ancestor of it. Pure functions; results live in the arena.
#ifndef WANDB_SECRET_PATHS_H
#define WANDB_SECRET_PATHS_H

#include "base/err.h"
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

// The secret at a path, or NULL.
const struct secret *secrets_at(const struct secrets *secrets, const char *path);

// `plain` with every secret in its place.
bool secrets_merge(struct arena *arena, const struct secrets *secrets, struct value plain, struct value *out,
                   struct err *err);

// What a configuration says, each tree in the shape of the live values: the plain ones and the write-only
// ones.
struct secret_claims {
    struct value trees[4]; // null for what is not set
    size_t count;
    struct value noted; // a map whose keys are paths that held secrets before, whatever their names; or null
};

enum secret_claim {
    SECRET_UNCLAIMED, // no tree says anything: it is kept
    SECRET_GIVEN,     // a tree has a value there, or in its stead one at an ancestor (a list, a text)
    SECRET_LET_GO,    // null there, or at an ancestor
    SECRET_UNDECIDED, // a part of the configuration that is not known yet decides
};
enum secret_claim secret_claim_of(struct arena *arena, const struct secret_claims *claims, const char *path);

// The secrets in `values`: what is not empty under the names that secret_names_in_object knows, and what is
// at the noted paths. A list that holds one is a secret as a whole.
struct secrets secrets_found(struct arena *arena, struct value values, struct value noted);

// Those of them that are unclaimed: what a write keeps, and a plan names.
struct secrets secrets_kept(struct arena *arena, struct value values, const struct secret_claims *claims);

// `values` with those of `live` that are unclaimed.
struct value secrets_keep(struct arena *arena, struct value values, struct value live,
                          const struct secret_claims *claims);

#endif
