// SPDX-License-Identifier: Apache-2.0
// Readiness by kind. The kstatus rules restate pkg/kstatus/status of fluxcd/cli-utils 1.2.2, which Helm 4.3.1
// uses, the Helm 3 rules its pkg/kube/ready.go.
#include "kube/ready.h"
#include "kube/private.h"

#include "base/rfc3339.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEDULE_S = 15 }; // a pod may be unschedulable that long before it counts as failed

static struct kube_status ready_now(void) {
    return (struct kube_status){KUBE_STATE_READY, NULL};
}

static struct kube_status waiting(const char *reason) {
    return (struct kube_status){KUBE_STATE_WAITING, reason};
}

static struct kube_status failed(const char *reason) {
    return (struct kube_status){KUBE_STATE_FAILED, reason};
}

static int64_t number(struct value map, const char *key, int64_t otherwise) {
    return value_has(map, key) ? value_get_int(value_get(map, key)) : otherwise;
}

static bool is(struct value map, const char *key, const char *wanted) {
    return value_is_text(value_get(map, key), wanted);
}

static struct value condition(struct value object, const char *type) {
    struct value conditions = value_dig(object, "status", "conditions", NULL);
    for (size_t i = 0; i < value_len(conditions); i++)
        if (is(value_at(conditions, i), "type", type))
            return value_at(conditions, i);
    return value_null();
}

static bool condition_is(struct value object, const char *type, const char *status) {
    return is(condition(object, type), "status", status);
}

static const char *condition_text(struct arena *arena, struct value object, const char *type) {
    const char *reason = value_dig_string(condition(object, type), "reason", NULL);
    const char *message = value_dig_string(condition(object, type), "message", NULL);
    return arena_printf(arena, "condition %s: %s%s%s", type, reason ? reason : "",
                        reason && message ? ": " : "", message ? message : "");
}

static const char *count_text(struct arena *arena, int64_t have, int64_t want, const char *what) {
    return arena_printf(arena, "%" PRId64 " of %" PRId64 " %s", have, want, what);
}

// ---- kstatus, by kind ----

typedef struct kube_status rule(struct arena *arena, struct value object, int64_t now_s);

// Rows of "at least that many": the first that does not hold is what it waits for.
struct at_least {
    int64_t have, want;
    const char *what;
};

static const char *first_lack(struct arena *arena, const struct at_least *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (rows[i].have < rows[i].want)
            return count_text(arena, rows[i].have, rows[i].want, rows[i].what);
    return NULL;
}

static const char *surplus(struct arena *arena, int64_t have, int64_t want) {
    return have > want ? arena_printf(arena, "%" PRId64 " old replicas are terminating", have - want) : NULL;
}

static struct kube_status deployment(struct arena *arena, struct value object, int64_t now_s) {
    struct value spec = value_get(object, "spec"), status = value_get(object, "status");
    int64_t want = number(spec, "replicas", 1), have = number(status, "replicas", 0);
    int64_t updated = number(status, "updatedReplicas", 0);
    (void)now_s;
    if (is(condition(object, "Progressing"), "reason", "ProgressDeadlineExceeded"))
        return failed(condition_text(arena, object, "Progressing"));
    const struct at_least before[] = {{have, want, "replicas exist"},
                                      {updated, want, "replicas are up to date"}};
    const struct at_least after[] = {
        {number(status, "availableReplicas", 0), updated, "updated replicas are available"},
        {number(status, "readyReplicas", 0), want, "replicas are ready"}};
    const char *lack = first_lack(arena, before, 2);
    lack = lack ? lack : surplus(arena, have, want);
    lack = lack ? lack : first_lack(arena, after, 2);
    if (lack)
        return waiting(lack);
    // Without a deadline the controller sets no Progressing condition.
    bool progressed = number(spec, "progressDeadlineSeconds", INT32_MAX) == INT32_MAX ||
                      (condition_is(object, "Progressing", "True") &&
                       is(condition(object, "Progressing"), "reason", "NewReplicaSetAvailable"));
    if (!progressed)
        return waiting("the new ReplicaSet is not available yet");
    return condition_is(object, "Available", "True") ? ready_now() : waiting("it is not available yet");
}

