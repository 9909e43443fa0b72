// SPDX-License-Identifier: Apache-2.0
// A client of the Kubernetes API. Objects are plain values. One client serves
// the whole process: it is safe to use from many threads at once, and all of
// them share one HTTP/2 connection. Results live in the call's arena.
#ifndef KUBE_CLIENT_H
#define KUBE_CLIENT_H

#include "base/call.h"
#include "kube/config.h"
#include "value/value.h"

struct kube_client;

// Never fails and connects to nothing; `config` must outlive the client.
struct kube_client *kube_client_create(const struct kube_config *config, const char *user_agent);
void kube_client_destroy(struct kube_client *client); // no request may be under way; takes NULL

struct http_client *
kube_client_http(struct kube_client *client); // for statistics and fault injection in tests

// Names an object, or with `name` NULL a collection. `namespace` NULL or "": not in a namespace; for a
// namespaced kind that is an error on single objects and "all namespaces" on collections.
struct kube_ref {
    const char *api_version, *kind, *namespace, *name;
    bool grouped; // texts say its API group: there is an object of its kind in another one, too
};
#define KUBE_REF(version, of_kind, in, called)                                                               \
    ((struct kube_ref){.api_version = (version), .kind = (of_kind), .namespace = (in), .name = (called)})
struct kube_ref kube_ref_of(struct value object); // borrows the object's texts; NULL where there is none
bool kube_is_named(struct value object);          // whether its metadata.name is a text, and not ""
const char *kube_ref_text(struct arena *arena, const struct kube_ref *ref);  // "Deployment/wandb/app"
const char *kube_kind_text(struct arena *arena, const struct kube_ref *ref); // its kind, as that says it
bool kube_same_group(const struct kube_ref *a, const struct kube_ref *b);

enum kube_verb {
    KUBE_GET,
    KUBE_LIST,        // all pages; object is a list value of items, each with apiVersion, kind and a name
    KUBE_CREATE,      // POST body
    KUBE_REPLACE,     // PUT body; its metadata.resourceVersion, when present, must still be current
    KUBE_APPLY,       // server-side apply of body
    KUBE_PATCH_MERGE, // RFC 7386
    KUBE_PATCH_JSON,  // RFC 6902, body is the list of operations
    KUBE_PATCH_STRATEGIC,
    KUBE_DELETE,
};

// One operation of a body for KUBE_PATCH_JSON (RFC 6902): "test", "replace", "add" with a value, "remove"
// with null. The pointer is RFC 6901's, as path_pointer makes it; borrowed.
struct value kube_patch_operation(struct arena *arena, const char *op, const char *pointer,
                                  struct value value);

struct kube_request {
    enum kube_verb verb;
    struct kube_ref ref;
    const char *subresource; // "status", "scale", …; NULL for the object itself
    struct value body;
    const char *manager;    // fieldManager of writes; needed for KUBE_APPLY
    bool force;             // KUBE_APPLY: take fields over from other managers
    bool dry_run;           // writes: everything but storing
    const char *validation; // fieldValidation of writes: Strict, Warn, Ignore; NULL is the server's default
    const char *label_selector, *field_selector; // KUBE_LIST
    const char *propagation;                     // KUBE_DELETE: Background (default), Foreground, Orphan
    const char *uid, *resource_version;          // KUBE_DELETE: preconditions, NULL for none
};

struct kube_answer {
    struct value object;  // null when it failed
    int status;           // HTTP status, 0 when there was no answer
    const char *reason;   // the API's word (NotFound, AlreadyExists, Conflict, Invalid, …) or NULL
    struct value details; // what the API adds to a failure: causes with reason, field, message; else null
    const char *resource_version; // KUBE_LIST: of the collection
    struct err failure;           // kind ERR_NONE when it succeeded
};

// One request. Errors: 404 ERR_NOT_FOUND (also for a kind the server does not know, reason
// "NoKindMatch"), 409 ERR_CONFLICT (with the conflicting field managers and fields), 401, 403 (verb,
// resource and namespace are named), 400 and 422 ERR_INVALID (fields are named), 429 and 5xx
// ERR_UNAVAILABLE after retries. `out` may be NULL.
bool kube_do(struct call *call, struct kube_client *client, const struct kube_request *request,
             struct kube_answer *out, struct err *err);

// The same for many, all under way at once. Every answer is filled; true when all succeeded, else `err`
// is the first failure.
bool kube_do_many(struct call *call, struct kube_client *client, const struct kube_request *requests,
                  size_t count, struct kube_answer *out, struct err *err);

// The usual ones. `out` may be NULL for writes.
bool kube_get(struct call *call, struct kube_client *client, const struct kube_ref *ref, struct value *out,
              struct err *err);
// As kube_get, but an object (or its kind) that is confirmed absent is success with a null value.
bool kube_find(struct call *call, struct kube_client *client, const struct kube_ref *ref, struct value *out,
               struct err *err);
bool kube_list(struct call *call, struct kube_client *client, const struct kube_ref *collection,
               const char *label_selector, struct value *out, struct err *err);
bool kube_create(struct call *call, struct kube_client *client, struct value object, const char *manager,
                 struct value *out, struct err *err);
bool kube_apply(struct call *call, struct kube_client *client, struct value object, const char *manager,
                bool force, struct value *out, struct err *err);
// Absent already is success.
bool kube_delete(struct call *call, struct kube_client *client, const struct kube_ref *ref, struct err *err);

// Discovery. Built-in kinds need no request; others one GET per group and version, kept, and asked again
// (at most once a second) for a kind it did not have.
struct kube_resource {
    const char *plural;
    bool namespaced;
};
bool kube_resolve(struct call *call, struct kube_client *client, const char *api_version, const char *kind,
                  struct kube_resource *out, struct err *err);

// The version under which the server has a kind that it does not serve under `ref`'s: another one of its
// group, or of the group that it moved to. NULL: it does not know the kind.
bool kube_find_version(struct call *call, struct kube_client *client, const struct kube_ref *ref,
                       const char **out, struct err *err);

// Whether discovery found this group and version served; kube_resolve asks.
bool kube_serves_version(struct kube_client *client, const char *api_version);

// Everything the server serves, for Helm's .Capabilities.APIVersions: sorted "v1", "apps/v1",
// "v1/Pod", "apps/v1/Deployment", …, with the kinds of subresources. Aggregated discovery (two requests),
// else group by group.
bool kube_api_versions(struct call *call, struct kube_client *client, const char *const **out, size_t *count,
                       struct err *err);

// Forgets what discovery found (after CRDs changed).
void kube_client_forget(struct kube_client *client);

struct kube_version {
    const char *git_version, *major, *minor; // "v1.36.3", "1", "36"
};
bool kube_server_version(struct call *call, struct kube_client *client, struct kube_version *out,
                         struct err *err);

// The last `lines` lines of a container's log (container NULL for the only one).
bool kube_pod_log(struct call *call, struct kube_client *client, const char *namespace, const char *pod,
                  const char *container, int lines, const char **out, struct err *err);

#endif
