// SPDX-License-Identifier: Apache-2.0
// Shared inside src/kube only.
#ifndef KUBE_PRIVATE_H
#define KUBE_PRIVATE_H

#include "http/client.h"
#include "kube/client.h"
#include "kube/login.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// kubeconfig.c
struct kubeconfig {
    struct value clusters, users, contexts; // maps by name; file references are absolute already
    const char *current_context;
    const char *files; // those that were read, for errors
};
// Reads and merges; of a file that is not there `must_exist` decides whether it is an error. `origin` is what
// named the files, an attribute or a variable.
bool kubeconfig_load(struct arena *arena, const char *const *files, size_t count, bool must_exist,
                     const char *origin, struct kubeconfig *out, struct err *err);

// context.c: fills what a context of the files says. ERR_INVALID when it lacks what is needed, or when
// something in it is not what client-go takes.
bool kube_context_take(struct arena *arena, const struct kubeconfig *files, const struct kube_settings *s,
                       struct kube_config *out, struct err *err);
static inline const char *kube_either(const char *a, const char *b) {
    return a && *a ? a : b;
}
static inline bool kube_is_among(const char *text, const char *const *allowed) {
    while (*allowed && strcmp(text, *allowed) != 0)
        allowed++;
    return *allowed;
}
// A variable of the environment; an empty one is as good as none.
static inline const char *kube_env(const char *name) {
    return kube_either(getenv(name), NULL);
}

// auth.c: the credential that a method made, per client. Thread-safe.
struct kube_auth {
    pthread_mutex_t lock; // held while one is made, so that it is made once
    struct arena *arena;
    const char *token;
    int64_t token_until; // call_now(), when to make it again
    unsigned generation; // of the credential, see kube_auth_get
};
struct kube_credential {
    struct kube_login login; // the configuration's, and in it the token that was made
    unsigned generation;
};
void kube_auth_init(struct kube_auth *auth);
void kube_auth_finish(struct kube_auth *auth);
// `refused` is the generation that the server answered 401 to, 0 for none: what makes it is asked again.
bool kube_auth_get(struct call *call, struct kube_client *client, unsigned refused,
                   struct kube_credential *out, struct err *err);
// discovery.c
struct kube_discovered {
    struct kube_discovered *next;
    const char *api_version, *kind, *plural;
    bool namespaced;
};
struct kube_asked {
    struct kube_asked *next;
    const char *api_version;
    int64_t at;
};
// Makes sure that all kinds of the requests are known, asking for several groups at once.
bool kube_discover(struct call *call, struct kube_client *client, const struct kube_ref *refs, size_t count,
                   struct err *err);

// True when only the server can tell whether it serves the kind.
bool kube_must_ask(struct call *call, struct kube_client *client, const struct kube_ref *ref);

bool kube_is_built_in(const char *api_version, const char *kind);
void kube_forget_version(struct kube_client *client, const char *api_version);

struct kube_client {
    const struct kube_config *config;
    struct arena *arena;
    struct http_client *http;
    struct kube_auth auth;
    pthread_mutex_t discovering; // held while the server is asked, so that ten callers ask once
    struct {
        enum err_kind kind; // ERR_NONE when it succeeded
        char msg[1024];
    } last_discovery;     // how the last one ended; of `discovering`
    pthread_mutex_t lock; // of what follows
    struct arena *discovery_arena;
    struct kube_discovered *discovered;
    struct kube_asked *asked;
};

// request.c: the HTTP form of a request. `resource` is what discovery said.
bool kube_request_url(struct arena *arena, const struct kube_config *config,
                      const struct kube_request *request, const struct kube_resource *resource,
                      const char *token, const char **out, struct err *err);
const char *kube_group_path(struct arena *arena, const char *api_version); // "/api/v1", "/apis/apps/v1"
struct http_request kube_http_request(struct arena *arena, const struct kube_request *request,
                                      const char *url);

// send.c: adds to every request what it accepts (JSON unless it says so itself), as whom it acts, and the
// credential; a 401 renews that once where that is possible.
bool kube_send(struct call *call, struct kube_client *client, struct http_request *requests, size_t count,
               struct http_response *out, struct err *err);
// Opens a stream; what it borrows lives in the call's arena. NULL: the credential cannot be had. `refused` as
// for kube_auth_get, `generation` is the credential's.
struct http_stream *kube_stream(struct call *call, struct kube_client *client, const char *url,
                                unsigned refused, unsigned *generation, struct err *err);
// GET of an absolute API path, decoded. Errors as kube_do, about `what`.
bool kube_get_path(struct call *call, struct kube_client *client, const char *path, const char *accept,
                   const char *what, struct value *out, struct err *err);

// missing_rule.c
// The rule of RBAC that a message of the API server (HTTP 403) asks for, in words and as YAML to paste,
// several lines; NULL where the message is not of that kind.
const char *kube_missing_rule(struct arena *arena, const char *message);

// answer.c
// Turns an HTTP answer into an object or a failure. `what` is "get Deployment/wandb/app".
void kube_answer_read(const struct call *call, const struct kube_client *client, const char *what,
                      const struct http_response *response, struct kube_answer *out);
const char *kube_verb_name(enum kube_verb verb);
// True for a failure that the server itself calls 500 but that passes, and before which nothing was stored.
bool kube_answer_passes(const struct kube_answer *answer);

// explain.c
// A workload's spec.selector as a label selector of the API; NULL when it selects nothing.
const char *kube_selector_text(struct arena *arena, struct value selector);

// ready.c: a pod (kind and apiVersion may lack) that makes its StatefulSet or ReplicaSet fail. One that
// waits for a node may get it.
bool kube_pod_is_lost(struct arena *arena, struct value pod, int64_t now_s);

#endif