static struct kube_status stateful_set(struct arena *arena, struct value object, int64_t now_s) {
    struct value spec = value_get(object, "spec"), status = value_get(object, "status");
    struct value strategy = value_get(spec, "updateStrategy");
    int64_t want = number(spec, "replicas", 1), have = number(status, "replicas", 0);
    struct value rolling = value_get(strategy, "rollingUpdate");
    int64_t partition = number(rolling, "partition", 0);
    int64_t updated = number(status, "updatedReplicas", 0);
    (void)now_s;
    if (is(strategy, "type", "OnDelete"))
        return ready_now();
    const struct at_least rows[] = {{have, want, "replicas exist"},
                                    {number(status, "readyReplicas", 0), want, "replicas are ready"}};
    const char *lack = first_lack(arena, rows, 2);
    lack = lack ? lack : surplus(arena, have, want);
    if (lack)
        return waiting(lack);
    if (value_has(rolling, "partition")) // the server writes one: 0 unless the manifest says
        return updated < want - partition
                   ? waiting(count_text(arena, updated, want - partition, "replicas are up to date"))
                   : ready_now();
    if (number(status, "currentReplicas", 0) < want)
        return waiting(
            count_text(arena, number(status, "currentReplicas", 0), want, "replicas are up to date"));
    const char *current = value_dig_string(status, "currentRevision", NULL);
    return current && is(status, "updateRevision", current) ? ready_now()
                                                            : waiting("the new revision is being rolled out");
}

static struct kube_status replica_set(struct arena *arena, struct value object, int64_t now_s) {
    struct value status = value_get(object, "status");
    int64_t want = number(value_get(object, "spec"), "replicas", 1);
    (void)now_s;
    if (condition_is(object, "ReplicaFailure", "True"))
        return waiting(condition_text(arena, object, "ReplicaFailure"));
    const struct at_least rows[] = {
        {number(status, "fullyLabeledReplicas", 0), want, "replicas are labelled"},
        {number(status, "availableReplicas", 0), want, "replicas are available"},
        {number(status, "readyReplicas", 0), want, "replicas are ready"}};
    const char *lack = first_lack(arena, rows, 3);
    lack = lack ? lack : surplus(arena, number(status, "replicas", 0), want);
    return lack ? waiting(lack) : ready_now();
}

static struct kube_status daemon_set(struct arena *arena, struct value object, int64_t now_s) {
    struct value status = value_get(object, "status");
    (void)now_s;
    if (!value_has(value_get(object, "metadata"), "generation") || !value_has(status, "observedGeneration") ||
        !value_has(status, "desiredNumberScheduled"))
        return waiting("its controller has not looked at it yet");
    int64_t want = number(status, "desiredNumberScheduled", 0);
    const struct at_least rows[] = {
        {number(status, "currentNumberScheduled", 0), want, "pods are scheduled"},
        {number(status, "updatedNumberScheduled", 0), want, "pods are up to date"},
        {number(status, "numberAvailable", 0), want, "pods are available"},
        {number(status, "numberReady", 0), want, "pods are ready"}};
    const char *lack = first_lack(arena, rows, 4);
    return lack ? waiting(lack) : ready_now();
}

static struct kube_status claim(struct arena *arena, struct value object, int64_t now_s) {
    struct value phase = value_dig(object, "status", "phase", NULL);
    (void)now_s;
    if (value_is_text(phase, "Bound"))
        return ready_now();
    return waiting(arena_printf(arena, "its phase is %s, not Bound", value_text_or(phase, "not set")));
}

// The name of a container that waits for this reason, or NULL.
static const char *container_waiting(struct value pod, const char *reason) {
    struct value statuses = value_dig(pod, "status", "containerStatuses", NULL);
    for (size_t i = 0; i < value_len(statuses); i++)
        if (is(value_dig(value_at(statuses, i), "state", "waiting", NULL), "reason", reason))
            return value_dig_string(value_at(statuses, i), "name", NULL);
    return NULL;
}

static bool is_unschedulable(struct value pod) {
    return condition_is(pod, "PodScheduled", "False") &&
           is(condition(pod, "PodScheduled"), "reason", "Unschedulable");
}

static struct kube_status unschedulable(struct arena *arena, struct value pod, int64_t now_s) {
    const char *created = value_dig_string(pod, "metadata", "creationTimestamp", NULL);
    const char *text = condition_text(arena, pod, "PodScheduled");
    int64_t since;
    bool old = rfc3339_parse(created, &since) && now_s - since > SCHEDULE_S;
    return old ? failed(text) : waiting(text);
}

static struct kube_status running_pod(struct arena *arena, struct value object) {
    const char *looping = container_waiting(object, "CrashLoopBackOff");
    if (condition_is(object, "Ready", "True"))
        return ready_now();
    return looping ? failed(arena_printf(arena, "container %s crashes again and again (CrashLoopBackOff)",
                                         looping))
                   : waiting("its phase is Running, but it is not ready");
}

