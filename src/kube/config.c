// SPDX-License-Identifier: Apache-2.0
#include "kube/private.h"

#include "codec/base64.h"
#include "codec/yaml.h"
#include "http/url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define SERVICE_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount/"

static const char *env(const char *name) {
    const char *text = getenv(name);
    return text && *text ? text : NULL;
}

static void fill(const char **attribute, const char *variable) {
    if (!*attribute || !**attribute)
        *attribute = env(variable);
}

// ---- settings and KUBE_* ----

static bool has_credentials(const struct kube_settings *s) {
    return s->token || s->username || s->password || s->client_certificate || s->client_key || s->exec;
}

// Credentials are one thing: a KUBE_TOKEN left in the environment must not beat a configured plugin.
// Only the second half of a pair is taken from there.
static void fill_credentials(struct kube_settings *s) {
    if (!has_credentials(s)) {
        fill(&s->token, "KUBE_TOKEN");
        fill(&s->username, "KUBE_USER");
        fill(&s->username, "KUBE_USERNAME");
        fill(&s->client_certificate, "KUBE_CLIENT_CERT_DATA");
    }
    if (s->username)
        fill(&s->password, "KUBE_PASSWORD");
    if (s->client_certificate)
        fill(&s->client_key, "KUBE_CLIENT_KEY_DATA");
}

