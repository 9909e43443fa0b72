// SPDX-License-Identifier: Apache-2.0
// The operator's own Secrets beside an instance: what the System Console, the release channel
// and the last successful merge say (wandb/operator v1.22.0 pkg/wandb/spec/state/secrets).
#ifndef WANDB_LEVELS_H
#define WANDB_LEVELS_H

#include "base/call.h"
#include "kube/client.h"
#include "value/value.h"
#include "wandb/hierarchy.h"

// One level: maps or null.
struct level {
    bool present; // the Secret exists
    struct value chart, values, metadata;
};

struct levels {
    struct level console; // <name>-spec-user
    struct level channel; // <name>-latest-cached-release
    struct level active;  // <name>-spec-active
};

// Reads the three Secrets in parallel. Absent ones are not `present`; a broken one is an error.
bool levels_get(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                struct levels *out, struct err *err);

// The same from answers to `levels_requests`, so that a caller can ask for more in one go.
enum { LEVEL_COUNT = 3 };
void levels_requests(struct arena *arena, const char *namespace, const char *name,
                     struct kube_request out[LEVEL_COUNT]);
bool levels_from(struct arena *arena, const struct kube_answer answers[LEVEL_COUNT], struct levels *out,
                 struct err *err);

// What the operator would make of `spec_values` over these levels. Its own defaults are included:
// global.operator, with the namespace the operator runs in taken from the active spec (else "wandb").
struct hierarchy levels_merge(struct arena *arena, const struct levels *levels, struct value spec_values);

// The chart of the active spec: name and version, NULL when unknown.
void levels_active_chart(const struct levels *levels, const char **name, const char **version);

#endif