static struct kube_status pod(struct arena *arena, struct value object, int64_t now_s) {
    struct value status = value_get(object, "status");
    const char *phase = value_dig_string(status, "phase", NULL);
    if (is(status, "phase", "Succeeded") || is(status, "phase", "Failed"))
        return ready_now(); // it has run to its end
    if (is(status, "phase", "Running"))
        return running_pod(arena, object);
    if (is(status, "phase", "Pending") && is_unschedulable(object))
        return unschedulable(arena, object, now_s);
    return waiting(arena_printf(arena, "its phase is %s", phase ? phase : "not set"));
}

static const char *job_failure(struct arena *arena, struct value object) {
    return condition_is(object, "Failed", "True") ? condition_text(arena, object, "Failed") : NULL;
}

static struct kube_status job(struct arena *arena, struct value object, int64_t now_s) {
    const char *failure = job_failure(arena, object);
    (void)now_s;
    if (failure)
        return failed(failure);
    bool started = value_has(value_get(object, "status"), "startTime");
    return started || condition_is(object, "Complete", "True") ? ready_now()
                                                               : waiting("it has not started yet");
}

static struct kube_status crd(struct arena *arena, struct value object, int64_t now_s) {
    (void)now_s;
    if (condition_is(object, "NamesAccepted", "False"))
        return failed(condition_text(arena, object, "NamesAccepted"));
    if (condition_is(object, "Established", "True"))
        return ready_now();
    if (condition_is(object, "Established", "False") &&
        !is(condition(object, "Established"), "reason", "Installing"))
        return failed(condition_text(arena, object, "Established"));
    return waiting("the server is installing it");
}

static struct kube_status service(struct arena *arena, struct value object, int64_t now_s) {
    struct value spec = value_get(object, "spec");
    const char *ip = value_dig_string(spec, "clusterIP", NULL);
    (void)arena;
    (void)now_s;
    return is(spec, "type", "LoadBalancer") && (!ip || !*ip) ? waiting("it has no cluster IP yet")
                                                             : ready_now();
}

static struct kube_status always(struct arena *arena, struct value object, int64_t now_s) {
    (void)arena;
    (void)object;
    (void)now_s;
    return ready_now();
}

// Custom resources often have a Ready condition; those without any are taken as they are.
static struct kube_status anything(struct arena *arena, struct value object, int64_t now_s) {
    (void)now_s;
    bool waits = condition_is(object, "Ready", "False") || condition_is(object, "Ready", "Unknown");
    return waits ? waiting(condition_text(arena, object, "Ready")) : ready_now();
}

// ---- hooks ----

static struct kube_status hook_job(struct arena *arena, struct value object, int64_t now_s) {
    const char *failure = job_failure(arena, object);
    (void)now_s;
    if (failure)
        return failed(failure);
    if (condition_is(object, "Complete", "True"))
        return ready_now();
    struct value status = value_get(object, "status");
    return waiting(arena_printf(
        arena, "it has not completed: %" PRId64 " active, %" PRId64 " succeeded, %" PRId64 " failed",
        number(status, "active", 0), number(status, "succeeded", 0), number(status, "failed", 0)));
}

static struct kube_status hook_pod(struct arena *arena, struct value object, int64_t now_s) {
    struct value status = value_get(object, "status");
    const char *phase = value_dig_string(status, "phase", NULL);
    (void)now_s;
    if (is(status, "phase", "Succeeded"))
        return ready_now();
    if (is(status, "phase", "Failed"))
        return failed("the pod failed");
    return waiting(arena_printf(arena, "its phase is %s, not Succeeded", phase ? phase : "not set"));
}

// ---- Helm 3 ----

// A number or a percentage of `total`.
static int64_t scaled(struct value number_or_percent, int64_t total, bool up, int64_t otherwise) {
    const char *text = value_text_or(number_or_percent, "");
    if (!strchr(text, '%'))
        return value_is_number(number_or_percent) ? value_get_int(number_or_percent) : otherwise;
    int64_t hundredths = strtoll(text, NULL, 10) * total;
    return (hundredths + (up ? 99 : 0)) / 100;
}

static bool observed(struct value object) {
    return number(value_get(object, "status"), "observedGeneration", 0) >=
           number(value_get(object, "metadata"), "generation", 0);
}

