// SPDX-License-Identifier: Apache-2.0
#include "kube/private.h"

#include "base/list.h"
#include "base/log.h"
#include "http/url.h"

#include <string.h>

enum { CONNECT_MS = 10000 }; // and tried again: an address that swallows packets is reported within a minute

struct kube_client *kube_client_create(const struct kube_config *config, const char *user_agent) {
    struct arena *arena = arena_create();
    struct kube_client *client = arena_alloc(arena, sizeof *client);
    struct http_settings settings = {
        .ca_pem = config->ca_pem,
        .server_name = config->server_name,
        .insecure = config->insecure,
        .proxy_url = config->proxy_url,
        .user_agent = user_agent,
        .connect_ms = CONNECT_MS,
    };
    kube_login_shake(&config->login, &settings);
    *client = (struct kube_client){.config = config, .arena = arena, .http = http_client_create(&settings)};
    client->discovery_arena = arena_create();
    kube_auth_init(&client->auth);
    pthread_mutex_init(&client->lock, NULL);
    pthread_mutex_init(&client->discovering, NULL);
    return client;
}

void kube_client_destroy(struct kube_client *client) {
    if (!client)
        return;
    http_client_destroy(client->http);
    kube_auth_finish(&client->auth);
    pthread_mutex_destroy(&client->lock);
    pthread_mutex_destroy(&client->discovering);
    arena_destroy(client->discovery_arena);
    arena_destroy(client->arena);
}

struct http_client *kube_client_http(struct kube_client *client) {
    return client->http;
}

struct kube_ref kube_ref_of(struct value object) {
    return (struct kube_ref){
        .api_version = value_dig_string(object, "apiVersion", NULL),
        .kind = value_dig_string(object, "kind", NULL),
        .namespace = value_dig_string(object, "metadata", "namespace", NULL),
        .name = value_dig_string(object, "metadata", "name", NULL),
    };
}

static size_t group_length(const struct kube_ref *ref) {
    const char *slash = strchr(ref->api_version, '/');
    return slash ? (size_t)(slash - ref->api_version) : 0;
}

bool kube_same_group(const struct kube_ref *a, const struct kube_ref *b) {
    return group_length(a) == group_length(b) && !strncmp(a->api_version, b->api_version, group_length(a));
}

const char *kube_kind_text(struct arena *arena, const struct kube_ref *ref) {
    const char *kind = ref->kind ? ref->kind : "object";
    return ref->grouped && group_length(ref)
               ? arena_printf(arena, "%s.%.*s", kind, (int)group_length(ref), ref->api_version)
               : kind;
}

const char *kube_ref_text(struct arena *arena, const struct kube_ref *ref) {
    const char *kind = kube_kind_text(arena, ref);
    bool in_namespace = ref->namespace && *ref->namespace;
    if (!ref->name || !*ref->name)
        return in_namespace ? arena_printf(arena, "%s objects in namespace \"%s\"", kind, ref->namespace)
                            : arena_printf(arena, "%s objects", kind);
    return in_namespace ? arena_printf(arena, "%s/%s/%s", kind, ref->namespace, ref->name)
                        : arena_printf(arena, "%s/%s", kind, ref->name);
}

// ---- many at once ----

enum { RETRIES = 5, STALE_TRIES = 20, STALE_WAIT_MS = 150 };

// A run of requests: `todo` are the indices of those that are to be sent (again).
struct run {
    struct call *call;
    struct kube_client *client;
    struct kube_request *requests;
    struct kube_answer *answers;
    const char **tokens; // where a list goes on
    size_t *todo;
    size_t count;
    struct err undiscovered; // why the server did not tell what kinds it serves
};

static const char *what_of(struct arena *arena, const struct kube_request *request) {
    return arena_printf(arena, "%s %s%s%s", kube_verb_name(request->verb),
                        kube_ref_text(arena, &request->ref), request->subresource ? " " : "",
                        request->subresource ? request->subresource : "");
}

static struct kube_request complete(const struct kube_request *request) {
    struct kube_request out = *request;
    if (!out.ref.kind && value_kind(out.body) == VALUE_MAP)
        out.ref = kube_ref_of(out.body);
    return out;
}

