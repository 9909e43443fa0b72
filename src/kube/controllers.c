// SPDX-License-Identifier: Apache-2.0
#include "kube/controllers.h"

#include "kube/fields.h"

#include <string.h>

// ---- the table ----

enum room {
    ROOM_ABSENT, // the manifest does not have the field
    ROOM_EMPTY,  // or has nothing in it, or a placeholder
    ROOM_ANY,    // whatever it says
};

typedef bool asks(const struct kube_controlled *controlled);

static bool annotates(const struct kube_controlled *c, const char *const *names, size_t count) {
    struct value annotations = value_dig(c->manifest, "metadata", "annotations", NULL);
    for (size_t i = 0; i < count; i++)
        if (*value_text_or(value_get(annotations, names[i]), ""))
            return true;
    return false;
}

static bool asks_for_ca(const struct kube_controlled *c) {
    static const char *const names[] = {
        "cert-manager.io/inject-ca-from",
        "cert-manager.io/inject-ca-from-secret",
        "cert-manager.io/inject-apiserver-ca",
        "certmanager.k8s.io/inject-ca-from",
        "certmanager.k8s.io/inject-apiserver-ca",
        "cert.gardener.cloud/inject-ca-from",
        "cert.gardener.cloud/inject-ca-from-secret",
        "service.beta.openshift.io/inject-cabundle",
    };
    return annotates(c, names, sizeof names / sizeof *names);
}

static bool asks_for_service_ca(const struct kube_controlled *c) {
    static const char *const names[] = {"service.beta.openshift.io/inject-cabundle"};
    return annotates(c, names, 1);
}

static bool has_label(const struct kube_controlled *c, const char *name) {
    return *value_text_or(value_dig(c->manifest, "metadata", "labels", name, NULL), "");
}

static bool asks_for_trusted_ca(const struct kube_controlled *c) {
    return has_label(c, "config.openshift.io/inject-trusted-cabundle");
}

static bool is_queued(const struct kube_controlled *c) {
    return has_label(c, "kueue.x-k8s.io/queue-name");
}

static bool is_aggregated(const struct kube_controlled *c) {
    return !value_is_null(value_get(c->manifest, "aggregationRule"));
}

static bool is_account_token(const struct kube_controlled *c) {
    return value_is_text(value_get(c->manifest, "type"), "kubernetes.io/service-account-token");
}

static bool is_scaled(const struct kube_controlled *c) {
    return c->scaled;
}

#define WEBHOOKS "MutatingWebhookConfiguration ValidatingWebhookConfiguration"
#define SCALABLE "Deployment ReplicaSet ReplicationController StatefulSet"
#define WORKLOADS "DaemonSet " SCALABLE
#define HOOK_CA                                                                                              \
    { "webhooks", "*", "clientConfig", "caBundle" }
#define CONVERSION_CA                                                                                        \
    { "spec", "conversion", "webhook", "clientConfig", "caBundle" }
#define RESTART(annotation)                                                                                  \
    { "spec", "template", "metadata", "annotations", annotation }

