// SPDX-License-Identifier: Apache-2.0
// Which resource an instance belongs to, where two name the same object: an adoption in another
// configuration, or a replacement with create_before_destroy, whose old half is destroyed after the new one
// took the object over. It belongs to whoever took it last: each resource has a token of its own, kept in
// private state and written to the object's annotation INSTANCE_OWNER.
#ifndef PROVIDER_INSTANCE_OWNER_H
#define PROVIDER_INSTANCE_OWNER_H

#include "provider/provider.h"

// The token for a write: the one that `private` has from an earlier write of its own (null for none), else a
// new one.
const char *instance_owner_token(struct arena *arena, struct value private);

// `private` with the token of a write.
struct value instance_owner_note(struct arena *arena, struct value private, const char *token);

// Notes whose token an imported object carries, so that it can be destroyed before it was ever written; warns
// where an object of the state belongs to another resource by now.
void instance_owner_read(struct call *call, struct value live, bool imported, struct resource_state *state);

// Whether the object belongs to another resource. One without a token belongs to whoever asks.
bool instance_owner_is_other(struct value live, struct value private);

#endif