static struct kube_status old_deployment(struct arena *arena, struct value object, int64_t now_s) {
    struct value spec = value_get(object, "spec"), status = value_get(object, "status");
    struct value strategy = value_get(spec, "strategy"), rolling = value_get(strategy, "rollingUpdate");
    int64_t want = number(spec, "replicas", 1), unavailable = 0;
    (void)now_s;
    if (value_get_bool(value_get(spec, "paused")))
        return ready_now();
    if (!observed(object))
        return waiting("its controller has not looked at the change yet");
    if (!is(strategy, "type", "Recreate") && want) {
        unavailable = scaled(value_get(rolling, "maxUnavailable"), want, false, want / 4);
        int64_t surge = scaled(value_get(rolling, "maxSurge"), want, true, (want + 3) / 4);
        unavailable = unavailable || surge ? unavailable : 1;
    }
    int64_t need = want - (unavailable < want ? unavailable : want);
    // Helm counts the ready pods of the newest ReplicaSet. Its status is not here: of the deployment's ready
    // pods, those may be the former ones that are still there.
    int64_t updated = number(status, "updatedReplicas", 0), all = number(status, "replicas", 0);
    int64_t former = all > updated ? all - updated : 0, ready = number(status, "readyReplicas", 0);
    const struct at_least rows[] = {{updated, need, "replicas are up to date"},
                                    {ready > former ? ready - former : 0, need, "new replicas are ready"}};
    const char *lack = first_lack(arena, rows, 2);
    return lack ? waiting(lack) : ready_now();
}

static struct kube_status old_daemon_set(struct arena *arena, struct value object, int64_t now_s) {
    struct value status = value_get(object, "status"),
                 strategy = value_dig(object, "spec", "updateStrategy", NULL);
    int64_t want = number(status, "desiredNumberScheduled", 0);
    (void)now_s;
    if (!observed(object))
        return waiting("its controller has not looked at the change yet");
    if (!is(strategy, "type", "RollingUpdate"))
        return ready_now();
    int64_t unavailable = scaled(value_dig(strategy, "rollingUpdate", "maxUnavailable", NULL), want, true, 1);
    const struct at_least rows[] = {
        {number(status, "updatedNumberScheduled", 0), want, "pods are up to date"},
        {number(status, "numberReady", 0), want - unavailable, "pods are ready"}};
    const char *lack = first_lack(arena, rows, 2);
    return lack ? waiting(lack) : ready_now();
}

static struct kube_status old_stateful_set(struct arena *arena, struct value object, int64_t now_s) {
    struct value spec = value_get(object, "spec"), status = value_get(object, "status");
    struct value strategy = value_get(spec, "updateStrategy");
    int64_t want = number(spec, "replicas", 1);
    int64_t partition = number(value_get(strategy, "rollingUpdate"), "partition", 0);
    (void)now_s;
    if (!observed(object))
        return waiting("its controller has not looked at the change yet");
    if (!is(strategy, "type", "RollingUpdate"))
        return ready_now();
    const struct at_least rows[] = {
        {number(status, "updatedReplicas", 0), want - partition, "replicas are up to date"},
        {number(status, "readyReplicas", 0), want, "replicas are ready"}};
    const char *lack = first_lack(arena, rows, 2);
    const char *current = value_dig_string(status, "currentRevision", NULL);
    if (!lack && partition == 0 && current && !is(status, "updateRevision", current))
        lack = "the new revision is being rolled out";
    return lack ? waiting(lack) : ready_now();
}

static struct kube_status old_replicas(struct arena *arena, struct value object, int64_t now_s) {
    int64_t want = number(value_get(object, "spec"), "replicas", 1);
    int64_t have = number(value_get(object, "status"), "readyReplicas", 0);
    (void)now_s;
    if (!observed(object))
        return waiting("its controller has not looked at the change yet");
    return have < want ? waiting(count_text(arena, have, want, "replicas are ready")) : ready_now();
}

static struct kube_status old_pod(struct arena *arena, struct value object, int64_t now_s) {
    (void)now_s;
    return condition_is(object, "Ready", "True") ? ready_now()
                                                 : waiting(condition_text(arena, object, "Ready"));
}

static struct kube_status old_job(struct arena *arena, struct value object, int64_t now_s) {
    struct value spec = value_get(object, "spec"), status = value_get(object, "status");
    int64_t want = number(spec, "completions", 1), have = number(status, "succeeded", 0);
    (void)now_s;
    if (number(status, "failed", 0) > number(spec, "backoffLimit", 6))
        return failed(arena_printf(arena, "it failed %" PRId64 " times, more than its backoffLimit",
                                   number(status, "failed", 0)));
    return have < want ? waiting(count_text(arena, have, want, "completions are done")) : ready_now();
}