// "*" is any item of a list. Source: who documents that the field is the controller's.
static const struct row {
    const char *kinds, *path[6];
    enum room room;
    asks *asks; // NULL: always
} rows[] = {
    // A webhook's CA comes from whoever makes its certificate: kubernetes.io, "Dynamic Admission Control" and
    // "Versions in CustomResourceDefinitions" (contacting the webhook). Operators that make it themselves
    // (open-policy-agent/cert-controller) ask by no annotation. "\n" is kubebuilder's placeholder.
    {WEBHOOKS, HOOK_CA, ROOM_EMPTY, NULL},
    {"CustomResourceDefinition", CONVERSION_CA, ROOM_EMPTY, NULL},
    {"APIService", {"spec", "caBundle"}, ROOM_EMPTY, NULL},
    // cert-manager.io, "CA Injector"; gardener/cert-management, "CA Injector"; docs.openshift.com, "Securing
    // service traffic using service serving certificate secrets".
    {WEBHOOKS, HOOK_CA, ROOM_ANY, asks_for_ca},
    {"CustomResourceDefinition", CONVERSION_CA, ROOM_ANY, asks_for_ca},
    {"APIService", {"spec", "caBundle"}, ROOM_ANY, asks_for_ca},
    {"ConfigMap", {"data"}, ROOM_ANY, asks_for_service_ca},
    // docs.openshift.com, "Certificate injection using Operators".
    {"ConfigMap", {"data", "ca-bundle.crt"}, ROOM_ANY, asks_for_trusted_ca},
    // kubernetes.io, "Horizontal Pod Autoscaling" (migrating Deployments to horizontal autoscaling).
    {SCALABLE, {"spec", "replicas"}, ROOM_ANY, is_scaled},
    // kubernetes.io, "Using RBAC Authorization" (aggregated ClusterRoles).
    {"ClusterRole", {"rules"}, ROOM_ANY, is_aggregated},
    // kubernetes.io, "Managing Service Accounts" (token controller).
    {"Secret", {"data", "token"}, ROOM_EMPTY, is_account_token},
    {"Secret", {"data", "ca.crt"}, ROOM_EMPTY, is_account_token},
    {"Secret", {"data", "namespace"}, ROOM_EMPTY, is_account_token},
    // kubernetes.io, "Persistent Volumes" (binding).
    {"PersistentVolumeClaim", {"spec", "volumeName"}, ROOM_EMPTY, NULL},
    {"PersistentVolume", {"spec", "claimRef"}, ROOM_EMPTY, NULL},
    // kueue.sigs.k8s.io, "Run a Kubernetes Job": Kueue suspends and admits it.
    {"Job", {"spec", "suspend"}, ROOM_ANY, is_queued},
    // Orders to start pods anew: kubernetes.io, "Well-Known Labels, Annotations and Taints"; Rancher's
    // "Redeploy"; stakater/Reloader, "annotations" strategy; developer.hashicorp.com, Vault Secrets Operator
    // (rolloutRestartTargets); keel.sh; aptakube.com; OpenShift's console, "Restart rollout".
    {WORKLOADS, RESTART("kubectl.kubernetes.io/restartedAt"), ROOM_ABSENT, NULL},
    {WORKLOADS, RESTART("cattle.io/timestamp"), ROOM_ABSENT, NULL},
    {WORKLOADS, RESTART("reloader.stakater.com/last-reloaded-from"), ROOM_ABSENT, NULL},
    {WORKLOADS, RESTART("vso.secrets.hashicorp.com/restartedAt"), ROOM_ABSENT, NULL},
    {WORKLOADS, RESTART("keel.sh/update-time"), ROOM_ABSENT, NULL},
    {WORKLOADS, RESTART("aptakube.com/restartedAt"), ROOM_ABSENT, NULL},
    {WORKLOADS, RESTART("openshift.openshift.io/restartedAt"), ROOM_ABSENT, NULL},
};

static bool is_among(const char *kinds, const char *kind) {
    size_t len = strlen(kind);
    for (const char *at = kinds; len && (at = strstr(at, kind)); at += len)
        if ((at == kinds || at[-1] == ' ') && (!at[len] || at[len] == ' '))
            return true;
    return false;
}

// ---- leaving it ----

static bool is_blank(struct value v) {
    const char *text = value_text_or(v, "x");
    bool placeholder = !*text || !strcmp(text, "\n") || !strcmp(text, "Cg==");
    return value_is_null(v) || placeholder ||
           ((value_kind(v) == VALUE_MAP || value_kind(v) == VALUE_LIST) && !value_len(v));
}

static bool leaves_room(enum room room, struct value parent, const char *key) {
    return room == ROOM_ANY || (room == ROOM_EMPTY && is_blank(value_get(parent, key))) ||
           !value_has(parent, key);
}

// The manifest's item for one of the object's: lists that are walked here are keyed by name.
static struct value item_of(struct value manifest, struct value item, size_t index) {
    struct value name = value_get(item, "name");
    for (size_t i = 0; i < value_len(manifest) && !value_is_null(name); i++)
        if (value_equal(value_get(value_at(manifest, i), "name"), name))
            return value_at(manifest, i);
    return value_is_null(name) ? value_at(manifest, index) : value_null();
}

