// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_owner.h"

#include "crypto/digest.h"
#include "wandb/instance.h"

#include <string.h>

enum { TOKEN_BYTES = 16 };

const char *instance_owner_token(struct arena *arena, struct value private) {
    unsigned char bytes[TOKEN_BYTES];
    const char *token = value_dig_string(private, "owner", NULL);
    if (token)
        return token;
    crypto_random_bytes(bytes, sizeof bytes);
    return crypto_hex(arena, bytes, sizeof bytes);
}

struct value instance_owner_note(struct arena *arena, struct value private, const char *token) {
    return value_with(arena, private, "owner", value_string(arena, token));
}

bool instance_owner_is_other(struct value live, struct value private) {
    const char *theirs = instance_owner(live), *ours = value_dig_string(private, "owner", NULL);
    if (!ours) // a resource that imported it and has not written yet
        ours = value_dig_string(private, "imported_from", NULL);
    return theirs && (!ours || strcmp(theirs, ours) != 0);
}

void instance_owner_read(struct call *call, struct value live, bool imported, struct resource_state *state) {
    struct kube_ref ref = kube_ref_of(live);
    const char *token = instance_owner(live);
    if (imported && token)
        state->private =
            value_with(call->arena, state->private, "imported_from", value_string(call->arena, token));
    if (!imported && instance_owner_is_other(live, state->private))
        call_warn(
            call, subject_of(kube_ref_text(call->arena, &ref)), "Instance belongs to another resource:",
            "%s was taken over by another wandb_instance, of this configuration or another. Two that "
            "write one object undo each other's changes: keep one, and take the other out of its state "
            "(removed block or terraform state rm). Destroying this one will leave the object as it is.",
            kube_ref_text(call->arena, &ref));
}
