// SPDX-License-Identifier: Apache-2.0
#include "kube/private.h"

#include "crypto/identity.h"
#include "http/url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define SERVICE_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount/"

static void fill(const char **attribute, const char *variable) {
    if (!*attribute || !**attribute)
        *attribute = kube_env(variable);
}

// ---- settings and KUBE_* ----

static bool fill_trust(struct kube_settings *s, struct err *err) {
    fill(&s->tls_server_name, "KUBE_TLS_SERVER_NAME");
    const char *insecure = kube_env("KUBE_INSECURE");
    if (s->insecure == KUBE_UNSET && !s->cluster_ca_certificate && insecure) {
        static const char *const yes[] = {"1", "t", "true"}, *const no[] = {"0", "f", "false"};
        for (size_t i = 0; i < 3; i++)
            s->insecure = !strcasecmp(insecure, yes[i])  ? KUBE_YES
                          : !strcasecmp(insecure, no[i]) ? KUBE_NO
                                                         : s->insecure;
        if (s->insecure == KUBE_UNSET)
            return err_set(err, ERR_INVALID,
                           "environment variable KUBE_INSECURE is \"%s\"; it must be true or false",
                           insecure);
    }
    if (s->insecure != KUBE_YES)
        fill(&s->cluster_ca_certificate, "KUBE_CLUSTER_CA_CERT_DATA");
    return true;
}

// An empty text says as little as none.
static void forget_empty(struct kube_settings *s) {
    const char **texts[] = {&s->host,
                            &s->tls_server_name,
                            &s->config_path,
                            &s->cluster_ca_certificate,
                            &s->config_context,
                            &s->config_context_auth_info,
                            &s->config_context_cluster,
                            &s->proxy_url};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (*texts[i] && !**texts[i])
            *texts[i] = NULL;
}

static bool fill_from_environment(struct kube_settings *s, struct err *err) {
    kube_login_fill(&s->login);
    fill(&s->config_context, "KUBE_CTX");
    fill(&s->config_context_auth_info, "KUBE_CTX_AUTH_INFO");
    fill(&s->config_context_cluster, "KUBE_CTX_CLUSTER");
    fill(&s->proxy_url, "KUBE_PROXY_URL");
    return fill_trust(s, err);
}

static const char *const *split_paths(struct arena *arena, const char *list, size_t *count) {
    const char **paths = arena_array(arena, strlen(list) + 1, sizeof *paths);
    for (*count = 0; list; (*count)++) {
        const char *colon = strchr(list, ':');
        paths[*count] =
            colon ? arena_strndup(arena, list, (size_t)(colon - list)) : arena_strdup(arena, list);
        list = colon ? colon + 1 : NULL;
    }
    return paths;
}

// ---- checks ----

static bool check_authorities(const char *pem, struct err *err) {
    struct err why = err_in(err->arena);
    return !pem || crypto_authorities_check(pem, &why) ||
           err_at(err, "kubernetes.cluster_ca_certificate", "kubernetes.cluster_ca_certificate %s.", why.msg);
}

static bool check_settings(const struct kube_settings *s, struct err *err) {
    if (s->insecure == KUBE_YES && s->cluster_ca_certificate)
        return err_at(err, "kubernetes.insecure",
                      "Both kubernetes.insecure = true and kubernetes.cluster_ca_certificate are set; the "
                      "first switches off what the second is for. Remove one of them.");
    if (s->config_path && s->config_path_count)
        return err_at(err, "kubernetes.config_path",
                      "Both kubernetes.config_path and kubernetes.config_paths are set; set one of them.");
    return check_authorities(s->cluster_ca_certificate, err) && kube_login_check(&s->login, err);
}

// Of an address that may hold a password nothing is shown.
static const char *shown(const char *address) {
    return strchr(address, '@') ? "(not shown, it may hold a password)" : address;
}

static bool check_proxy(const struct kube_config *config, const char *attribute, struct err *err) {
    static const char *const schemes[] = {"http", "https", "socks5", "socks5h", NULL};
    struct url url;
    struct err why = err_in(err->arena);
    if (!config->proxy_url || (url_parse(err->arena, config->proxy_url, &url, &why) && *url.host &&
                               kube_is_among(url.scheme, schemes)))
        return true;
    err_set(err, ERR_INVALID,
            "%s is \"%s\"; it must be http://, https:// or socks5:// with a host, and a port up to 65535 if "
            "any. Write it like \"http://proxy.example.com:3128\", and in a password / as %%2F, @ as %%40, "
            ": as %%3A.",
            attribute ? attribute : arena_printf(err->arena, "The proxy-url of %s", config->source),
            shown(config->proxy_url));
    err->path = attribute;
    return false;
}

// Whoever is on the way could read it.
static bool check_plain_login(struct arena *arena, const struct kube_config *config, struct err *err) {
    const char *told = kube_login_overheard(&config->login);
    struct url url;
    struct err refused_already = err_in(arena);
    if (!told || !url_parse(arena, config->host, &url, &refused_already) || !strcmp(url.scheme, "https") ||
        url_is_loopback(&url))
        return true;
    return err_set(err, ERR_INVALID,
                   "The cluster's address is \"%s\" (from %s), and %s is given for it: everybody on "
                   "the way could read that. Over plain http a login is sent to this machine alone "
                   "(localhost, 127.0.0.1, [::1]). Write https://, or take the login out.",
                   config->host, config->source, told);
}