// The URL of a request, or its failure in the answer.
static const char *prepare(struct run *run, size_t i) {
    struct kube_request *request = &run->requests[i];
    struct kube_answer *answer = &run->answers[i];
    struct arena *arena = run->call->arena;
    struct kube_resource resource;
    const char *url = NULL;
    *answer = (struct kube_answer){.failure = err_in(arena)};
    struct err err = err_in(arena);
    if (run->undiscovered.kind && kube_must_ask(run->call, run->client, &request->ref)) {
        err_set(&answer->failure, run->undiscovered.kind, "%s: %s", what_of(arena, request),
                run->undiscovered.msg);
    } else if (!kube_resolve(run->call, run->client, request->ref.api_version, request->ref.kind, &resource,
                             &err)) {
        answer->reason = err.kind == ERR_NOT_FOUND ? "NoKindMatch" : NULL;
        err_set(&answer->failure, err.kind, "%s: %s", what_of(arena, request), err.msg);
    } else if (!kube_request_url(arena, run->client->config, request, &resource, run->tokens[i], &url,
                                 &err)) {
        err_set(&answer->failure, err.kind, "%s", err.msg);
    }
    return url;
}

// What the server warns of: deprecated versions, unknown fields. `299 - "text"`
static void log_warnings(const struct call *call, const char *what, const struct http_response *response) {
    for (size_t i = 0; i < response->header_count; i++)
        if (!strcmp(response->headers[i].name, "warning"))
            log_to(call, LOG_INFO, "kube", "%s: the server warns: %s", what, response->headers[i].value);
}

// ---- what names an object ----

static struct value with_text(struct arena *arena, struct value map, const char *key, const char *text) {
    if (!text || value_kind(value_get(map, key)) == VALUE_STRING)
        return map;
    return value_with(arena, map, key, value_string_ref(text));
}

// Whoever reads an object takes for granted that texts say what it is: where they do not, what was asked for
// does.
static struct value identified(struct arena *arena, const struct kube_ref *ref, struct value object) {
    struct value metadata = with_text(arena, value_get(object, "metadata"), "name", ref->name);
    object = with_text(arena, object, "apiVersion", ref->api_version);
    object = with_text(arena, object, "kind", ref->kind);
    return ref->name ? value_with(arena, object, "metadata", metadata) : object;
}

bool kube_is_named(struct value object) {
    return *value_text_or(value_dig(object, "metadata", "name", NULL), "");
}

static void send_prepared(struct run *run, const size_t *which, const char **urls, size_t count) {
    struct arena *arena = run->call->arena;
    struct http_request *requests = arena_array(arena, count, sizeof *requests);
    struct http_response *responses = arena_array(arena, count, sizeof *responses);
    struct err each_has_its_own = err_in(arena);
    for (size_t i = 0; i < count; i++)
        requests[i] = kube_http_request(arena, &run->requests[which[i]], urls[i]);
    if (count)
        kube_send(run->call, run->client, requests, count, responses, &each_has_its_own);
    for (size_t i = 0; i < count; i++) {
        const char *what = what_of(arena, &run->requests[which[i]]);
        struct kube_answer *answer = &run->answers[which[i]];
        const struct kube_request *request = &run->requests[which[i]];
        kube_answer_read(run->call, run->client, what, &responses[i], answer);
        if (!answer->failure.kind && request->verb != KUBE_LIST && request->verb != KUBE_DELETE)
            answer->object = identified(arena, &request->ref, answer->object);
        log_warnings(run->call, what, &responses[i]);
    }
}

static void send_all(struct run *run) {
    struct arena *arena = run->call->arena;
    struct kube_ref *refs = arena_array(arena, run->count, sizeof *refs);
    const char **urls = arena_array(arena, run->count, sizeof *urls);
    size_t *sendable = arena_array(arena, run->count, sizeof *sendable);
    size_t n = 0;
    for (size_t i = 0; i < run->count; i++)
        refs[i] = run->requests[run->todo[i]].ref;
    run->undiscovered = err_in(arena);
    kube_discover(run->call, run->client, refs, run->count, &run->undiscovered);
    for (size_t i = 0; i < run->count; i++)
        if ((urls[n] = prepare(run, run->todo[i])))
            sendable[n++] = run->todo[i];
    send_prepared(run, sendable, urls, n);
}

