// SPDX-License-Identifier: Apache-2.0
// The one place that requests leave through: every request to the API server, streams too, is given here what
// it accepts, as whom it acts, and the credential.
#include "base/buf.h"
#include "kube/private.h"

#include <string.h>
#include <strings.h>

// ---- as whom ----

// A key of `as-user-extra` as the part of a header's name: what such a name may not hold, and "%", is
// escaped.
static const char *header_part(struct arena *arena, const char *key) {
    static const char PLAIN[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&'*+-.^_`|~";
    struct buf out;
    buf_init(&out, arena);
    for (const char *c = key; *c; c++)
        buf_printf(&out, strchr(PLAIN, *c) ? "%c" : "%%%02X", (unsigned char)*c);
    return buf_text(&out);
}

struct headers {
    struct http_header *items;
    size_t count;
};

static void add(struct headers *headers, const char *name, const char *value) {
    headers->items[headers->count++] = (struct http_header){name, value};
}

static void add_identity(struct arena *arena, const struct kube_impersonation *as, struct headers *headers) {
    if (as->user)
        add(headers, "Impersonate-User", as->user);
    if (as->uid)
        add(headers, "Impersonate-Uid", as->uid);
    for (size_t i = 0; i < as->group_count; i++)
        add(headers, "Impersonate-Group", as->groups[i]);
    for (size_t i = 0; i < as->extra_count; i++)
        add(headers, arena_printf(arena, "Impersonate-Extra-%s", header_part(arena, as->extra[i].name)),
            as->extra[i].value);
}

// ---- all of it ----

static void dress(struct arena *arena, const struct kube_config *config, struct http_request *request) {
    const struct kube_impersonation *as = &config->login.impersonate;
    struct headers headers = {0};
    bool accepts = false;
    headers.items = arena_array(arena, request->header_count + 3 + as->group_count + as->extra_count,
                                sizeof *headers.items);
    for (size_t i = 0; i < request->header_count; i++) {
        accepts |= !strcasecmp(request->headers[i].name, "Accept");
        headers.items[headers.count++] = request->headers[i];
    }
    if (!accepts)
        add(&headers, "Accept", "application/json");
    add_identity(arena, as, &headers);
    request->headers = headers.items;
    request->header_count = headers.count;
    request->final_500 = true; // see kube_answer_passes
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
    if (!n || !kube_login_maker(&client->config->login))
        return true;
    if (!kube_auth_get(call, client, generation, &credential, err))
        return false;
    for (size_t i = 0; i < n; i++)
        kube_login_put(&credential.login, &again[i]);
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
    kube_login_hide(call, &credential.login);
    hidden_add_url(call->hidden, client->config->proxy_url);
    for (size_t i = 0; i < count; i++) {
        dress(call->arena, client->config, &requests[i]);
        kube_login_put(&credential.login, &requests[i]);
    }
    bool done = http_do_many(call, client->http, requests, count, out, err);
    return send_refused(call, client, requests, count, credential.generation, out, err) && done;
}

struct http_stream *kube_stream(struct call *call, struct kube_client *client, const char *url,
                                unsigned refused, unsigned *generation, struct err *err) {
    struct kube_credential credential;
    struct http_request request = {.url = url};
    if (!kube_auth_get(call, client, refused, &credential, err))
        return NULL;
    dress(call->arena, client->config, &request);
    kube_login_put(&credential.login, &request);
    *generation = credential.generation;
    return http_stream_open(call, client->http, &request);
}

bool kube_get_path(struct call *call, struct kube_client *client, const char *path, const char *accept,
                   const char *what, struct value *out, struct err *err) {
    struct http_header header = {"Accept", accept};
    struct http_request request = {.url = arena_printf(call->arena, "%s%s", client->config->host, path),
                                   .headers = &header,
                                   .header_count = accept ? 1 : 0};
    struct http_response response;
    struct kube_answer answer;
    kube_send(call, client, &request, 1, &response, err);
    kube_answer_read(call, client, what, &response, &answer);
    *out = answer.object;
    return answer.failure.kind ? err_set(err, answer.failure.kind, "%s", answer.failure.msg) : true;
}
