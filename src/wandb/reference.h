// SPDX-License-Identifier: Apache-2.0
// Secrets that an instance's spec points to instead of holding them, in the forms that W&B's chart
// operator-wandb and the operator take (licenseSecret, passwordSecret, oidcSecret, secretKeyRef, …).
#ifndef WANDB_REFERENCE_H
#define WANDB_REFERENCE_H

#include "base/call.h"
#include "kube/client.h"
#include "value/value.h"

struct reference {
    const char *path;   // value/path.h text below the spec: "values.global.licenseSecret"
    const char *secret; // its name
    const char *keys[3];
    size_t key_count;
};

struct references {
    struct reference *items;
    size_t count, cap;
};

// Finds them all; names and keys that are empty or not known are passed over.
struct references references_find(struct arena *arena, struct value spec);

// Warns, at the attribute path "spec.<path>", of every Secret or key that is not there. What may not be read
// is warned of once. All Secrets are asked for at once, each once.
void references_check(struct call *call, struct kube_client *kube, const char *namespace,
                      const struct references *references);

#endif
