// SPDX-License-Identifier: Apache-2.0
// Which resource an object belongs to, where two name the same: an adoption in another configuration, or a
// replacement with create_before_destroy, whose old half is destroyed after the new one took the object over.
// It belongs to whoever took it last: each resource has a token of its own, kept in the computed attribute
// `owner` of its state and written to the object (an instance's annotation, a release's records). It is kept
// in the state and not in private state, since of a tainted object Terraform hands the destroy the private
// state of what is to replace it.
#ifndef PROVIDER_RESOURCE_OWNER_H
#define PROVIDER_RESOURCE_OWNER_H

#include "provider/provider.h"

// The attribute `owner`.
#define RESOURCE_OWNER_DOC                                                                                   \
    "Token of this resource, which the object carries too: whoever took it last has it. Not secret."

// The token for a write: a new one for a create and for the first write after an import, else the one that
// `prior` has.
const char *resource_owner_token(struct arena *arena, const struct resource_state *prior);

// The token that `prior` has for its own; NULL for none.
const char *resource_owner_own(const struct resource_state *prior);

// `state` with the token of a write.
struct value resource_owner_state(struct arena *arena, struct value state, const char *token);

// `planned` where nothing is written: the token stays.
struct value resource_owner_kept(struct arena *arena, struct value planned, struct value prior);

// The planned token: unknown where the next write takes a new one.
void resource_owner_plan(struct arena *arena, struct resource_plan *plan);

// Whether the object belongs to another resource: both have tokens, and they differ. `theirs`: the object's,
// or NULL.
bool resource_owner_is_other(const char *theirs, const struct resource_state *state);

// Brings the state up to date: what is imported has the object's token until its first write, so that it can
// be destroyed before; what earlier versions kept in private state moves into the state.
void resource_owner_read(struct arena *arena, const char *theirs, bool imported,
                         struct resource_state *state);

#endif