static struct value leave(struct arena *arena, const struct row *row, size_t depth, struct value manifest,
                          struct value object) {
    const char *key = row->path[depth];
    if (!strcmp(key, "*") && value_kind(object) == VALUE_LIST) {
        struct value *items = arena_array(arena, value_len(object) + 1, sizeof *items);
        for (size_t i = 0; i < value_len(object); i++)
            items[i] =
                leave(arena, row, depth + 1, item_of(manifest, value_at(object, i), i), value_at(object, i));
        return value_list(arena, items, value_len(object));
    }
    if (value_kind(object) != VALUE_MAP || !value_has(object, key))
        return object;
    if (!row->path[depth + 1])
        return leaves_room(row->room, manifest, key) ? value_without(arena, object, key) : object;
    struct value below = leave(arena, row, depth + 1, value_get(manifest, key), value_get(object, key));
    // A map that the controller made for its field goes with it.
    bool emptied = value_kind(below) == VALUE_MAP && !value_len(below) && !value_has(manifest, key);
    return emptied ? value_without(arena, object, key) : value_with(arena, object, key, below);
}

struct value kube_left_to_controllers(struct arena *arena, const struct kube_controlled *controlled,
                                      struct value object) {
    const char *kind = value_text_or(value_get(controlled->manifest, "kind"), "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is_among(rows[i].kinds, kind) && (!rows[i].asks || rows[i].asks(controlled)))
            object = leave(arena, &rows[i], 0, controlled->manifest, object);
    return object;
}

bool kube_goes_by_itself(struct value manifest) {
    return value_is_text(value_get(manifest, "kind"), "Job") &&
           !value_is_null(value_dig(manifest, "spec", "ttlSecondsAfterFinished", NULL));
}

// ---- autoscalers ----

bool kube_is_scalable(struct value manifest) {
    return is_among(SCALABLE, value_text_or(value_get(manifest, "kind"), "")) &&
           !value_is_null(value_dig(manifest, "spec", "replicas", NULL));
}

// Who scaled it through the subresource, as an autoscaler does; NULL for nobody.
static const char *scaler_of(struct arena *arena, const struct kube_controlled *c) {
    struct kube_owners owners = kube_owners_at(arena, c->live, "spec.replicas");
    if (!kube_is_scalable(c->manifest))
        return NULL;
    for (size_t i = 0; i < owners.count; i++)
        if (owners.items[i].subresource && !strcmp(owners.items[i].subresource, "scale"))
            return owners.items[i].manager;
    return NULL;
}

static bool is_going(const struct kube_autoscalers *except, const char *namespace, const char *name) {
    for (size_t i = 0; i < except->going_count; i++) {
        const struct kube_ref *ref = &except->going[i];
        if (!strcmp(ref->kind, "HorizontalPodAutoscaler") && ref->namespace &&
            !strcmp(ref->namespace, namespace) && !strcmp(ref->name, name))
            return true;
    }
    return false;
}

static bool has_autoscaler(const struct kube_autoscalers *except, struct value list, struct value object) {
    const char *namespace = value_text_or(value_dig(object, "metadata", "namespace", NULL), "");
    for (size_t i = 0; i < value_len(list); i++) {
        struct value hpa = value_at(list, i), target = value_dig(hpa, "spec", "scaleTargetRef", NULL);
        const char *name = value_text_or(value_dig(hpa, "metadata", "name", NULL), "");
        if (value_equal(value_get(target, "kind"), value_get(object, "kind")) &&
            value_equal(value_get(target, "name"), value_dig(object, "metadata", "name", NULL)) &&
            !is_going(except, namespace, name))
            return true;
    }
    return false;
}

void kube_find_scaled(struct call *call, struct kube_client *client, const struct kube_autoscalers *except,
                      struct kube_controlled *items, size_t count) {
    struct value lists = value_map(call->arena, NULL, 0);
    for (size_t i = 0; i < count; i++) {
        struct kube_controlled *c = &items[i];
        struct err unread = err_in(call->arena);
        const char *scaler = scaler_of(call->arena, c);
        const char *namespace = value_dig_string(c->live, "metadata", "namespace", NULL);
        struct kube_ref autoscalers = KUBE_REF("autoscaling/v2", "HorizontalPodAutoscaler", namespace, NULL);
        struct value list = value_null();
        c->scaled = false;
        if (!scaler || !namespace)
            continue;
        if (value_has(lists, namespace))
            list = value_get(lists, namespace);
        else if (kube_list(call, client, &autoscalers, NULL, &list, &unread))
            lists = value_with(call->arena, lists, namespace, list);
        c->scaled =
            unread.kind ? !strcmp(scaler, "kube-controller-manager") : has_autoscaler(except, list, c->live);
    }
}
