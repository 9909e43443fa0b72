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

struct http_request kube_http_request(struct arena *arena, const struct kube_request *request,
                                      const char *url) {
    const char *type = verbs[request->verb].content_type;
    const struct http_header typed = {"Content-Type", type};
    struct http_request out = {.method = verbs[request->verb].method, .url = url};
    if (type) {
        out.headers = arena_memdup(arena, &typed, sizeof typed);
        out.header_count = 1;
    }
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

struct value kube_patch_operation(struct arena *arena, const char *op, const char *pointer,
                                  struct value value) {
    struct value_entry entries[] = {
        {"op", value_string_ref(op)}, {"path", value_string_ref(pointer)}, {"value", value}};
    return value_map(arena, entries, strcmp(op, "remove") != 0 ? 3 : 2);
}
