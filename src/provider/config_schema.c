// SPDX-License-Identifier: Apache-2.0
// The provider block's schema, its checks, and how it becomes settings.
#include "crypto/identity.h"
#include "provider/private.h"

#include <stddef.h>
#include <string.h>

// What the `kubernetes` attribute decodes to before it becomes kube_settings.
struct exec_block {
    const char *api_version, *command;
    struct schema_strings args;
    struct value env;
};

struct kubernetes_block {
    struct kube_settings settings;
    struct value insecure;
    struct schema_strings config_paths;
    struct exec_block exec;
};

struct provider_block {
    struct provider_settings settings;
    struct kubernetes_block kubernetes;
};

#define KUBERNETES(field) .offset = offsetof(struct kubernetes_block, field)
#define TEXT .type = &type_string, .member = SCHEMA_STRING
#define SECRET .flags = SCHEMA_OPTIONAL | SCHEMA_SENSITIVE

// An optional setting that is empty says as little as one that is not there: whatever else names it counts. A
// value that should be PEM is most often wrong by being base64 of it.
static bool check_pem(const struct schema_attr *attr, struct value value, const char *path, struct err *err) {
    const char *text = value_text_or(value, "");
    (void)attr;
    if (!*text || crypto_pem_find(text))
        return true;
    bool encoded = !strncmp(text, "LS0t", 4);
    return err_at(err, path, "%s must be PEM (text with a line \"-----BEGIN …-----\"); found %s. %s", path,
                  encoded ? "base64 of PEM" : "text without such a line (not shown, it may be secret)",
                  encoded ? "Wrap it in base64decode()."
                          : "Give the certificate or key itself, for example with file().");
}

static bool check_url(const struct schema_attr *attr, struct value value, const char *path, struct err *err) {
    return !*value_text_or(value, "") || schema_check_url(attr, value, path, err);
}

static bool check_registry(const struct schema_attr *attr, struct value value, const char *path,
                           struct err *err) {
    const char *text = value_text_or(value, "");
    (void)attr;
    if (!strncmp(text, "oci://", 6) && text[6] && text[6] != '/')
        return true;
    return err_at(err, path,
                  "%s must begin with oci:// and a host; found \"%s\". Write it like \"oci://ghcr.io\".",
                  path, text);
}

static const char *const EXEC_VERSIONS[] = {"client.authentication.k8s.io/v1",
                                            "client.authentication.k8s.io/v1beta1", NULL};

static const struct schema_attr EXEC[] = {
    {.name = "api_version",
     TEXT,
     .flags = SCHEMA_REQUIRED,
     .allowed = EXEC_VERSIONS,
     .offset = offsetof(struct exec_block, api_version),
     .doc = "API version that the plugin speaks."},
    {.name = "command",
     TEXT,
     .flags = SCHEMA_REQUIRED,
     .check = schema_check_not_empty,
     .offset = offsetof(struct exec_block, command),
     .doc = "The executable: a path, or a name looked up in `PATH`."},
    {.name = "args",
     .type = &schema_strings_type,
     .member = SCHEMA_STRINGS,
     .flags = SCHEMA_OPTIONAL,
     .offset = offsetof(struct exec_block, args),
     .doc = "Its arguments."},
    {.name = "env",
     .type = &schema_string_map_type,
     .member = SCHEMA_VALUE,
     .flags = SCHEMA_OPTIONAL,
     .offset = offsetof(struct exec_block, env),
     .doc = "Environment variables to set for it."},
    {0},
};

