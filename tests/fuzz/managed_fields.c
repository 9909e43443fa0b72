// SPDX-License-Identifier: Apache-2.0
// An object (JSON) as an API server that means us harm might send it: its readiness by every rule, who owns
// what.
#include "kube/fields.h"
#include "kube/ready.h"

#include "codec/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value object;
    if (!json_decode(arena, (const char *)data, size, &object, &err))
        return 0;
    for (int rules = KUBE_RULES_KSTATUS; rules <= KUBE_RULES_HELM3_JOBS; rules++) {
        struct kube_status status = kube_status_of(arena, (enum kube_rules)rules, object, 1767225600);
        if ((status.state == KUBE_STATE_READY) != (status.reason == NULL))
            abort();
    }
    struct kube_paths paths = kube_fields_of(arena, object, NULL, NULL, NULL);
    kube_fields_extract(arena, object, "wandb");
    for (size_t i = 0; i < paths.count && i < 100; i++)
        kube_owners_at(arena, object, paths.items[i]);
    return 0;
}
