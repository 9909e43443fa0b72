// SPDX-License-Identifier: Apache-2.0
// Which pods are the operator's. Any tenant of a cluster may make pods with its labels, and what stands in
// their logs would be shown as the operator's words. So the API server is asked what a pod's service account
// may do: whoever may write the status of an instance is its operator, or has as much power over it.
#ifndef WANDB_OPERATOR_PODS_H
#define WANDB_OPERATOR_PODS_H

#include "base/call.h"
#include "kube/client.h"

#define OPERATOR_LABEL "control-plane=controller-manager" // of both major versions' charts

enum { OPERATOR_PODS = 4 };

struct operator_pods {
    struct kube_ref items[OPERATOR_PODS];
    size_t count;
};

// The pods with the label whose service account may write the status of `instance`, the likeliest first. They
// are looked for in all namespaces, and where that is forbidden in `home` (NULL: "wandb") and in the
// instance's own. Errors: those of listing pods and of asking what their service accounts may do.
bool operator_pods_find(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                        const char *home, struct operator_pods *out, struct err *err);

#endif
