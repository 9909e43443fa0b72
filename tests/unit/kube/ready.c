// SPDX-License-Identifier: Apache-2.0
// The readiness rules, one row a case: rules, object (JSON in YAML's flow form), state, words of the reason.
#include "kube/ready.h"

#include "codec/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1767225600 }; // 2026-01-01T00:00:00Z

#define DEPLOYMENT(rest) "{apiVersion: apps/v1, kind: Deployment, metadata: {generation: 2}, " rest "}"
#define DONE                                                                                                 \
    "{type: Available, status: 'True'}, {type: Progressing, status: 'True', reason: NewReplicaSetAvailable}"
#define STATEFULSET(rest) "{apiVersion: apps/v1, kind: StatefulSet, metadata: {generation: 1}, " rest "}"
#define DAEMONSET(rest) "{apiVersion: apps/v1, kind: DaemonSet, metadata: {generation: 1}, " rest "}"
#define JOB(rest) "{apiVersion: batch/v1, kind: Job, " rest "}"
#define POD(rest)                                                                                            \
    "{apiVersion: v1, kind: Pod, metadata: {creationTimestamp: '2025-12-31T23:59:50Z'}, " rest "}"
#define CRD(rest)                                                                                            \
    "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, status: {conditions: [" rest "]}" \
    "}"

