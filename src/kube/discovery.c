// SPDX-License-Identifier: Apache-2.0
#include "kube/private.h"

#include "base/list.h"
#include "codec/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_AGAIN_MS = 2, ASK_AGAIN_MS = 250 };

// Kinds that every supported server has under these names.
static const struct {
    const char *api_version, *kind, *plural;
    bool namespaced;
} built_in[] = {
    {"v1", "ConfigMap", "configmaps", true},
    {"v1", "Endpoints", "endpoints", true},
    {"v1", "Event", "events", true},
    {"v1", "LimitRange", "limitranges", true},
    {"v1", "Namespace", "namespaces", false},
    {"v1", "Node", "nodes", false},
    {"v1", "PersistentVolume", "persistentvolumes", false},
    {"v1", "PersistentVolumeClaim", "persistentvolumeclaims", true},
    {"v1", "Pod", "pods", true},
    {"v1", "ReplicationController", "replicationcontrollers", true},
    {"v1", "ResourceQuota", "resourcequotas", true},
    {"v1", "Secret", "secrets", true},
    {"v1", "Service", "services", true},
    {"v1", "ServiceAccount", "serviceaccounts", true},
    {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations",
     false},
    {"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations",
     false},
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", false},
    {"apiregistration.k8s.io/v1", "APIService", "apiservices", false},
    {"apps/v1", "DaemonSet", "daemonsets", true},
    {"apps/v1", "Deployment", "deployments", true},
    {"apps/v1", "ReplicaSet", "replicasets", true},
    {"apps/v1", "StatefulSet", "statefulsets", true},
    {"authorization.k8s.io/v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", true},
    {"autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true},
    {"batch/v1", "CronJob", "cronjobs", true},
    {"batch/v1", "Job", "jobs", true},
    {"coordination.k8s.io/v1", "Lease", "leases", true},
    {"networking.k8s.io/v1", "Ingress", "ingresses", true},
    {"networking.k8s.io/v1", "IngressClass", "ingressclasses", false},
    {"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true},
    {"policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true},
    {"rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false},
    {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false},
    {"rbac.authorization.k8s.io/v1", "Role", "roles", true},
    {"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true},
    {"scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", false},
    {"storage.k8s.io/v1", "StorageClass", "storageclasses", false},
};

static bool find_built_in(const char *api_version, const char *kind, struct kube_resource *out) {
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        if (!strcmp(built_in[i].kind, kind) && !strcmp(built_in[i].api_version, api_version)) {
            *out = (struct kube_resource){built_in[i].plural, built_in[i].namespaced};
            return true;
        }
    return false;
}

bool kube_is_built_in(const char *api_version, const char *kind) {
    struct kube_resource ignored;
    return api_version && kind && find_built_in(api_version, kind, &ignored);
}

// ---- what was discovered ----

static bool find_discovered(struct kube_client *client, struct arena *arena, const char *api_version,
                            const char *kind, struct kube_resource *out) {
    bool found = false;
    pthread_mutex_lock(&client->lock);
    for (struct kube_discovered *d = client->discovered; d && !found; d = d->next)
        if (!strcmp(d->kind, kind) && !strcmp(d->api_version, api_version)) {
            *out = (struct kube_resource){arena_strdup(arena, d->plural), d->namespaced};
            found = true;
        }
    pthread_mutex_unlock(&client->lock);
    return found;
}

bool kube_serves_version(struct kube_client *client, const char *api_version) {
    bool served = false;
    pthread_mutex_lock(&client->lock);
    for (struct kube_discovered *d = client->discovered; d; d = d->next)
        served |= !strcmp(d->api_version, api_version);
    pthread_mutex_unlock(&client->lock);
    return served;
}

static bool find(struct kube_client *client, struct arena *arena, const char *api_version, const char *kind,
                 struct kube_resource *out) {
    return find_built_in(api_version, kind, out) || find_discovered(client, arena, api_version, kind, out);
}

static bool asked_lately(struct kube_client *client, const char *api_version) {
    bool lately = false;
    pthread_mutex_lock(&client->lock);
    for (struct kube_asked *a = client->asked; a; a = a->next)
        lately |= !strcmp(a->api_version, api_version) && call_now() - a->at < ASK_AGAIN_MS;
    pthread_mutex_unlock(&client->lock);
    return lately;
}

static void drop_version(struct kube_client *client, const char *api_version) {
    for (struct kube_discovered **at = &client->discovered; *at;) {
        if (!strcmp((*at)->api_version, api_version))
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
}

// An APIResourceList replaces what was known of that group and version.
static void keep(struct kube_client *client, const char *api_version, struct value list) {
    pthread_mutex_lock(&client->lock);
    struct arena *arena = client->discovery_arena;
    drop_version(client, api_version);
    struct kube_asked *asked = arena_alloc(arena, sizeof *asked);
    *asked = (struct kube_asked){client->asked, arena_strdup(arena, api_version), call_now()};
    client->asked = asked;
    struct value resources = value_get(list, "resources");
    for (size_t i = 0; i < value_len(resources); i++) {
        struct value item = value_at(resources, i);
        const char *name = value_text_or(value_get(item, "name"), "");
        const char *kind = value_text_or(value_get(item, "kind"), "");
        if (!*name || !*kind || strchr(name, '/')) // a subresource
            continue;
        struct kube_discovered *d = arena_alloc(arena, sizeof *d);
        *d = (struct kube_discovered){client->discovered, asked->api_version, arena_strdup(arena, kind),
                                      arena_strdup(arena, name),
                                      value_get_bool(value_get(item, "namespaced"))};
        client->discovered = d;
    }
    pthread_mutex_unlock(&client->lock);
}

void kube_forget_version(struct kube_client *client, const char *api_version) {
    pthread_mutex_lock(&client->lock);
    drop_version(client, api_version);
    for (struct kube_asked *a = client->asked; a; a = a->next)
        if (!strcmp(a->api_version, api_version))
            a->at = INT64_MIN / 2;
    pthread_mutex_unlock(&client->lock);
}

void kube_client_forget(struct kube_client *client) {
    pthread_mutex_lock(&client->lock);
    client->discovered = NULL;
    client->asked = NULL;
    arena_destroy(client->discovery_arena);
    client->discovery_arena = arena_create();
    pthread_mutex_unlock(&client->lock);
}

// ---- asking ----

static bool is_among(const char *const *texts, size_t count, const char *text) {
    for (size_t i = 0; i < count; i++)
        if (!strcmp(texts[i], text))
            return true;
    return false;
}

static size_t unknown_versions(struct call *call, struct kube_client *client, const struct kube_ref *refs,
                               size_t count, const char **out) {
    struct kube_resource ignored;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const char *version = refs[i].api_version, *kind = refs[i].kind;
        if (version && kind && !is_among(out, n, version) &&
            !find(client, call->arena, version, kind, &ignored) && !asked_lately(client, version))
            out[n++] = version;
    }
    return n;
}

bool kube_must_ask(struct call *call, struct kube_client *client, const struct kube_ref *ref) {
    const char *version;
    return unknown_versions(call, client, ref, 1, &version) > 0;
}

// The 404 to an unknown version is plain text, as any web server's: only the list of groups, which
// nothing but an API server has, confirms it.
static bool confirm_absent(struct call *call, struct kube_client *client, const char *version,
                           struct err *err) {
    struct value list;
    if (!kube_get_path(call, client, "/apis", NULL, "discover the API groups", &list, err))
        return false;
    struct value groups = value_get(list, "groups");
    if (!value_is_text(value_get(list, "kind"), "APIGroupList"))
        return err_set(err, ERR_UNAVAILABLE,
                       "discover %s: the server does not look like a Kubernetes API server", version);
    for (size_t i = 0; i < value_len(groups); i++) {
        struct value versions = value_get(value_at(groups, i), "versions");
        for (size_t j = 0; j < value_len(versions); j++) {
            if (value_is_text(value_get(value_at(versions, j), "groupVersion"), version))
                return err_set(err, ERR_UNAVAILABLE, "discover %s: it is served, but its kinds are not (yet)",
                               version);
        }
    }
    keep(client, version, value_null());
    return true;
}

static bool keep_answer(struct call *call, struct kube_client *client, const char *version,
                        const struct http_response *response, struct err *err) {
    struct kube_answer answer;
    const char *what = arena_printf(call->arena, "discover the kinds of %s", version);
    if (response->status == 404)
        return confirm_absent(call, client, version, err);
    kube_answer_read(call, client, what, response, &answer);
    if (answer.failure.kind)
        return err_set(err, answer.failure.kind, "%s", answer.failure.msg);
    keep(client, version, answer.object);
    return true;
}

static bool discover(struct call *call, struct kube_client *client, const struct kube_ref *refs, size_t count,
                     struct err *err) {
    const char **versions = arena_array(call->arena, count, sizeof *versions);
    size_t n = unknown_versions(call, client, refs, count, versions);
    if (!n)
        return true;
    struct http_request *requests = arena_array(call->arena, n, sizeof *requests);
    struct http_response *answers = arena_array(call->arena, n, sizeof *answers);
    for (size_t i = 0; i < n; i++)
        requests[i].url = arena_printf(call->arena, "%s%s", client->config->host,
                                       kube_group_path(call->arena, versions[i]));
    struct err unused = err_in(call->arena); // each answer carries its own
    kube_send(call, client, requests, n, answers, &unused);
    bool done = true;
    for (size_t i = 0; i < n; i++)
        done = keep_answer(call, client, versions[i], &answers[i], done ? err : &unused) && done;
    return done;
}

static bool discover_in_turn(struct call *call, struct kube_client *client, const struct kube_ref *refs,
                             size_t count, bool waited, struct err *err) {
    enum err_kind last = client->last_discovery.kind;
    if (waited && last && last != ERR_TIMEOUT && last != ERR_CANCELLED) // those were the other call's own end
        return err_set(err, last, "%s", client->last_discovery.msg);
    bool done = discover(call, client, refs, count, err);
    client->last_discovery.kind = done ? ERR_NONE : err->kind;
    snprintf(client->last_discovery.msg, sizeof client->last_discovery.msg, "%s", done ? "" : err->msg);
    return done;
}

// Many calls ask about one kind at once. Whoever comes second waits for the first's answer, or its failure,
// instead of asking the same again, but not longer than its own call lives.
bool kube_discover(struct call *call, struct kube_client *client, const struct kube_ref *refs, size_t count,
                   struct err *err) {
    bool waited = false;
    if (!unknown_versions(call, client, refs, count, arena_array(call->arena, count, sizeof(char *))))
        return true;
    for (; pthread_mutex_trylock(&client->discovering); waited = true)
        if (!call_sleep(call, LOOK_AGAIN_MS, err))
            return false;
    bool done = discover_in_turn(call, client, refs, count, waited, err);
    pthread_mutex_unlock(&client->discovering);
    return done;
}

bool kube_resolve(struct call *call, struct kube_client *client, const char *api_version, const char *kind,
                  struct kube_resource *out, struct err *err) {
    struct kube_ref ref = {.api_version = api_version, .kind = kind};
    if (!api_version || !*api_version || !kind || !*kind)
        return err_set(err, ERR_INVALID, "an object has apiVersion \"%s\" and kind \"%s\"; both are needed",
                       api_version ? api_version : "", kind ? kind : "");
    if (!kube_discover(call, client, &ref, 1, err))
        return false;
    if (find(client, call->arena, api_version, kind, out))
        return true;
    return err_set(err, ERR_NOT_FOUND,
                   "the server does not serve kind \"%s\" of apiVersion \"%s\"; install its "
                   "CustomResourceDefinition first",
                   kind, api_version);
}

// ---- everything ----

#define AGGREGATED "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"

struct texts {
    struct arena *arena;
    const char **items;
    size_t count;
};

static void add(struct texts *texts, const char *text) {
    if (!text) // not a discovery document after all
        return;
    *LIST_ADD(texts->arena, texts->items, texts->count) = text;
}

static void add_kinds(struct texts *texts, const char *version, struct value resources) {
    for (size_t i = 0; i < value_len(resources); i++) {
        struct value item = value_at(resources, i);
        const char *kind = value_dig_string(item, "responseKind", "kind", NULL);
        kind = kind ? kind : value_dig_string(item, "kind", NULL);
        if (kind && *kind)
            add(texts, arena_printf(texts->arena, "%s/%s", version, kind));
        add_kinds(texts, version, value_get(item, "subresources"));
    }
}

static void add_aggregated(struct texts *texts, struct value document) {
    struct value groups = value_get(document, "items");
    for (size_t i = 0; i < value_len(groups); i++) {
        const char *group = value_dig_string(value_at(groups, i), "metadata", "name", NULL);
        struct value versions = value_get(value_at(groups, i), "versions");
        for (size_t j = 0; j < value_len(versions); j++) {
            const char *name = value_dig_string(value_at(versions, j), "version", NULL);
            // An aggregated API that does not answer: what the server knew of it is old, as for client-go.
            if (value_is_text(value_get(value_at(versions, j), "freshness"), "Stale"))
                continue;
            const char *version =
                name && group && *group ? arena_printf(texts->arena, "%s/%s", group, name) : name;
            add(texts, version);
            if (version)
                add_kinds(texts, version, value_get(value_at(versions, j), "resources"));
        }
    }
}

// The old way: a list of versions (core) or groups, then one request for each version.
static bool add_one_by_one(struct call *call, struct kube_client *client, struct value document,
                           struct texts *texts, struct err *err) {
    size_t from = texts->count;
    struct value core = value_get(document, "versions"), groups = value_get(document, "groups");
    for (size_t i = 0; i < value_len(core); i++)
        add(texts, value_get_string(value_at(core, i)));
    for (size_t i = 0; i < value_len(groups); i++) {
        struct value versions = value_get(value_at(groups, i), "versions");
        for (size_t j = 0; j < value_len(versions); j++)
            add(texts, value_dig_string(value_at(versions, j), "groupVersion", NULL));
    }
    size_t count = texts->count - from;
    struct http_request *requests = arena_array(call->arena, count, sizeof *requests);
    struct http_response *answers = arena_array(call->arena, count, sizeof *answers);
    for (size_t i = 0; i < count; i++)
        requests[i].url = arena_printf(call->arena, "%s%s", client->config->host,
                                       kube_group_path(call->arena, texts->items[from + i]));
    if (!kube_send(call, client, requests, count, answers, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct kube_answer answer;
        kube_answer_read(call, client, "discover", &answers[i], &answer);
        if (!answer.failure.kind) // an aggregated API that is down does not hide the others
            add_kinds(texts, texts->items[from + i], value_get(answer.object, "resources"));
    }
    return true;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool kube_api_versions(struct call *call, struct kube_client *client, const char *const **out, size_t *count,
                       struct err *err) {
    static const char *const roots[] = {"/api", "/apis"};
    struct texts texts = {.arena = call->arena};
    for (size_t i = 0; i < 2; i++) {
        struct value document;
        if (!kube_get_path(call, client, roots[i], AGGREGATED, "discover the server's API", &document, err))
            return false;
        if (value_has(document, "items"))
            add_aggregated(&texts, document);
        else if (!add_one_by_one(call, client, document, &texts, err))
            return false;
    }
    if (texts.count)
        qsort(texts.items, texts.count, sizeof *texts.items, by_text);
    *count = 0;
    for (size_t i = 0; i < texts.count; i++)
        if (!i || strcmp(texts.items[i], texts.items[i - 1]))
            texts.items[(*count)++] = texts.items[i];
    *out = texts.items;
    return true;
}

bool kube_server_version(struct call *call, struct kube_client *client, struct kube_version *out,
                         struct err *err) {
    struct value document;
    if (!kube_get_path(call, client, "/version", NULL, "ask the server's version", &document, err))
        return false;
    const char *git = value_dig_string(document, "gitVersion", NULL);
    const char *major = value_dig_string(document, "major", NULL),
               *minor = value_dig_string(document, "minor", NULL);
    if (!git || !major || !minor)
        return err_set(err, ERR_UNAVAILABLE, "the server's /version does not look like Kubernetes'");
    *out = (struct kube_version){git, major, minor};
    return true;
}
