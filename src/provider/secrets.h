// SPDX-License-Identifier: Apache-2.0
// Write-only values that belong into a structured attribute by path: merged in at every write, remembered
// only as salted hashes, and taken out again of whatever the cluster gives back. Remembered alike is what a
// live object has of secrets that no configuration gave.
#ifndef PROVIDER_SECRETS_H
#define PROVIDER_SECRETS_H

#include "base/call.h"
#include "wandb/secret_paths.h"

// ERR_INVALID at `attribute` when a path is set, not null, in `plain` too: it must have one source.
bool secrets_check(struct arena *arena, const struct secrets *secrets, struct value plain,
                   const char *attribute, struct err *err);

// The note for private state: {"salt", "hashes": {path: hash}, "kept": [path]}, null for no secrets. Keeps
// the salt of `before` (null: a new one). `given`: what a write has from the configuration; `kept`: what else
// is there.
struct value secrets_note(struct arena *arena, const struct secrets *given, const struct secrets *kept,
                          struct value before);

// The noted hashes by their paths; null for a note of none, or of another layout.
struct value secrets_noted(struct value note);

// True when a write has something to do: a given value that is not the noted one, a noted path that is let
// go, or a part of the configuration that is not known yet. What is noted and no longer given is no change:
// it is kept.
bool secrets_changed(struct arena *arena, const struct secrets *given, const struct secret_claims *claims,
                     struct value note);

// How the given value at a path is to the note.
enum secret_change { SECRET_SAME, SECRET_ADDED, SECRET_CHANGED };
enum secret_change secrets_change(struct arena *arena, const struct secrets *given, const char *path,
                                  struct value note);

struct secret_texts {
    const char **items;
    size_t count;
};

struct secrets_seen {
    struct value note; // brought up to date with what is there and was not given
    struct value rest; // live values without the secrets
    struct secret_texts
        changed; // paths that were given and are not as they were written, missing ones included
    struct secret_texts moved; // paths that are kept and whose value is another now
};

// Live values, and what of them somebody wrote: what a server fills in under a secret's name is not looked
// for.
struct secrets_live {
    struct value all, written;
};

// Takes the secrets out of live values: those of the note, and those by name that the claims (the plain
// attribute first) leave unclaimed. With them go maps that held nothing else and that the plain attribute
// does not have. What is new is noted as kept, but by an import: as if given, so that a configuration that
// gives the same changes nothing.
struct secrets_seen secrets_look(struct arena *arena, struct value note, const struct secrets_live *live,
                                 const struct secret_claims *claims, bool imported);

// Lets the call hide (call_hide) the values that stand at the note's paths in `live`: what an operation
// without the configuration, such as reading, knows of the secrets; or values that were found.
void secrets_hide(const struct call *call, struct value note, struct value live);
void secrets_hide_values(const struct call *call, const struct secrets *secrets);

#endif