static const struct schema_attr KUBERNETES_ATTRS[] = {
    {.name = "host",
     TEXT,
     .flags = SCHEMA_OPTIONAL,
     KUBERNETES(settings.host),
     .doc = "URL of the Kubernetes API server. Also `KUBE_HOST`."},
    {.name = "username",
     TEXT,
     .flags = SCHEMA_OPTIONAL,
     KUBERNETES(settings.login.username),
     .doc = "User name for HTTP basic authentication. Also `KUBE_USER` or `KUBE_USERNAME`."},
    {.name = "password",
     TEXT,
     SECRET,
     KUBERNETES(settings.login.password),
     .doc = "Password for HTTP basic authentication. Also `KUBE_PASSWORD`."},
    {.name = "token",
     TEXT,
     SECRET,
     KUBERNETES(settings.login.token),
     .doc = "Bearer token. Also `KUBE_TOKEN`."},
    {.name = "insecure",
     .type = &type_bool,
     .member = SCHEMA_VALUE,
     .flags = SCHEMA_OPTIONAL,
     KUBERNETES(insecure),
     .doc = "Accept any server certificate. Also `KUBE_INSECURE`."},
    {.name = "tls_server_name",
     TEXT,
     .flags = SCHEMA_OPTIONAL,
     KUBERNETES(settings.tls_server_name),
     .doc =
         "Name to expect in the server's certificate, if not that of `host`. Also `KUBE_TLS_SERVER_NAME`."},
    {.name = "client_certificate",
     TEXT,
     .flags = SCHEMA_OPTIONAL,
     .check = check_pem,
     KUBERNETES(settings.login.client_certificate),
     .doc = "PEM of the client certificate. Also `KUBE_CLIENT_CERT_DATA`."},
    {.name = "client_key",
     TEXT,
     SECRET,
     .check = check_pem,
     KUBERNETES(settings.login.client_key),
     .doc = "PEM of the client certificate's key. Also `KUBE_CLIENT_KEY_DATA`."},
    {.name = "cluster_ca_certificate",
     TEXT,
     .flags = SCHEMA_OPTIONAL,
     .check = check_pem,
     KUBERNETES(settings.cluster_ca_certificate),
     .doc = "PEM of the certificates that may sign the server's. Also `KUBE_CLUSTER_CA_CERT_DATA`."},
    {.name = "config_path",
     TEXT,
     .flags = SCHEMA_OPTIONAL,
     KUBERNETES(settings.config_path),
     .doc = "Path of a kubeconfig file. Also `KUBE_CONFIG_PATH`."},
    {.name = "config_paths",
     .type = &schema_strings_type,
     .member = SCHEMA_STRINGS,
     .flags = SCHEMA_OPTIONAL,
     KUBERNETES(config_paths),
     .doc = "Paths of kubeconfig files to merge. Also `KUBE_CONFIG_PATHS`, `KUBECONFIG`."},
    {.name = "config_context",
     TEXT,
     .flags = SCHEMA_OPTIONAL,
     KUBERNETES(settings.config_context),
     .doc = "Context of the kubeconfig to use, if not its current one. Also `KUBE_CTX`."},
    {.name = "config_context_auth_info",
     TEXT,
     .flags = SCHEMA_OPTIONAL,
     KUBERNETES(settings.config_context_auth_info),
     .doc = "User of the kubeconfig to use, if not the context's. Also `KUBE_CTX_AUTH_INFO`."},
    {.name = "config_context_cluster",
     TEXT,
     .flags = SCHEMA_OPTIONAL,
     KUBERNETES(settings.config_context_cluster),
     .doc = "Cluster of the kubeconfig to use, if not the context's. Also `KUBE_CTX_CLUSTER`."},
    {.name = "proxy_url",
     TEXT,
     .flags = SCHEMA_OPTIONAL,
     KUBERNETES(settings.proxy_url),
     .doc =
         "Proxy for requests to the API server, `http://`, `https://` or `socks5://`, which finds names "
         "itself (as that of `ssh -D`). Also `KUBE_PROXY_URL`; else `HTTPS_PROXY` and `NO_PROXY` count, as "
         "for helm and kubectl."},
    {.name = "exec",
     .nesting = SCHEMA_SINGLE,
     .attrs = EXEC,
     .member = SCHEMA_STRUCT,
     .flags = SCHEMA_OPTIONAL,
     KUBERNETES(exec),
     .doc = "A credential plugin to run for a token or certificate, such as `aws eks get-token`."},
    {0},
};

static const struct schema_attr REGISTRY[] = {
    {.name = "url",
     TEXT,
     .flags = SCHEMA_REQUIRED,
     .check = check_registry,
     .offset = offsetof(struct provider_registry, url),
     .doc = "The registry, `oci://host` with an optional path; the longest match applies."},
    {.name = "username",
     TEXT,
     .flags = SCHEMA_REQUIRED,
     .offset = offsetof(struct provider_registry, username),
     .doc = "User name."},
    {.name = "password",
     TEXT,
     .flags = SCHEMA_REQUIRED | SCHEMA_SENSITIVE,
     .offset = offsetof(struct provider_registry, password),
     .doc = "Password or token."},
    {0},
};

#define SETTING(field) .offset = offsetof(struct provider_block, settings.field)

