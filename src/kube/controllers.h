// SPDX-License-Identifier: Apache-2.0
// What Kubernetes gives to a controller belongs to the controller, where the manifest leaves room for it: it
// is not applied, and no drift. The table in controllers.c says which fields, and who documents it.
#ifndef KUBE_CONTROLLERS_H
#define KUBE_CONTROLLERS_H

#include "kube/client.h"

struct kube_controlled {
    struct value manifest;
    struct value live; // null where there is none yet
    bool scaled;       // a HorizontalPodAutoscaler sets its number of replicas: kube_find_scaled
};

// `object`, which is the manifest or the live object, without what belongs to controllers.
struct value kube_left_to_controllers(struct arena *arena, const struct kube_controlled *controlled,
                                      struct value object);

// Whether a manifest sets a number of replicas that an autoscaler could set.
bool kube_is_scalable(struct value manifest);

// Fills `scaled`. The server is asked only where somebody has scaled one of them; who may not list
// autoscalers takes the control plane's scaling for theirs. Those of `going` do not count.
struct kube_autoscalers {
    const struct kube_ref *going;
    size_t going_count;
};
void kube_find_scaled(struct call *call, struct kube_client *client, const struct kube_autoscalers *except,
                      struct kube_controlled *items, size_t count);

// Whether the object of a manifest goes by itself when it has done its work: a Job with a TTL.
bool kube_goes_by_itself(struct value manifest);

#endif
