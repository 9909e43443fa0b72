// SPDX-License-Identifier: Apache-2.0
// Which instances a release's operator serves: it alone can let go of them, so it has to stay as long as they
// are there.
#ifndef WANDB_SERVED_H
#define WANDB_SERVED_H

#include "release/release.h"

// Whether a release is an operator of W&B's, by what its chart brings: a workload, and a role that may write
// instances; where it brings no role, a workload with the operator's label. Of a release with
// --isolation-namespaces, which ones.
struct served {
    bool is_operator;
    const char *const *namespaces; // in which it serves instances
    size_t count;                  // 0: in all
};
struct served served_by(struct arena *arena, const struct release_objects *objects);

// Whether an instance carries the finalizer of an operator, of either major version.
bool served_is_held(struct value instance);

// "NAMESPACE/NAME, …" of the instances that this release serves and holds; NULL for none. Who may not list
// those of all namespaces is told of those in the release's own, with a warning.
bool served_instances(struct call *call, struct kube_client *kube, const struct release *release,
                      const char **out, struct err *err);

#endif
