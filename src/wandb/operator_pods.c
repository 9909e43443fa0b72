// SPDX-License-Identifier: Apache-2.0
#include "wandb/operator_pods.h"

#include <string.h>

enum { ACCOUNTS = 32 }; // asked about

static const char GROUP[] = "apps.wandb.com", PLURAL[] = "weightsandbiases";
static const char HOME[] = "wandb"; // the namespace that the operator is usually in

struct candidate {
    struct kube_ref pod;
    const char *account; // of its namespace
    int likelihood;
};

struct candidates {
    struct candidate *items;
    size_t count;
};

static bool list_pods(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                      const char *home, struct value out[2], struct err *err) {
    struct kube_ref pods = KUBE_REF("v1", "Pod", NULL, NULL);
    out[0] = out[1] = value_null();
    if (kube_list(call, kube, &pods, OPERATOR_LABEL, &out[0], err))
        return true;
    if (err->kind != ERR_FORBIDDEN)
        return false;
    // who may not look everywhere may look where the operator is
    struct err here = err_in(call->arena);
    pods.namespace = home;
    bool found = kube_list(call, kube, &pods, OPERATOR_LABEL, &out[0], err);
    pods.namespace = instance->namespace;
    return (strcmp(home, instance->namespace) &&
            kube_list(call, kube, &pods, OPERATOR_LABEL, &out[1], &here)) ||
           found;
}

// Where it is expected to be counts more than what it is called, so that nobody elsewhere can crowd it out.
static int likelihood(const struct kube_ref *pod, const struct kube_ref *instance, const char *home) {
    if (!strcmp(pod->namespace, home))
        return 3;
    if (!strcmp(pod->namespace, instance->namespace))
        return 2;
    return strstr(pod->name, HOME) || strstr(pod->namespace, HOME);
}

static void add_candidates(const struct kube_ref *instance, const char *home, struct value list,
                           struct candidates *out) {
    for (size_t i = 0; i < value_len(list); i++) {
        struct kube_ref pod = kube_ref_of(value_at(list, i));
        const char *account = value_dig_string(value_at(list, i), "spec", "serviceAccountName", NULL);
        pod.kind = "Pod";
        if (pod.name && pod.namespace)
            out->items[out->count++] = (struct candidate){pod, account && *account ? account : "default",
                                                          likelihood(&pod, instance, home)};
    }
}

static bool is_same_account(const struct candidate *a, const struct candidate *b) {
    return !strcmp(a->account, b->account) && !strcmp(a->pod.namespace, b->pod.namespace);
}

// One pod of every service account, the likeliest first.
static size_t accounts_of(const struct candidates *candidates, const struct candidate *out[ACCOUNTS]) {
    size_t count = 0;
    for (int likelihood = 3; likelihood >= 0; likelihood--)
        for (size_t i = 0; i < candidates->count && count < ACCOUNTS; i++) {
            const struct candidate *candidate = &candidates->items[i];
            bool known = candidate->likelihood != likelihood;
            for (size_t j = 0; j < count && !known; j++)
                known = is_same_account(out[j], candidate);
            if (!known)
                out[count++] = candidate;
        }
    return count;
}

// May it write the status of the instance?
static struct value review(struct arena *arena, const struct candidate *candidate,
                           const struct kube_ref *instance) {
    const char *namespace = candidate->pod.namespace;
    const struct value groups[] = {
        value_string_ref("system:serviceaccounts"),
        value_string(arena, arena_printf(arena, "system:serviceaccounts:%s", namespace)),
        value_string_ref("system:authenticated")};
    const struct value_entry attributes[] = {{"group", value_string_ref(GROUP)},
                                             {"name", value_string_ref(instance->name)},
                                             {"namespace", value_string_ref(instance->namespace)},
                                             {"resource", value_string_ref(PLURAL)},
                                             {"subresource", value_string_ref("status")},
                                             {"verb", value_string_ref("update")}};
    const char *user = arena_printf(arena, "system:serviceaccount:%s:%s", namespace, candidate->account);
    const struct value_entry spec[] = {{"groups", value_list(arena, groups, 3)},
                                       {"resourceAttributes", value_map(arena, attributes, 6)},
                                       {"user", value_string_ref(user)}};
    const struct value_entry metadata[] = {{"namespace", value_string_ref(instance->namespace)}};
    const struct value_entry object[] = {{"apiVersion", value_string_ref("authorization.k8s.io/v1")},
                                         {"kind", value_string_ref("LocalSubjectAccessReview")},
                                         {"metadata", value_map(arena, metadata, 1)},
                                         {"spec", value_map(arena, spec, 3)}};
    return value_map(arena, object, 4);
}

static void take_pods(const struct candidates *candidates, const struct candidate *account,
                      struct operator_pods *out) {
    for (size_t i = 0; i < candidates->count && out->count < OPERATOR_PODS; i++)
        if (is_same_account(&candidates->items[i], account))
            out->items[out->count++] = candidates->items[i].pod;
}

static bool choose(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                   const struct candidates *candidates, struct operator_pods *out, struct err *err) {
    const struct candidate *accounts[ACCOUNTS];
    struct kube_request requests[ACCOUNTS] = {{.verb = KUBE_CREATE}};
    struct kube_answer answers[ACCOUNTS];
    size_t count = accounts_of(candidates, accounts);
    for (size_t i = 0; i < count; i++)
        requests[i] =
            (struct kube_request){.verb = KUBE_CREATE, .body = review(call->arena, accounts[i], instance)};
    bool asked = kube_do_many(call, kube, requests, count, answers, err);
    for (size_t i = 0; i < count; i++)
        if (value_get_bool(value_dig(answers[i].object, "status", "allowed", NULL)))
            take_pods(candidates, accounts[i], out);
    return asked || out->count ||
           err_wrap(err, "which pods are the operator's and not somebody else's could not be asked");
}

bool operator_pods_find(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                        const char *home, struct operator_pods *out, struct err *err) {
    struct value lists[2];
    struct candidates candidates = {0};
    home = home && *home ? home : HOME;
    *out = (struct operator_pods){.count = 0};
    if (!list_pods(call, kube, instance, home, lists, err))
        return false;
    candidates.items =
        arena_array(call->arena, value_len(lists[0]) + value_len(lists[1]) + 1, sizeof *candidates.items);
    for (size_t i = 0; i < 2; i++)
        add_candidates(instance, home, lists[i], &candidates);
    return choose(call, kube, instance, &candidates, out, err);
}
