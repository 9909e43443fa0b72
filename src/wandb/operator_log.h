// SPDX-License-Identifier: Apache-2.0
// What the operator's own log complains of. It reports what it cannot do there and nowhere else: while it
// cannot merge an instance's levels, status and events go on saying that all is well (wandb/operator
// v1.22.0).
#ifndef WANDB_OPERATOR_LOG_H
#define WANDB_OPERATOR_LOG_H

#include "base/call.h"
#include "kube/client.h"
#include "value/value.h"

// One line of its log that is an error about some instance, with what it says.
struct operator_complaint {
    const char *time;    // as the operator wrote it, "" when it did not
    const char *message; // "Reconciler error: type not match"
};

// The last complaint about the instance in a piece of log; false when there is none. Lines are zap's
// JSON or console form (1.x) or slog's text form (2.x). Other lines are never shown: some of them print
// values.
bool operator_log_last(struct arena *arena, const char *log, const struct kube_ref *ref,
                       struct operator_complaint *out);

// What the controller-manager's pods have logged of the instance last, as a sentence: the complaint with pod
// and time, the secrets of `spec` and of the levels masked; that there is no such pod; or why its log cannot
// be read. Empty when it has nothing to complain of. Takes at most some seconds, also when the call's
// deadline has passed. Never NULL.
const char *operator_log_about(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                               struct value spec);

#endif
