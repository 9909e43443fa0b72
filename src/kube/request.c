// SPDX-License-Identifier: Apache-2.0
#include "kube/private.h"

#include "codec/json.h"
#include "http/url.h"

#include <string.h>

enum { PAGE = 500 };

static const struct {
    const char *name, *method, *content_type;
} verbs[] = {
    [KUBE_GET] = {"get", "GET", NULL},
    [KUBE_LIST] = {"list", "GET", NULL},
    [KUBE_CREATE] = {"create", "POST", "application/json"},
    [KUBE_REPLACE] = {"update", "PUT", "application/json"},
    [KUBE_APPLY] = {"apply", "PATCH", "application/apply-patch+yaml"}, // JSON is YAML
    [KUBE_PATCH_MERGE] = {"patch", "PATCH", "application/merge-patch+json"},
    [KUBE_PATCH_JSON] = {"patch", "PATCH", "application/json-patch+json"},
    [KUBE_PATCH_STRATEGIC] = {"patch", "PATCH", "application/strategic-merge-patch+json"},
    [KUBE_DELETE] = {"delete", "DELETE", "application/json"},
};

const char *kube_verb_name(enum kube_verb verb) {
    return verbs[verb].name;
}

const char *kube_group_path(struct arena *arena, const char *api_version) {
    return arena_printf(arena, strchr(api_version, '/') ? "/apis/%s" : "/api/%s", api_version);
}

static void add_query(struct buf *url, struct arena *arena, const char *key, const char *value) {
    if (value && *value)
        buf_printf(url, "%c%s=%s", memchr(url->ptr, '?', url->len) ? '&' : '?', key,
                   url_escape(arena, value));
}

static void add_queries(struct buf *url, struct arena *arena, const struct kube_request *request,
                        const char *token) {
    bool writes = request->verb >= KUBE_CREATE, deletes = request->verb == KUBE_DELETE;
    if (request->verb == KUBE_LIST) {
        add_query(url, arena, "limit", arena_printf(arena, "%d", PAGE));
        add_query(url, arena, "continue", token);
        add_query(url, arena, "labelSelector", request->label_selector);
        add_query(url, arena, "fieldSelector", request->field_selector);
    }
    if (writes && !deletes) {
        add_query(url, arena, "fieldManager", request->manager);
        add_query(url, arena, "fieldValidation", request->validation);
        add_query(url, arena, "dryRun", request->dry_run ? "All" : NULL);
    }
    if (request->verb == KUBE_APPLY)
        add_query(url, arena, "force", request->force ? "true" : "false");
}

bool kube_request_url(struct arena *arena, const struct kube_config *config,
                      const struct kube_request *request, const struct kube_resource *resource,
                      const char *token, const char **out, struct err *err) {
    const struct kube_ref *ref = &request->ref;
    bool collection = request->verb == KUBE_LIST || request->verb == KUBE_CREATE;
    bool in_namespace = ref->namespace && *ref->namespace;
    struct buf url;
    if (!collection && (!ref->name || !*ref->name))
        return err_set(err, ERR_INVALID, "%s %s: a name is needed", verbs[request->verb].name, ref->kind);
    if (resource->namespaced && !in_namespace && request->verb != KUBE_LIST)
        return err_set(err, ERR_INVALID, "%s %s \"%s\": a namespace is needed, the kind is namespaced",
                       verbs[request->verb].name, ref->kind, ref->name ? ref->name : "");
    buf_init(&url, arena);
    buf_printf(&url, "%s%s", config->host, kube_group_path(arena, ref->api_version));
    if (resource->namespaced && in_namespace)
        buf_printf(&url, "/namespaces/%s", url_escape(arena, ref->namespace));
    buf_printf(&url, "/%s", resource->plural);
    if (!collection)
        buf_printf(&url, "/%s", url_escape(arena, ref->name));
    else if (request->subresource && ref->name) // such as pods/binding
        buf_printf(&url, "/%s", url_escape(arena, ref->name));
    if (request->subresource)
        buf_printf(&url, "/%s", request->subresource);
    add_queries(&url, arena, request, token);
    *out = buf_text(&url);
    return true;
}

