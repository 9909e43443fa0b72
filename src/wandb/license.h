// SPDX-License-Identifier: Apache-2.0
// What a W&B license says. A license is a JSON Web Token; only its claims are
// read here, the signature is for the server to judge.
#ifndef WANDB_LICENSE_H
#define WANDB_LICENSE_H

#include "base/err.h"
#include "value/value.h"

struct wandb_license {
    struct value claims;       // the token's payload, a map
    const char *deployment_id; // claim deploymentId, or NULL
    const char *expires_at;    // RFC 3339 from claim expiresAt, else from exp; NULL when it never expires
};

// White space around the license is ignored. ERR_INVALID says what is wrong without showing the license.
bool wandb_license_decode(struct arena *arena, const char *license, struct wandb_license *out,
                          struct err *err);

#endif