// Webhooks whose pods are just starting and the like: all those once more, a little later each time.
static void send_with_retries(struct run *run) {
    size_t *again = arena_array(run->call->arena, run->count, sizeof *again);
    size_t *all = run->todo, count = run->count;
    struct err over = err_in(run->call->arena);
    send_all(run);
    for (int try = 0; try < RETRIES; try++) {
        size_t n = 0;
        for (size_t i = 0; i < count; i++)
            if (kube_answer_passes(&run->answers[all[i]]))
                again[n++] = all[i];
        if (!n || !call_sleep(run->call, 250L << try, &over))
            break;
        run->todo = again;
        run->count = n;
        send_all(run);
    }
    run->todo = all;
    run->count = count;
}

// ---- lists come in pages ----

// What came so far, in room that doubles: each page is copied a bounded number of times. An item without a
// name is none that could be asked for, changed or told of: it is left out.
struct pages {
    struct value *items;
    size_t count;
};

static void add_items(struct arena *arena, const struct kube_ref *ref, struct value page,
                      struct pages *pages) {
    const struct kube_ref kind = KUBE_REF(ref->api_version, ref->kind, NULL, NULL);
    struct value items = value_get(page, "items");
    size_t added = value_kind(items) == VALUE_LIST ? value_len(items) : 0;
    for (size_t i = 0; i < added; i++)
        if (kube_is_named(value_at(items, i)))
            *LIST_ADD(arena, pages->items, pages->count) = identified(arena, &kind, value_at(items, i));
}

// Takes a page in; true when the list goes on. An expired token (410) begins again.
static bool take_page(struct run *run, size_t i, struct pages *pages) {
    struct kube_answer *answer = &run->answers[i];
    struct arena *arena = run->call->arena;
    if (answer->status == 410 && run->tokens[i]) {
        pages->count = 0;
        run->tokens[i] = NULL;
        return true;
    }
    if (answer->failure.kind)
        return false;
    add_items(arena, &run->requests[i].ref, answer->object, pages);
    run->tokens[i] = value_dig_string(answer->object, "metadata", "continue", NULL);
    answer->resource_version = value_dig_string(answer->object, "metadata", "resourceVersion", NULL);
    if (run->tokens[i] && *run->tokens[i])
        return true;
    answer->object = value_list(arena, pages->items, pages->count);
    return false;
}

static void send_lists(struct run *run, size_t total) {
    struct pages *pages = arena_array(run->call->arena, total, sizeof *pages);
    while (run->count) {
        send_with_retries(run);
        size_t n = 0;
        for (size_t i = 0; i < run->count; i++) {
            size_t at = run->todo[i];
            if (run->requests[at].verb == KUBE_LIST && take_page(run, at, &pages[at]))
                run->todo[n++] = at;
        }
        run->count = n;
    }
}

// A 404 that is not an API object means that nothing is served at that path: the kind went away (its CRD was
// deleted) or is only just coming, and discovery lags behind by a moment. Asked until the two agree.
static void ask_stale_kind_again(struct run *run, size_t i) {
    struct arena *arena = run->call->arena;
    struct kube_request *request = &run->requests[i];
    struct kube_answer *answer = &run->answers[i];
    if (kube_is_built_in(request->ref.api_version, request->ref.kind)) // whoever said so is no API server
        return;
    for (int try = 0; try < STALE_TRIES && answer->status == 404 && !answer->reason; try++) {
        struct kube_resource resource;
        struct err err = err_in(arena);
        kube_forget_version(run->client, request->ref.api_version);
        if (!kube_resolve(run->call, run->client, request->ref.api_version, request->ref.kind, &resource,
                          &err) &&
            err.kind == ERR_NOT_FOUND) {
            answer->reason = "NoKindMatch";
            err_set(&answer->failure, err.kind, "%s: %s", what_of(arena, request), err.msg);
        } else if (!call_sleep(run->call, STALE_WAIT_MS, &err)) {
            return;
        } else {
            run->todo[0] = i;
            run->count = 1;
            send_lists(run, i + 1);
        }
    }
}