static struct value delete_options(struct arena *arena, const struct kube_request *request) {
    const char *propagation = request->propagation ? request->propagation : "Background";
    struct value none = value_map(arena, NULL, 0), preconditions = none;
    struct value out = value_with(arena, none, "apiVersion", value_string_ref("v1"));
    out = value_with(arena, out, "kind", value_string_ref("DeleteOptions"));
    out = value_with(arena, out, "propagationPolicy", value_string_ref(propagation));
    if (request->uid)
        preconditions = value_with(arena, preconditions, "uid", value_string_ref(request->uid));
    if (request->resource_version)
        preconditions =
            value_with(arena, preconditions, "resourceVersion", value_string_ref(request->resource_version));
    if (value_len(preconditions))
        out = value_with(arena, out, "preconditions", preconditions);
    if (request->dry_run) {
        struct value all = value_string_ref("All");
        out = value_with(arena, out, "dryRun", value_list(arena, &all, 1));
    }
    return out;
}

struct http_request kube_http_request(struct arena *arena, const struct kube_client *client,
                                      const struct kube_request *request, const char *url) {
    struct http_header *headers = arena_array(arena, 3, sizeof *headers);
    struct http_request out = {.method = verbs[request->verb].method, .url = url, .headers = headers};
    headers[out.header_count++] = (struct http_header){"Accept", "application/json"};
    if (verbs[request->verb].content_type)
        headers[out.header_count++] = (struct http_header){"Content-Type", verbs[request->verb].content_type};
    if (client->config->impersonate)
        headers[out.header_count++] = (struct http_header){"Impersonate-User", client->config->impersonate};
    if (request->verb >= KUBE_CREATE) {
        struct buf body;
        buf_init(&body, arena);
        json_encode(&body, request->verb == KUBE_DELETE ? delete_options(arena, request) : request->body,
                    JSON_COMPACT);
        out.body = buf_text(&body);
        out.body_len = body.len;
    }
    // Applying, or merging, the same again changes nothing more.
    out.send_again = request->verb == KUBE_APPLY || request->verb == KUBE_PATCH_MERGE;
    return out;
}

// ---- sending with credentials ----

static void put_credential(struct http_request *requests, size_t count,
                           const struct kube_credential *credential) {
    for (size_t i = 0; i < count; i++) {
        requests[i].final_500 = true; // see kube_answer_passes
        requests[i].bearer = credential->bearer;
        requests[i].username = credential->bearer ? NULL : credential->username;
        requests[i].password = credential->bearer ? NULL : credential->password;
    }
}

// Once more with new credentials, those that were refused.
static bool send_refused(struct call *call, struct kube_client *client, struct http_request *requests,
                         size_t count, unsigned generation, struct http_response *out, struct err *err) {
    struct http_request *again = arena_array(call->arena, count, sizeof *again);
    struct http_response *answers = arena_array(call->arena, count, sizeof *answers);
    struct kube_credential credential;
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (out[i].status == 401)
            again[n++] = requests[i];
    if (!n || !kube_auth_renewable(client->config))
        return true;
    if (!kube_auth_get(call, client, generation, &credential, err))
        return false;
    put_credential(again, n, &credential);
    bool done = http_do_many(call, client->http, again, n, answers, err);
    for (size_t i = 0, j = 0; i < count; i++)
        if (out[i].status == 401)
            out[i] = answers[j++];
    return done;
}

bool kube_send(struct call *call, struct kube_client *client, struct http_request *requests, size_t count,
               struct http_response *out, struct err *err) {
    struct kube_credential credential;
    if (!kube_auth_get(call, client, 0, &credential, err)) {
        for (size_t i = 0; i < count; i++)
            out[i] = (struct http_response){.failure = *err};
        return false;
    }
    call_hide(call, client->config->key_pem);
    hidden_add_url(call->hidden, client->config->proxy_url);
    put_credential(requests, count, &credential);
    bool done = http_do_many(call, client->http, requests, count, out, err);
    return send_refused(call, client, requests, count, credential.generation, out, err) && done;
}

bool kube_get_path(struct call *call, struct kube_client *client, const char *path, const char *accept,
                   const char *what, struct value *out, struct err *err) {
    struct http_header headers[] = {{"Accept", accept ? accept : "application/json"},
                                    {"Impersonate-User", client->config->impersonate}};
    struct http_request request = {.url = arena_printf(call->arena, "%s%s", client->config->host, path),
                                   .headers = headers,
                                   .header_count = client->config->impersonate ? 2 : 1};
    struct http_response response;
    struct kube_answer answer;
    kube_send(call, client, &request, 1, &response, err);
    kube_answer_read(call, client, what, &response, &answer);
    *out = answer.object;
    return answer.failure.kind ? err_set(err, answer.failure.kind, "%s", answer.failure.msg) : true;
}