static const struct schema_attr ATTRS[] = {
    {.name = "kubernetes",
     .nesting = SCHEMA_SINGLE,
     .attrs = KUBERNETES_ATTRS,
     .member = SCHEMA_STRUCT,
     .flags = SCHEMA_OPTIONAL,
     .offset = offsetof(struct provider_block, kubernetes),
     .doc = "How to reach the cluster. What is not given, or empty, comes from the `KUBE_*` variables, the "
            "files that `KUBECONFIG` names, or the service account of the pod that Terraform runs in."},
    {.name = "field_manager",
     TEXT,
     .flags = SCHEMA_OPTIONAL,
     SETTING(field_manager),
     .doc = "Name under which the cluster records what this provider wrote. Default "
            "`terraform-provider-wandb`."},
    {.name = "registries",
     .nesting = SCHEMA_LIST,
     .attrs = REGISTRY,
     .member = SCHEMA_STRUCTS,
     .size = sizeof(struct provider_registry),
     .flags = SCHEMA_OPTIONAL,
     SETTING(registries),
     .doc = "Logins for OCI registries that hold charts."},
    {.name = "registry_config_path",
     TEXT,
     .flags = SCHEMA_OPTIONAL,
     SETTING(registry_config_path),
     .doc = "Path of a docker `config.json` with logins for OCI registries."},
    {.name = "deployer_url",
     TEXT,
     .flags = SCHEMA_OPTIONAL,
     .check = check_url,
     SETTING(deployer_url),
     .doc = "Where the release channel is asked. Default `https://deploy.wandb.ai`."},
    {0},
};

const struct schema provider_config_schema = {
    .name = "wandb",
    .doc = "Installs and runs self-managed Weights & Biases on Kubernetes.",
    .attrs = ATTRS,
};

bool provider_validate(struct call *call, struct value config, struct err *err) {
    struct value kubernetes = value_get(config, "kubernetes"), one = value_get(kubernetes, "config_path"),
                 many = value_get(kubernetes, "config_paths");
    bool has_one = *value_text_or(one, "") || value_kind(one) == VALUE_UNKNOWN,
         has_many = value_kind(many) == VALUE_UNKNOWN;
    (void)call;
    for (size_t i = 0; value_kind(many) == VALUE_LIST && i < value_len(many); i++)
        has_many |= value_kind(value_at(many, i)) == VALUE_UNKNOWN || *value_text_or(value_at(many, i), "");
    return !has_one || !has_many ||
           err_at(err, "kubernetes.config_paths",
                  "kubernetes.config_path and kubernetes.config_paths are both set. Keep one of them.");
}

static const char *given_or(const char *text, const char *fallback) {
    return text && *text ? text : fallback;
}

static void take_paths(struct arena *arena, const struct schema_strings *paths, struct kube_settings *out) {
    const char **items = arena_array(arena, paths->count + 1, sizeof *items);
    for (size_t i = 0; i < paths->count; i++)
        if (*given_or(paths->items[i], ""))
            items[out->config_path_count++] = paths->items[i];
    out->config_paths = items;
}

static const struct kube_exec *exec_of(struct arena *arena, const struct exec_block *block) {
    if (!block->command)
        return NULL;
    struct kube_exec *exec = arena_alloc(arena, sizeof *exec);
    struct kube_pair *env = arena_array(arena, value_len(block->env), sizeof *env);
    for (size_t i = 0; i < value_len(block->env); i++) {
        const struct value_entry *entry = value_entry_at(block->env, i);
        const char *text = value_get_string(entry->value);
        if (text)
            env[exec->env_count++] = (struct kube_pair){entry->key, text};
    }
    exec->api_version = block->api_version;
    exec->command = block->command;
    exec->args = block->args.items;
    exec->arg_count = block->args.count;
    exec->env = env;
    return exec;
}

bool provider_settings_decode(struct arena *arena, struct value config, struct provider_settings *out,
                              struct err *err) {
    struct provider_block block = {0};
    if (!schema_decode(arena, &provider_config_schema, config, &block, err))
        return false;
    struct kubernetes_block *kubernetes = &block.kubernetes;
    *out = block.settings;
    out->kube = kubernetes->settings;
    if (value_kind(kubernetes->insecure) == VALUE_BOOL)
        out->kube.insecure = value_get_bool(kubernetes->insecure) ? KUBE_YES : KUBE_NO;
    take_paths(arena, &kubernetes->config_paths, &out->kube);
    out->kube.login.exec = exec_of(arena, &kubernetes->exec);
    out->field_manager = given_or(out->field_manager, "terraform-provider-wandb");
    out->deployer_url = given_or(out->deployer_url, "https://deploy.wandb.ai");
    out->registry_config_path = given_or(out->registry_config_path, NULL);
    return true;
}
