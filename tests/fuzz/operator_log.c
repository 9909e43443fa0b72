// SPDX-License-Identifier: Apache-2.0
// What a pod has logged: no line is read past its end, and no log takes memory out of proportion.
#include "wandb/operator_log.h"

#include <stdint.h>
#include <stdlib.h>

enum { BYTES_PER_BYTE = 1024, AT_LEAST = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct kube_ref INSTANCE =
        KUBE_REF("apps.wandb.com/v1", "WeightsAndBiases", "prod", "wandb");
    SCRATCH_ARENA(arena);
    struct operator_complaint complaint;
    const char *log = arena_strndup(arena, (const char *)data, size);
    if (operator_log_last(arena, log, &INSTANCE, &complaint) != (complaint.message != NULL) ||
        !complaint.time)
        abort();
    if (arena_used(arena) > size * BYTES_PER_BYTE + AT_LEAST)
        abort();
    return 0;
}
