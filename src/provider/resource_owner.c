// SPDX-License-Identifier: Apache-2.0
#include "provider/resource_owner.h"

#include "crypto/digest.h"

#include <string.h>

enum { TOKEN_BYTES = 16 };

// Earlier versions kept the token in private state, under the first of these; the second is the token of
// whoever had the object when it was imported, noted until this resource writes.
static const char OWNER[] = "owner", IMPORTED_FROM[] = "imported_from";

static const char *own_token(const struct resource_state *state) {
    const char *token = value_dig_string(state->value, OWNER, NULL);
    token = token ? token : value_dig_string(state->private, OWNER, NULL);
    return token ? token : value_dig_string(state->private, IMPORTED_FROM, NULL);
}

// It has another resource's token, and has not written yet.
static bool is_borrowed(const struct resource_state *state) {
    return value_has(state->private, IMPORTED_FROM);
}

const char *resource_owner_own(const struct resource_state *prior) {
    return value_is_null(prior->value) || is_borrowed(prior) ? NULL : own_token(prior);
}

const char *resource_owner_token(struct arena *arena, const struct resource_state *prior) {
    unsigned char bytes[TOKEN_BYTES];
    const char *token = resource_owner_own(prior);
    if (token)
        return token;
    crypto_random_bytes(bytes, sizeof bytes);
    return crypto_hex(arena, bytes, sizeof bytes);
}

struct value resource_owner_state(struct arena *arena, struct value state, const char *token) {
    return value_with(arena, state, OWNER, value_string(arena, token));
}

struct value resource_owner_kept(struct arena *arena, struct value planned, struct value prior) {
    return value_with(arena, planned, OWNER, value_get(prior, OWNER));
}

void resource_owner_plan(struct arena *arena, struct resource_plan *plan) {
    if (plan->changes && is_borrowed(&plan->prior))
        plan->planned.value = value_with(arena, plan->planned.value, OWNER, value_unknown());
}

bool resource_owner_is_other(const char *theirs, const struct resource_state *state) {
    const char *ours = own_token(state);
    return theirs && ours && strcmp(theirs, ours) != 0;
}

void resource_owner_read(struct arena *arena, const char *theirs, bool imported,
                         struct resource_state *state) {
    if (imported && theirs)
        state->private = value_with(arena, state->private, IMPORTED_FROM, value_string(arena, theirs));
    const char *ours = own_token(state);
    state->value = value_with(arena, state->value, OWNER, value_text(arena, ours));
}