static bool fill_trust(struct kube_settings *s, struct err *err) {
    fill(&s->tls_server_name, "KUBE_TLS_SERVER_NAME");
    const char *insecure = env("KUBE_INSECURE");
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
                            &s->username,
                            &s->password,
                            &s->token,
                            &s->tls_server_name,
                            &s->client_certificate,
                            &s->client_key,
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
    fill_credentials(s);
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

static bool check_pem(const char *pem, const char *attribute, const char *what, struct err *err) {
    if (!pem || strstr(pem, "-----BEGIN "))
        return true;
    bool base64 =
        strspn(pem, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n") == strlen(pem);
    return err_at(err, arena_printf(err->arena, "kubernetes.%s", attribute),
                  "This is not a PEM %s (no \"-----BEGIN\" line was found)%s.", what,
                  base64 && *pem
                      ? "; it looks like base64, as cloud providers hand it out: wrap it in base64decode()"
                      : "");
}

// What goes into a header. A file's text ends with a line break.
static bool check_plain(const char *text, const char *attribute, struct err *err) {
    const char *c = text;
    while (c && (unsigned char)*c >= ' ' && *c != 0x7f)
        c++;
    if (!c || !*c)
        return true;
    return err_at(err, arena_printf(err->arena, "kubernetes.%s", attribute),
                  "kubernetes.%s %s; no credential holds one. If it comes from a file, wrap it in "
                  "trimspace().",
                  attribute, c[strspn(c, "\r\n")] ? "holds a control character" : "ends with a line break");
}

static bool check_proxy(const char *proxy, struct err *err) {
    static const char *const schemes[] = {"http", "https", "socks5", "socks5h"};
    struct url url;
    struct err why = err_in(err->arena);
    bool parsed = !proxy || url_parse(err->arena, proxy, &url, &why);
    for (size_t i = 0; parsed && i < sizeof schemes / sizeof *schemes; i++)
        if (!proxy || (*url.host && !strcmp(url.scheme, schemes[i])))
            return true;
    return err_at(err, "kubernetes.proxy_url",
                  "kubernetes.proxy_url is \"%s\"; it must be http://, https:// or socks5:// with a host. "
                  "Write it like \"http://proxy.example.com:3128\".",
                  parsed ? url_text(err->arena, &url) : "no URL");
}

static bool check_settings(const struct kube_settings *s, struct err *err) {
    if (s->insecure == KUBE_YES && s->cluster_ca_certificate)
        return err_at(err, "kubernetes.insecure",
                      "Both kubernetes.insecure = true and kubernetes.cluster_ca_certificate are set; the "
                      "first switches off what the second is for. Remove one of them.");
    if (s->config_path && s->config_path_count)
        return err_at(err, "kubernetes.config_path",
                      "Both kubernetes.config_path and kubernetes.config_paths are set; set one of them.");
    if ((s->client_certificate == NULL) != (s->client_key == NULL))
        return err_at(err, s->client_key ? "kubernetes.client_certificate" : "kubernetes.client_key",
                      "A client certificate needs both kubernetes.client_certificate and "
                      "kubernetes.client_key; only the %s is set. Set both, or neither.",
                      s->client_key ? "key" : "certificate");
    if (s->exec && (!s->exec->command || !*s->exec->command))
        return err_at(err, "kubernetes.exec.command", "The credential plugin's command is empty.");
    return check_plain(s->token, "token", err) && check_plain(s->username, "username", err) &&
           check_proxy(s->proxy_url, err) &&
           check_pem(s->cluster_ca_certificate, "cluster_ca_certificate", "certificate", err) &&
           check_pem(s->client_certificate, "client_certificate", "certificate", err) &&
           check_pem(s->client_key, "client_key", "private key", err);
}

static bool check_exec(const struct kube_exec *exec, struct err *err) {
    static const char *const known[] = {"client.authentication.k8s.io/v1",
                                        "client.authentication.k8s.io/v1beta1"};
    const char *found = exec->api_version ? exec->api_version : "";
    for (size_t i = 0; i < 2; i++)
        if (!strcmp(found, known[i]))
            return true;
    return err_at(err, "kubernetes.exec.api_version",
                  "Found \"%s\"; a credential plugin speaks %s or %s. Set one that \"%s\" supports.", found,
                  known[0], known[1], exec->command);
}

// Whatever comes without a scheme is https: talking plain to a cluster must be asked for.
static bool check_host(struct arena *arena, struct kube_config *out, struct err *err) {
    struct url url;
    const char *shown = strchr(out->host, '@') ? "(not shown, it may hold a password)" : out->host;
    if (!strstr(out->host, "://"))
        out->host = arena_printf(arena, "https://%s", out->host);
    if (!url_parse(arena, out->host, &url, err))
        return err_wrap(err, "the cluster's address \"%s\" (from %s)", shown, out->source);
    if ((strcmp(url.scheme, "https") && strcmp(url.scheme, "http")) || !*url.host || url.query ||
        url.username)
        return err_set(
            err, ERR_INVALID,
            "The cluster's address is \"%s\" (from %s); it must be https://HOST[:PORT], without user name "
            "and query.",
            shown, out->source);
    size_t len = strlen(out->host);
    while (len && out->host[len - 1] == '/')
        len--;
    out->host = arena_strndup(arena, out->host, len);
    return true;
}

// ---- the kubeconfig's part ----

static const char *names_of(struct arena *arena, struct value map) {
    struct buf text;
    buf_init(&text, arena);
    for (size_t i = 0; i < value_len(map); i++)
        buf_printf(&text, "%s\"%s\"", i ? ", " : "", value_entry_at(map, i)->key);
    return text.len ? buf_text(&text) : "none";
}

static bool pick(struct arena *arena, const struct kubeconfig *files, struct value map, const char *name,
                 const char *what, const char *attribute, struct value *out, struct err *err) {
    *out = value_map(arena, NULL, 0);
    if (!name || !*name)
        return true;
    if (!value_has(map, name))
        return err_at(err, arena_printf(arena, "kubernetes.%s", attribute),
                      "Kubeconfig %s has no %s \"%s\"; it has %s. Set %s to one of these.", files->files,
                      what, name, names_of(arena, map), attribute);
    *out = value_get(map, name);
    return true;
}

// PEM from "<key>-data" (base64) or the file named by "<key>"; NULL when there is neither.
static bool pem_of(struct arena *arena, struct value map, const char *key, const char **out,
                   struct err *err) {
    const char *data_key = arena_printf(arena, "%s-data", key);
    const char *data = value_text_or(value_get(map, data_key), "");
    const char *file = value_text_or(value_get(map, key), "");
    if (*data) {
        struct buf pem;
        buf_init(&pem, arena);
        if (!base64_decode(&pem, data, strlen(data), err))
            return err_wrap(err, "kubeconfig's %s", data_key);
        *out = buf_text(&pem);
    } else if (*file) {
        return kube_read_file(arena, file, out, err) || err_wrap(err, "kubeconfig's %s", key);
    }
    return true;
}

static const struct kube_pair *exec_env(struct arena *arena, struct value list, size_t *count) {
    struct kube_pair *pairs = arena_array(arena, value_len(list), sizeof *pairs);
    *count = value_len(list);
    for (size_t i = 0; i < *count; i++) {
        const char *name = value_dig_string(value_at(list, i), "name", NULL);
        const char *value = value_dig_string(value_at(list, i), "value", NULL);
        pairs[i] = (struct kube_pair){name ? name : "", value ? value : ""};
    }
    return pairs;
}

static const struct kube_exec *exec_of(struct arena *arena, struct value map) {
    if (value_kind(map) != VALUE_MAP)
        return NULL;
    struct kube_exec *exec = arena_alloc(arena, sizeof *exec);
    struct value args = value_get(map, "args");
    const char **texts = arena_array(arena, value_len(args), sizeof *texts);
    for (size_t i = 0; i < value_len(args); i++) {
        const char *text = value_get_string(value_at(args, i));
        texts[i] = text ? text : "";
    }
    *exec = (struct kube_exec){
        .api_version = value_dig_string(map, "apiVersion", NULL),
        .command = value_dig_string(map, "command", NULL),
        .args = texts,
        .arg_count = value_len(args),
        .provide_cluster_info = value_get_bool(value_get(map, "provideClusterInfo")),
        .interactive_mode = value_dig_string(map, "interactiveMode", NULL),
        .install_hint = value_dig_string(map, "installHint", NULL),
    };
    exec->env = exec_env(arena, value_get(map, "env"), &exec->env_count);
    return exec;
}

static bool take_cluster(struct arena *arena, struct value cluster, struct kube_config *out,
                         struct err *err) {
    out->host = value_dig_string(cluster, "server", NULL);
    out->server_name = value_dig_string(cluster, "tls-server-name", NULL);
    out->proxy_url = value_dig_string(cluster, "proxy-url", NULL);
    out->insecure = value_get_bool(value_get(cluster, "insecure-skip-tls-verify"));
    return pem_of(arena, cluster, "certificate-authority", &out->ca_pem, err);
}

static bool take_user(struct arena *arena, struct value user, const char *name, struct kube_config *out,
                      struct err *err) {
    out->token = value_dig_string(user, "token", NULL);
    out->token_file = value_dig_string(user, "tokenFile", NULL);
    out->username = value_dig_string(user, "username", NULL);
    out->password = value_dig_string(user, "password", NULL);
    out->impersonate = value_dig_string(user, "as", NULL);
    out->exec = exec_of(arena, value_get(user, "exec"));
    const char *provider = value_dig_string(user, "auth-provider", "name", NULL);
    if (provider && !out->token && !out->exec)
        return err_set(
            err, ERR_UNSUPPORTED,
            "kubeconfig's user \"%s\" uses the auth-provider \"%s\", which Kubernetes has removed; use a "
            "credential plugin (exec) instead",
            name, provider);
    return pem_of(arena, user, "client-certificate", &out->cert_pem, err) &&
           pem_of(arena, user, "client-key", &out->key_pem, err);
}

static const char *either(const char *a, const char *b) {
    return a && *a ? a : b;
}

static bool take_kubeconfig(struct arena *arena, const struct kubeconfig *files,
                            const struct kube_settings *s, struct kube_config *out, struct err *err) {
    struct value context, cluster, user;
    const char *name = either(s->config_context, files->current_context);
    if (!value_len(files->contexts) && !value_len(files->clusters))
        return err_set(err, ERR_INVALID,
                       "Kubeconfig %s names no cluster and no context. Is it a kubeconfig? `kubectl config "
                       "view` shows what one holds.",
                       files->files);
    if (!name && !s->host && !(s->config_context_cluster && s->config_context_auth_info))
        return err_at(err, "kubernetes.config_context",
                      "Kubeconfig %s has no current-context. Set config_context to one of its contexts: %s.",
                      files->files, names_of(arena, files->contexts));
    if (!pick(arena, files, files->contexts, name, "context", "config_context", &context, err))
        return false;
    const char *cluster_name = either(s->config_context_cluster, value_dig_string(context, "cluster", NULL));
    const char *user_name = either(s->config_context_auth_info, value_dig_string(context, "user", NULL));
    if (!pick(arena, files, files->clusters, cluster_name, "cluster", "config_context_cluster", &cluster,
              err) ||
        !pick(arena, files, files->users, user_name, "user", "config_context_auth_info", &user, err))
        return false;
    out->namespace = either(value_dig_string(context, "namespace", NULL), "default");
    out->source = arena_printf(arena, "kubeconfig %s, context %s", files->files, name ? name : "none");
    return (take_cluster(arena, cluster, out, err) && take_user(arena, user, user_name, out, err)) ||
           err_wrap(err, "%s", out->source);
}

// ---- the pod's own ----

static bool take_in_cluster(struct arena *arena, struct kube_config *out) {
    const char *host = env("KUBERNETES_SERVICE_HOST"), *port = env("KUBERNETES_SERVICE_PORT"), *space;
    struct err ignored = err_in(arena);
    if (!host || !port || access(SERVICE_ACCOUNT "token", R_OK))
        return false;
    out->host = arena_printf(arena, strchr(host, ':') ? "https://[%s]:%s" : "https://%s:%s", host, port);
    out->token_file = SERVICE_ACCOUNT "token";
    kube_read_file(arena, SERVICE_ACCOUNT "ca.crt", &out->ca_pem, &ignored);
    if (kube_read_file(arena, SERVICE_ACCOUNT "namespace", &space, &ignored) && *space)
        out->namespace = arena_strndup(arena, space, strcspn(space, "\r\n"));
    out->source = "the service account of the pod";
    return true;
}

// ---- all together ----

static void override_credentials(const struct kube_settings *s, struct kube_config *out) {
    if (!has_credentials(s))
        return;
    out->token = s->token;
    out->token_file = NULL;
    out->username = s->username;
    out->password = s->password;
    out->cert_pem = s->client_certificate;
    out->key_pem = s->client_key;
    out->exec = s->exec;
    out->impersonate = NULL;
}

static void override(const struct kube_settings *s, struct kube_config *out) {
    out->host = either(s->host, out->host);
    out->proxy_url = either(s->proxy_url, out->proxy_url);
    out->server_name = either(s->tls_server_name, out->server_name);
    if (s->cluster_ca_certificate) {
        out->ca_pem = s->cluster_ca_certificate;
        out->insecure = false;
    }
    if (s->insecure != KUBE_UNSET)
        out->insecure = s->insecure == KUBE_YES;
    if (out->insecure)
        out->ca_pem = NULL;
    override_credentials(s, out);
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
        env("KUBECONFIG") ? "names no file that exists" : "not set",
        env("KUBERNETES_SERVICE_HOST") ? "no token is mounted" : "not in a pod");
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
    const char *one = env("KUBE_CONFIG_PATH"), *many = env("KUBE_CONFIG_PATHS"),
               *kubeconfig = env("KUBECONFIG");
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
        return take_kubeconfig(arena, &read, s, out, err);
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
    if (out->exec && !check_exec(out->exec, err))
        return false;
    return check_host(call->arena, out, err);
}
