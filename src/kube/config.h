// SPDX-License-Identifier: Apache-2.0
// Which cluster to talk to and as whom: the provider's `kubernetes` attribute,
// KUBE_* variables, kubeconfig files and the pod's own service account.
//
// Precedence. A source that names a cluster wins whole over the sources below it, and
// single attributes given in the configuration override what that source says:
//   1. configuration: host, config_path or config_paths
//   2. KUBE_HOST, KUBE_CONFIG_PATH, KUBE_CONFIG_PATHS
//   3. $KUBECONFIG (a list is merged as kubectl does: the first file that says something wins)
//   4. in-cluster: KUBERNETES_SERVICE_HOST and the mounted service account
// ~/.kube/config is not read unless it is named: whoever plans must have said which cluster.
// KUBE_* variables fill attributes that the configuration leaves out; never the other way round.
#ifndef KUBE_CONFIG_H
#define KUBE_CONFIG_H

#include "base/call.h"

enum kube_flag { KUBE_UNSET = 0, KUBE_NO, KUBE_YES };

struct kube_pair {
    const char *name, *value;
};

// A credential plugin, client.authentication.k8s.io/v1 or v1beta1.
struct kube_exec {
    const char *api_version, *command;
    const char *const *args;
    size_t arg_count;
    const struct kube_pair *env;
    size_t env_count;
    bool provide_cluster_info;    // kubeconfig only
    const char *interactive_mode; // kubeconfig only: Never, IfAvailable, Always
    const char *install_hint;     // kubeconfig only
};

// Whom to act as: the server takes every request for that user's. `user` NULL: nobody else.
struct kube_impersonation {
    const char *user, *uid;
    const char *const *groups;
    size_t group_count;
    const struct kube_pair *extra; // one for each value
    size_t extra_count;
};

// As whom to talk to a cluster: what authentication methods need of the configuration. src/kube/method.c has
// the table of them.
struct kube_login {
    const char *token, *token_file; // the file is read again every minute
    const char *username, *password;
    const char *client_certificate, *client_key; // PEM
    const struct kube_exec *exec;
    struct kube_impersonation impersonate; // kubeconfig's `as`, `as-uid`, `as-groups`, `as-user-extra`
};

// The provider's attributes by their names; NULL, KUBE_UNSET and 0 mean not set.
struct kube_settings {
    const char *host;
    struct kube_login login;
    enum kube_flag insecure;
    const char *tls_server_name;
    const char *cluster_ca_certificate; // PEM
    const char *config_path;
    const char *const *config_paths;
    size_t config_path_count;
    const char *config_context, *config_context_auth_info, *config_context_cluster;
    const char *proxy_url;
};

// What a client needs. Immutable; lives in the arena of the call that resolved it.
struct kube_config {
    const char *host;      // https://…, no trailing slash, may have a path
    const char *namespace; // the context's, or "default"
    const char *ca_pem, *server_name, *proxy_url;
    bool insecure;
    struct kube_login login;
    const char *source; // "kubeconfig /home/x/.kube/config, context prod": for errors
};

// Resolves `settings` (NULL for none) against the environment and files. Reads files, makes no
// connection, runs no plugin. ERR_INVALID with an attribute path when something given is wrong;
// ERR_NOT_FOUND when nothing names a cluster (the text lists what was looked for).
bool kube_config_resolve(struct call *call, const struct kube_settings *settings, struct kube_config *out,
                         struct err *err);

#endif