// Whatever comes without a scheme is https: talking plain to a cluster must be asked for.
static bool check_host(struct arena *arena, struct kube_config *out, struct err *err) {
    struct url url;
    const char *given = shown(out->host);
    if (!strstr(out->host, "://"))
        out->host = arena_printf(arena, "https://%s", out->host);
    if (!url_parse(arena, out->host, &url, err))
        return err_wrap(err, "the cluster's address \"%s\" (from %s)", given, out->source);
    if ((strcmp(url.scheme, "https") && strcmp(url.scheme, "http")) || !*url.host || url.query ||
        url.username)
        return err_set(
            err, ERR_INVALID,
            "The cluster's address is \"%s\" (from %s); it must be https://HOST[:PORT], without user name "
            "and query.",
            given, out->source);
    size_t len = strlen(out->host);
    while (len && out->host[len - 1] == '/')
        len--;
    out->host = arena_strndup(arena, out->host, len);
    return true;
}

// ---- the pod's own ----

static bool take_in_cluster(struct arena *arena, struct kube_config *out) {
    const char *host = kube_env("KUBERNETES_SERVICE_HOST"), *port = kube_env("KUBERNETES_SERVICE_PORT"),
               *space;
    struct err ignored = err_in(arena);
    if (!host || !port || access(SERVICE_ACCOUNT "token", R_OK))
        return false;
    out->host = arena_printf(arena, strchr(host, ':') ? "https://[%s]:%s" : "https://%s:%s", host, port);
    out->login.token_file = SERVICE_ACCOUNT "token";
    kube_read_file(arena, SERVICE_ACCOUNT "ca.crt", &out->ca_pem, &ignored);
    if (kube_read_file(arena, SERVICE_ACCOUNT "namespace", &space, &ignored) && *space)
        out->namespace = arena_strndup(arena, space, strcspn(space, "\r\n"));
    out->source = "the service account of the pod";
    return true;
}

// ---- all together ----

static void override(const struct kube_settings *s, struct kube_config *out) {
    out->host = kube_either(s->host, out->host);
    out->proxy_url = kube_either(s->proxy_url, out->proxy_url);
    out->server_name = kube_either(s->tls_server_name, out->server_name);
    if (s->cluster_ca_certificate) {
        out->ca_pem = s->cluster_ca_certificate;
        out->insecure = false;
    }
    if (s->insecure != KUBE_UNSET)
        out->insecure = s->insecure == KUBE_YES;
    if (out->insecure)
        out->ca_pem = NULL;
    if (kube_login_given(&s->login))
        out->login = s->login;
}

static bool no_cluster(struct err *err) {
    return err_set(
        err, ERR_NOT_FOUND,
        "No cluster is configured. Looked for kubernetes.host, kubernetes.config_path and "
        "kubernetes.config_paths in the provider's configuration (not set), the environment variables "
        "KUBE_HOST, "
        "KUBE_CONFIG_PATH, KUBE_CONFIG_PATHS (not set) and KUBECONFIG (%s), and a service account of this "
        "pod "
        "(%s). Set kubernetes.host with credentials, or kubernetes.config_path = \"~/.kube/config\".",
        kube_env("KUBECONFIG") ? "names no file that exists" : "not set",
        kube_env("KUBERNETES_SERVICE_HOST") ? "no token is mounted" : "not in a pod");
}

struct files {
    const char *const *paths;
    size_t count;
    bool must_exist;
    const char *origin; // what named them: an attribute or a variable
};

// Which files to read, if any: see the precedence in the header.
static struct files files_of(struct arena *arena, struct kube_settings *s) {
    struct files files = {.must_exist = true};
    const char *one = kube_env("KUBE_CONFIG_PATH"), *many = kube_env("KUBE_CONFIG_PATHS"),
               *kubeconfig = kube_env("KUBECONFIG");
    if (s->config_path_count)
        return (struct files){s->config_paths, s->config_path_count, true, "kubernetes.config_paths"};
    if (s->config_path && *s->config_path)
        return (struct files){arena_memdup(arena, &s->config_path, sizeof s->config_path), 1, true,
                              "kubernetes.config_path"};
    if (s->host)
        return files;
    fill(&s->host, "KUBE_HOST");
    if (many) {
        files.paths = split_paths(arena, many, &files.count);
        files.origin = "the environment variable KUBE_CONFIG_PATHS";
    } else if (one) {
        files.paths = arena_memdup(arena, &one, sizeof one);
        files.count = 1;
        files.origin = "the environment variable KUBE_CONFIG_PATH";
    } else if (kubeconfig && !s->host) {
        files.paths = split_paths(arena, kubeconfig, &files.count);
        files.must_exist = false;
        files.origin = "the environment variable KUBECONFIG";
    }
    return files;
}

static bool choose_source(struct arena *arena, struct kube_settings *s, struct kube_config *out,
                          struct err *err) {
    struct kubeconfig read;
    struct files files = files_of(arena, s);
    if (!kubeconfig_load(arena, files.paths, files.count, files.must_exist, files.origin, &read, err))
        return false;
    if (read.files)
        return kube_context_take(arena, &read, s, out, err);
    if (s->host)
        out->source = "the provider's configuration";
    else if (!take_in_cluster(arena, out))
        return no_cluster(err);
    return true;
}

bool kube_config_resolve(struct call *call, const struct kube_settings *settings, struct kube_config *out,
                         struct err *err) {
    struct kube_settings s = settings ? *settings : (struct kube_settings){0};
    *out = (struct kube_config){.namespace = "default"};
    forget_empty(&s);
    if (!fill_from_environment(&s, err) || !check_settings(&s, err) ||
        !choose_source(call->arena, &s, out, err))
        return false;
    override(&s, out);
    if (!out->host || !*out->host)
        return err_set(err, ERR_INVALID, "%s names no server. Set kubernetes.host, or another context.",
                       out->source);
    return kube_login_check_chosen(&out->login, err) &&
           check_proxy(out, s.proxy_url ? "kubernetes.proxy_url" : NULL, err) &&
           check_host(call->arena, out, err) && check_plain_login(call->arena, out, err);
}