bool kube_do_many(struct call *call, struct kube_client *client, const struct kube_request *requests,
                  size_t count, struct kube_answer *out, struct err *err) {
    struct run run = {
        .call = call,
        .client = client,
        .requests = arena_array(call->arena, count, sizeof *requests),
        .answers = out,
        .tokens = arena_array(call->arena, count, sizeof(char *)),
        .todo = arena_array(call->arena, count, sizeof(size_t)),
        .count = count,
    };
    for (size_t i = 0; i < count; i++) {
        run.requests[i] = complete(&requests[i]);
        run.todo[i] = i;
    }
    send_lists(&run, count);
    for (size_t i = 0; i < count; i++)
        ask_stale_kind_again(&run, i);
    for (size_t i = 0; i < count; i++)
        if (out[i].failure.kind)
            return err_set(err, out[i].failure.kind, "%s", out[i].failure.msg);
    return true;
}

// ---- one ----

bool kube_do(struct call *call, struct kube_client *client, const struct kube_request *request,
             struct kube_answer *out, struct err *err) {
    struct kube_answer unwanted;
    return kube_do_many(call, client, request, 1, out ? out : &unwanted, err);
}

static bool do_for(struct call *call, struct kube_client *client, const struct kube_request *request,
                   struct value *out, struct err *err) {
    struct kube_answer answer;
    if (!kube_do_many(call, client, request, 1, &answer, err))
        return false;
    if (out)
        *out = answer.object;
    return true;
}

bool kube_get(struct call *call, struct kube_client *client, const struct kube_ref *ref, struct value *out,
              struct err *err) {
    return do_for(call, client, &(struct kube_request){.verb = KUBE_GET, .ref = *ref}, out, err);
}

bool kube_find(struct call *call, struct kube_client *client, const struct kube_ref *ref, struct value *out,
               struct err *err) {
    struct err failure = err_in(call->arena);
    *out = value_null();
    if (kube_get(call, client, ref, out, &failure) || failure.kind == ERR_NOT_FOUND)
        return true;
    return err_set(err, failure.kind, "%s", failure.msg);
}

bool kube_list(struct call *call, struct kube_client *client, const struct kube_ref *collection,
               const char *label_selector, struct value *out, struct err *err) {
    struct kube_request request = {.verb = KUBE_LIST, .ref = *collection, .label_selector = label_selector};
    return do_for(call, client, &request, out, err);
}

bool kube_create(struct call *call, struct kube_client *client, struct value object, const char *manager,
                 struct value *out, struct err *err) {
    struct kube_request request = {.verb = KUBE_CREATE, .body = object, .manager = manager};
    return do_for(call, client, &request, out, err);
}

bool kube_apply(struct call *call, struct kube_client *client, struct value object, const char *manager,
                bool force, struct value *out, struct err *err) {
    struct kube_request request = {.verb = KUBE_APPLY, .body = object, .manager = manager, .force = force};
    return do_for(call, client, &request, out, err);
}

bool kube_delete(struct call *call, struct kube_client *client, const struct kube_ref *ref, struct err *err) {
    struct err failure = err_in(call->arena);
    struct kube_request request = {.verb = KUBE_DELETE, .ref = *ref};
    if (do_for(call, client, &request, NULL, &failure) || failure.kind == ERR_NOT_FOUND)
        return true;
    return err_set(err, failure.kind, "%s", failure.msg);
}

bool kube_pod_log(struct call *call, struct kube_client *client, const char *namespace, const char *pod,
                  const char *container, int lines, const char **out, struct err *err) {
    struct arena *arena = call->arena;
    if (!namespace || !*namespace || !pod || !*pod)
        return err_set(err, ERR_INVALID, "read the log of a pod: it has no name or no namespace");
    struct http_request request = {
        .url = arena_printf(arena, "%s/api/v1/namespaces/%s/pods/%s/log?tailLines=%d%s%s",
                            client->config->host, url_escape(arena, namespace), url_escape(arena, pod), lines,
                            container ? "&container=" : "", container ? url_escape(arena, container) : ""),
        .limit = 1 << 20,
    };
    struct http_response response;
    struct kube_answer answer;
    kube_send(call, client, &request, 1, &response, err);
    *out = response.body;
    if (response.status == 200)
        return true;
    kube_answer_read(call, client, arena_printf(arena, "read the log of Pod/%s/%s", namespace, pod),
                     &response, &answer);
    return err_set(err, answer.failure.kind, "%s", answer.failure.msg);
}