static const struct {
    enum kube_rules rules;
    const char *object;
    enum kube_state state;
    const char *reason;
} cases[] = {
    {KUBE_RULES_KSTATUS, "", KUBE_STATE_WAITING, "does not exist"},
    {KUBE_RULES_HELM3, "", KUBE_STATE_WAITING, "does not exist"},
    {KUBE_RULES_KSTATUS, "{kind: X, apiVersion: e/v1}", KUBE_STATE_READY, NULL},
    {KUBE_RULES_KSTATUS,
     "{kind: X, apiVersion: e/v1, metadata: {generation: 1}, status: {observedGeneration: 2}}",
     KUBE_STATE_WAITING, "not looked at the change"},
    {KUBE_RULES_KSTATUS,
     "{kind: X, apiVersion: e/v1, status: {conditions: [{type: Ready, status: Unknown}]}}",
     KUBE_STATE_WAITING, "Ready"},
    {KUBE_RULES_KSTATUS, "{kind: X, apiVersion: e/v1, status: {conditions: [{type: Ready, status: Maybe}]}}",
     KUBE_STATE_READY, NULL},
    {KUBE_RULES_KSTATUS, "{kind: X, apiVersion: e/v1, metadata: {deletionTimestamp: t}}", KUBE_STATE_WAITING,
     "deleted"},
    {KUBE_RULES_KSTATUS,
     "{kind: X, apiVersion: e/v1, metadata: {generation: 3}, status: {observedGeneration: 2}}",
     KUBE_STATE_WAITING, "not looked at the change"},
    {KUBE_RULES_KSTATUS,
     "{kind: X, apiVersion: e/v1, status: {conditions: [{type: Stalled, status: 'True', message: m}]}}",
     KUBE_STATE_FAILED, "Stalled: m"},
    {KUBE_RULES_KSTATUS,
     "{kind: X, apiVersion: e/v1, status: {conditions: [{type: Reconciling, status: 'True'}]}}",
     KUBE_STATE_WAITING, "Reconciling"},
    {KUBE_RULES_KSTATUS,
     "{kind: X, apiVersion: e/v1, status: {conditions: [{type: Ready, status: 'False', reason: R}]}}",
     KUBE_STATE_WAITING, "Ready: R"},
    {KUBE_RULES_HELM3, "{kind: X, apiVersion: e/v1, status: {conditions: [{type: Ready, status: 'False'}]}}",
     KUBE_STATE_READY, NULL},
    // Deployment
    {KUBE_RULES_KSTATUS,
     DEPLOYMENT("spec: {replicas: 2, progressDeadlineSeconds: 600}, status: {observedGeneration: 1}"),
     KUBE_STATE_WAITING, "not looked at"},
    {KUBE_RULES_KSTATUS, DEPLOYMENT("spec: {replicas: 2}, status: {observedGeneration: 2, replicas: 1}"),
     KUBE_STATE_WAITING, "1 of 2 replicas exist"},
    {KUBE_RULES_KSTATUS, DEPLOYMENT("spec: {replicas: 2}, status: {replicas: 2, updatedReplicas: 1}"),
     KUBE_STATE_WAITING, "1 of 2 replicas are up to date"},
    {KUBE_RULES_KSTATUS, DEPLOYMENT("spec: {replicas: 1}, status: {replicas: 2, updatedReplicas: 1}"),
     KUBE_STATE_WAITING, "1 old replicas are terminating"},
    {KUBE_RULES_KSTATUS, DEPLOYMENT("spec: {}, status: {replicas: 1, updatedReplicas: 1}"),
     KUBE_STATE_WAITING, "0 of 1 updated replicas are available"},
    {KUBE_RULES_KSTATUS,
     DEPLOYMENT("spec: {progressDeadlineSeconds: 9}, status: {replicas: 1, updatedReplicas: 1, "
                "availableReplicas: 1, "
                "readyReplicas: 1}"),
     KUBE_STATE_WAITING, "new ReplicaSet"},
    {KUBE_RULES_KSTATUS,
     DEPLOYMENT("spec: {progressDeadlineSeconds: 9}, status: {replicas: 1, updatedReplicas: 1, "
                "availableReplicas: 1, "
                "readyReplicas: 1, conditions: [" DONE "]}"),
     KUBE_STATE_READY, NULL},
    {KUBE_RULES_KSTATUS,
     DEPLOYMENT(
         "status: {conditions: [{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded}]}"),
     KUBE_STATE_FAILED, "ProgressDeadlineExceeded"},
    {KUBE_RULES_KSTATUS,
     DEPLOYMENT("spec: {progressDeadlineSeconds: 2147483647}, status: {replicas: 1, updatedReplicas: 1, "
                "availableReplicas: 1, readyReplicas: 1, conditions: [{type: Available, status: 'True'}]}"),
     KUBE_STATE_READY, NULL},
    {KUBE_RULES_HELM3, DEPLOYMENT("spec: {paused: true}"), KUBE_STATE_READY, NULL},
    {KUBE_RULES_HELM3, DEPLOYMENT("spec: {replicas: 1}, status: {observedGeneration: 1}"), KUBE_STATE_WAITING,
     "not looked"},
    {KUBE_RULES_HELM3,
     DEPLOYMENT(
         "spec: {replicas: 4, strategy: {rollingUpdate: {maxUnavailable: 25%, maxSurge: 25%}}}, status: "
         "{observedGeneration: 2, updatedReplicas: 4, readyReplicas: 3}"),
     KUBE_STATE_READY, NULL},
    {KUBE_RULES_HELM3,
     DEPLOYMENT("spec: {replicas: 4, strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 0}}}, status: "
                "{observedGeneration: 2, updatedReplicas: 4, readyReplicas: 2}"),
     KUBE_STATE_WAITING, "2 of 3 new replicas are ready"},
    {KUBE_RULES_HELM3,
     DEPLOYMENT("spec: {replicas: 2, strategy: {type: Recreate}}, status: {observedGeneration: 2, "
                "updatedReplicas: 2, "
                "readyReplicas: 1}"),
     KUBE_STATE_WAITING, "1 of 2"},
    {KUBE_RULES_HELM3, // the ready one is the former one
     DEPLOYMENT("spec: {replicas: 1}, status: {observedGeneration: 2, replicas: 2, updatedReplicas: 1, "
                "readyReplicas: 1}"),
     KUBE_STATE_WAITING, "0 of 1 new replicas are ready"},
    {KUBE_RULES_HOOK, DEPLOYMENT("status: {}"), KUBE_STATE_READY, NULL},
    // StatefulSet
    {KUBE_RULES_KSTATUS, STATEFULSET("spec: {updateStrategy: {type: OnDelete}}"), KUBE_STATE_READY, NULL},
    {KUBE_RULES_KSTATUS, STATEFULSET("spec: {replicas: 2}, status: {replicas: 2, readyReplicas: 1}"),
     KUBE_STATE_WAITING, "1 of 2 replicas are ready"},
    {KUBE_RULES_KSTATUS,
     STATEFULSET(
         "spec: {replicas: 3, updateStrategy: {rollingUpdate: {partition: 2}}}, status: {replicas: 3, "
         "readyReplicas: 3, updatedReplicas: 1}"),
     KUBE_STATE_READY, NULL},
    {KUBE_RULES_KSTATUS,
     STATEFULSET("spec: {replicas: 1}, status: {replicas: 1, readyReplicas: 1, currentReplicas: 1, "
                 "currentRevision: a, "
                 "updateRevision: b}"),
     KUBE_STATE_WAITING, "new revision"},
    {KUBE_RULES_KSTATUS,
     STATEFULSET("spec: {replicas: 1}, status: {replicas: 1, readyReplicas: 1, currentReplicas: 1, "
                 "currentRevision: a, "
                 "updateRevision: a}"),
     KUBE_STATE_READY, NULL},
    {KUBE_RULES_KSTATUS, // as the server has it: a partition of 0, and the revisions settle later
     STATEFULSET(
         "spec: {replicas: 1, updateStrategy: {rollingUpdate: {partition: 0}}}, status: {replicas: 1, "
         "readyReplicas: 1, updatedReplicas: 1, currentRevision: a, updateRevision: b}"),
     KUBE_STATE_READY, NULL},
    {KUBE_RULES_KSTATUS,
     STATEFULSET(
         "spec: {replicas: 1, updateStrategy: {rollingUpdate: {partition: 0}}}, status: {replicas: 1, "
         "readyReplicas: 1, currentRevision: a, updateRevision: b}"),
     KUBE_STATE_WAITING, "0 of 1 replicas are up to date"},
    {KUBE_RULES_HELM3,
     STATEFULSET(
         "spec: {replicas: 2, updateStrategy: {type: RollingUpdate}}, status: {observedGeneration: 1, "
         "updatedReplicas: 2, readyReplicas: 1}"),
     KUBE_STATE_WAITING, "1 of 2 replicas are ready"},
    // DaemonSet
    {KUBE_RULES_KSTATUS, DAEMONSET("status: {}"), KUBE_STATE_WAITING, "not looked"},
    {KUBE_RULES_KSTATUS,
     DAEMONSET("status: {observedGeneration: 1, desiredNumberScheduled: 2, currentNumberScheduled: 2, "
               "updatedNumberScheduled: 2, numberAvailable: 1, numberReady: 2}"),
     KUBE_STATE_WAITING, "1 of 2 pods are available"},
    {KUBE_RULES_KSTATUS,
     "{apiVersion: apps/v1, kind: DaemonSet, status: {observedGeneration: 1, desiredNumberScheduled: 0}}",
     KUBE_STATE_WAITING, "not looked"},
    {KUBE_RULES_KSTATUS, DAEMONSET("status: {observedGeneration: 1, desiredNumberScheduled: 0}"),
     KUBE_STATE_READY, NULL},
    {KUBE_RULES_HELM3,
     DAEMONSET(
         "spec: {updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 50%}}}, status: "
         "{observedGeneration: 1, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 1}"),
     KUBE_STATE_READY, NULL},
    // Job
    {KUBE_RULES_KSTATUS, JOB("status: {}"), KUBE_STATE_WAITING, "not started"},
    {KUBE_RULES_KSTATUS, JOB("status: {startTime: t}"), KUBE_STATE_READY, NULL},
    {KUBE_RULES_KSTATUS,
     JOB("spec: {suspend: true}, status: {conditions: [{type: Suspended, status: 'True'}]}"),
     KUBE_STATE_WAITING, "not started"},
    {KUBE_RULES_HOOK, JOB("status: {startTime: t, active: 1}"), KUBE_STATE_WAITING, "1 active"},
    {KUBE_RULES_HOOK, JOB("status: {conditions: [{type: Complete, status: 'True'}]}"), KUBE_STATE_READY,
     NULL},
    {KUBE_RULES_HOOK,
     JOB("status: {conditions: [{type: Failed, status: 'True', reason: BackoffLimitExceeded}]}"),
     KUBE_STATE_FAILED, "BackoffLimitExceeded"},
    {KUBE_RULES_HELM3, JOB("status: {}"), KUBE_STATE_READY, NULL},
    {KUBE_RULES_HELM3_JOBS, JOB("spec: {completions: 2}, status: {succeeded: 1}"), KUBE_STATE_WAITING,
     "1 of 2"},
    {KUBE_RULES_HELM3_JOBS, JOB("spec: {backoffLimit: 1}, status: {failed: 2}"), KUBE_STATE_FAILED,
     "backoffLimit"},
    // Pod
    {KUBE_RULES_KSTATUS, POD("status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}"),
     KUBE_STATE_READY, NULL},
    {KUBE_RULES_KSTATUS,
     POD("status: {phase: Running, containerStatuses: [{name: app, state: {waiting: {reason: "
         "CrashLoopBackOff}}}]}"),
     KUBE_STATE_FAILED, "container app crashes"},
    {KUBE_RULES_KSTATUS, POD("status: {phase: Pending}"), KUBE_STATE_WAITING, "Pending"},
    {KUBE_RULES_KSTATUS, // while its init containers crash it is Pending, and may yet come through
     POD("status: {phase: Pending, initContainerStatuses: [{name: first, state: {waiting: {reason: "
         "CrashLoopBackOff}}}]}"),
     KUBE_STATE_WAITING, "Pending"},
    {KUBE_RULES_KSTATUS, POD("status: {phase: Running}"), KUBE_STATE_WAITING, "not ready"},
    {KUBE_RULES_KSTATUS,
     POD("status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, "
         "message: full}]}"),
     KUBE_STATE_WAITING, "Unschedulable: full"},
    {KUBE_RULES_KSTATUS,
     "{apiVersion: v1, kind: Pod, metadata: {creationTimestamp: '2025-12-31T23:59:00Z'}, status: {phase: "
     "Pending, "
     "conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable}]}}",
     KUBE_STATE_FAILED, "Unschedulable"},
    {KUBE_RULES_KSTATUS, POD("status: {phase: Failed}"), KUBE_STATE_READY, NULL},
    {KUBE_RULES_HOOK, POD("status: {phase: Failed}"), KUBE_STATE_FAILED, "failed"},
    {KUBE_RULES_HOOK, POD("status: {phase: Running}"), KUBE_STATE_WAITING, "not Succeeded"},
    // others
    {KUBE_RULES_KSTATUS, CRD("{type: Established, status: 'True'}"), KUBE_STATE_READY, NULL},
    {KUBE_RULES_KSTATUS, CRD(""), KUBE_STATE_WAITING, "installing"},
    {KUBE_RULES_KSTATUS, CRD("{type: NamesAccepted, status: 'False', message: taken}"), KUBE_STATE_FAILED,
     "taken"},
    {KUBE_RULES_HELM3, CRD("{type: NamesAccepted, status: 'False'}"), KUBE_STATE_READY, NULL},
    {KUBE_RULES_KSTATUS, "{apiVersion: v1, kind: PersistentVolumeClaim, status: {phase: Pending}}",
     KUBE_STATE_WAITING, "Pending, not Bound"},
    {KUBE_RULES_HELM3, "{apiVersion: v1, kind: PersistentVolumeClaim, status: {phase: Bound}}",
     KUBE_STATE_READY, NULL},
    {KUBE_RULES_KSTATUS, "{apiVersion: v1, kind: Service, spec: {type: LoadBalancer, clusterIP: 1.2.3.4}}",
     KUBE_STATE_READY, NULL},
    {KUBE_RULES_HELM3, "{apiVersion: v1, kind: Service, spec: {type: LoadBalancer, clusterIP: 1.2.3.4}}",
     KUBE_STATE_WAITING, "load balancer"},
    {KUBE_RULES_HELM3, "{apiVersion: v1, kind: Service, spec: {type: ExternalName}}", KUBE_STATE_READY, NULL},
    {KUBE_RULES_KSTATUS, "{apiVersion: e/v1, kind: Deployment, status: {}}", KUBE_STATE_READY,
     NULL}, // someone else's
};

static void follows_the_table(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = err_in(arena);
        struct value object;
        const char *text = cases[i].object;
        if (!yaml_decode(arena, text, strlen(text), YAML_NUMBERS_EXACT, &object, &err))
            fail_msg("%s: %s", text, err.msg);
        struct kube_status status = kube_status_of(arena, cases[i].rules, object, NOW);
        const char *reason = status.reason ? status.reason : "none";
        if (status.state != cases[i].state || (cases[i].reason && !strstr(reason, cases[i].reason)))
            fail_msg("rules %d, %s: state %d, %s", cases[i].rules, text, status.state, reason);
        assert_int_equal(status.state == KUBE_STATE_READY, status.reason == NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(follows_the_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