static struct kube_status old_service(struct arena *arena, struct value object, int64_t now_s) {
    struct value spec = value_get(object, "spec");
    const char *ip = value_dig_string(spec, "clusterIP", NULL);
    (void)arena;
    (void)now_s;
    if (is(spec, "type", "ExternalName"))
        return ready_now();
    if (!ip || !*ip)
        return waiting("it has no cluster IP yet");
    bool reachable = value_len(value_get(spec, "externalIPs")) ||
                     value_len(value_dig(object, "status", "loadBalancer", "ingress", NULL));
    return is(spec, "type", "LoadBalancer") && !reachable ? waiting("it has no load balancer address yet")
                                                          : ready_now();
}

static struct kube_status old_crd(struct arena *arena, struct value object, int64_t now_s) {
    (void)arena;
    (void)now_s;
    return condition_is(object, "Established", "True") || condition_is(object, "NamesAccepted", "False")
               ? ready_now()
               : waiting("the server is installing it");
}

// ---- the table ----

static const struct {
    const char *group, *kind; // group "" is the core
    rule *by_rules[4];        // kstatus, hook, helm 3, helm 3 with jobs
} rules_of[] = {
    {"apps", "Deployment", {deployment, always, old_deployment, old_deployment}},
    {"apps", "StatefulSet", {stateful_set, always, old_stateful_set, old_stateful_set}},
    {"apps", "DaemonSet", {daemon_set, always, old_daemon_set, old_daemon_set}},
    {"apps", "ReplicaSet", {replica_set, always, old_replicas, old_replicas}},
    {"batch", "Job", {job, hook_job, always, old_job}},
    {"batch", "CronJob", {always, always, always, always}},
    {"policy", "PodDisruptionBudget", {always, always, always, always}},
    {"apiextensions.k8s.io", "CustomResourceDefinition", {crd, always, old_crd, old_crd}},
    {"", "Pod", {pod, hook_pod, old_pod, old_pod}},
    {"", "PersistentVolumeClaim", {claim, always, claim, claim}},
    {"", "ReplicationController", {anything, always, old_replicas, old_replicas}},
    {"", "Service", {service, always, old_service, old_service}},
    {"", "Secret", {always, always, always, always}},
    {"", "ConfigMap", {always, always, always, always}},
};

static rule *find_rule(struct value object, enum kube_rules rules) {
    static rule *const otherwise[4] = {anything, always, always, always};
    struct kube_ref ref = kube_ref_of(object);
    const char *version = ref.api_version ? ref.api_version : "";
    const char *slash = strchr(version, '/');
    size_t len = slash ? (size_t)(slash - version) : 0;
    for (size_t i = 0; ref.kind && i < sizeof rules_of / sizeof *rules_of; i++)
        if (!strcmp(rules_of[i].kind, ref.kind) && strlen(rules_of[i].group) == len &&
            !strncmp(rules_of[i].group, version, len))
            return rules_of[i].by_rules[rules];
    return otherwise[rules];
}

// What holds for every kind before its own rule is asked.
static bool generic(struct arena *arena, struct value object, struct kube_status *out) {
    struct value metadata = value_get(object, "metadata"), status = value_get(object, "status");
    bool counted = value_has(metadata, "generation") && value_has(status, "observedGeneration");
    if (value_has(metadata, "deletionTimestamp"))
        *out = waiting("it is being deleted");
    else if (counted && number(status, "observedGeneration", 0) != number(metadata, "generation", 0))
        *out = waiting("its controller has not looked at the change yet");
    else if (condition_is(object, "Reconciling", "True"))
        *out = waiting(condition_text(arena, object, "Reconciling"));
    else if (condition_is(object, "Stalled", "True"))
        *out = failed(condition_text(arena, object, "Stalled"));
    else
        return false;
    return true;
}

bool kube_pod_is_lost(struct arena *arena, struct value object, int64_t now_s) {
    struct kube_status status;
    if (!generic(arena, object, &status))
        status = pod(arena, object, now_s);
    return status.state == KUBE_STATE_FAILED && !is_unschedulable(object);
}

struct kube_status kube_status_of(struct arena *arena, enum kube_rules rules, struct value object,
                                  int64_t now_s) {
    struct kube_status out;
    if (value_is_null(object))
        return waiting("it does not exist yet");
    if (rules == KUBE_RULES_KSTATUS && generic(arena, object, &out))
        return out;
    return find_rule(object, rules)(arena, object, now_s);
}
