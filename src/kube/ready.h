// SPDX-License-Identifier: Apache-2.0
// When an object does what it is for: the rules by kind of kstatus (Helm 4's
// default) and of Helm 3, waiting for them, and explaining what is in the way.
// Sources: helm 4.3.1 pkg/kube/statuswait.go, helm 3.20.1 pkg/kube/ready.go.
#ifndef KUBE_READY_H
#define KUBE_READY_H

#include "kube/watch.h"

enum kube_rules {
    KUBE_RULES_KSTATUS,   // conditions, observed generation, per-kind rules; a Job is ready once started
    KUBE_RULES_HOOK,      // of hooks: Jobs must complete, Pods must succeed, anything else is ready at once
    KUBE_RULES_HELM3,     // Helm 3's --wait: maxUnavailable counts, unknown kinds are ready
    KUBE_RULES_HELM3_JOBS // and its --wait-for-jobs
};

enum kube_state { KUBE_STATE_READY, KUBE_STATE_WAITING, KUBE_STATE_FAILED };

struct kube_status {
    enum kube_state state;
    const char *reason; // "2 of 3 replicas are available"; NULL when ready
};

// Pure. A null object waits ("does not exist yet"). `now_s` is Unix time, for rules with a grace period.
struct kube_status kube_status_of(struct arena *arena, enum kube_rules rules, struct value object,
                                  int64_t now_s);

// Told whenever something about an object that is not ready changes: for the log.
typedef void kube_progress_fn(void *data, const struct kube_ref *ref, const struct kube_status *status);

struct kube_wait {
    enum kube_rules rules;
    bool pods; // with KSTATUS, as Helm 4: a StatefulSet or ReplicaSet one of whose pods failed has failed
    kube_progress_fn *progress; // may be NULL
    void *data;
};

// Waits through watches until all are ready. Failed objects end the wait once all others are settled and
// they have stayed failed for 3 s; ERR_TIMEOUT and ERR_FAILED name every object that is not ready, and why,
// as kube_explain tells it. ERR_CANCELLED explains nothing, to end promptly.
bool kube_wait_ready(struct call *call, struct kube_client *client, const struct kube_ref *refs, size_t count,
                     const struct kube_wait *wait, struct err *err);

// What keeps a workload (Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, Pod; other kinds: their
// conditions and events) from being ready, as lines of text without a final newline: unready pods with
// waiting reason or the scheduler's words, last events, last lines of a failed container's log. Takes at most
// 5 s, also when the call's deadline has passed; what cannot be read is left out. Never NULL.
const char *kube_explain(struct call *call, struct kube_client *client, const struct kube_ref *ref);

#endif
