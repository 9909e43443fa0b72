// SPDX-License-Identifier: Apache-2.0
// The authentication methods. CONTRIBUTING.md says how one is added.
#include "kube/login.h"

#include <stddef.h>
#include <string.h>

enum { FILE_MS = 60000, MARGIN_MS = 10000 };

// ---- a token ----

static void put_token(const struct kube_login *login, struct http_request *request) {
    request->bearer = login->token;
}

static bool read_token(struct call *call, const struct kube_config *config, struct kube_issued *out,
                       struct err *err) {
    const char *text;
    if (!kube_read_file(call->arena, config->login.token_file, &text, err))
        return err_wrap(err, "the token file");
    out->token = arena_strndup(call->arena, text, strcspn(text, "\r\n"));
    out->valid_ms = FILE_MS;
    return true;
}

// ---- a user name and password ----

static bool has_token(const struct kube_login *login) {
    return login->token;
}

static void put_user(const struct kube_login *login, struct http_request *request) {
    request->username = login->username;
    request->password = login->password;
}

// ---- a credential plugin ----

static bool has_plugin(const struct kube_login *login) {
    return login->exec;
}

// A file renews what a token beside it says, so there the token is not all there is.
static bool has_only_token(const struct kube_login *login) {
    return login->token && !login->token_file;
}

static void read_plugin(struct kube_entry *user, struct kube_login *out) {
    out->exec = kube_exec_read(user);
}

static bool check_command(const struct kube_login *login, struct err *err) {
    return (login->exec->command && *login->exec->command) ||
           err_at(err, "kubernetes.exec.command", "The credential plugin's command is empty.");
}

static bool check_plugin(const struct kube_login *login, struct err *err) {
    return kube_exec_check(login->exec, err);
}

static bool run_plugin(struct call *call, const struct kube_config *config, struct kube_issued *out,
                       struct err *err) {
    if (!kube_exec_run(call, config, out, err))
        return false;
    if (out->valid_ms != INT64_MAX)
        out->valid_ms -= MARGIN_MS;
    return true;
}

// ---- a client certificate ----

static void read_certificate(struct kube_entry *user, struct kube_login *out) {
    struct err why = err_in(user->arena);
    out->client_certificate = kube_entry_pem(user, "client-certificate");
    out->client_key = kube_entry_pem(user, "client-key");
    kube_entry_check(user, "client-certificate", out->client_certificate, crypto_certificate_usable);
    kube_entry_check(user, "client-key", out->client_key, crypto_key_usable);
    if (user->failed || !out->client_certificate)
        return;
    if (!out->client_key)
        kube_entry_wrong(user, "client-certificate is given without client-key or client-key-data");
    else if (!crypto_key_fits(out->client_certificate, out->client_key, &why))
        kube_entry_wrong(user, "client-key %s", why.msg);
}

static bool check_certificate(const struct kube_login *login, struct err *err) {
    const char *cert = login->client_certificate, *key = login->client_key;
    struct err why = err_in(err->arena);
    if (!cert || !key)
        return err_at(err, key ? "kubernetes.client_certificate" : "kubernetes.client_key",
                      "A client certificate needs both kubernetes.client_certificate and "
                      "kubernetes.client_key; only the %s is set. Set both, or neither.",
                      key ? "key" : "certificate");
    if (!crypto_certificate_usable(cert, &why))
        return err_at(err, "kubernetes.client_certificate", "kubernetes.client_certificate %s.", why.msg);
    return (crypto_key_usable(key, &why) && crypto_key_fits(cert, key, &why)) ||
           err_at(err, "kubernetes.client_key", "kubernetes.client_key %s.", why.msg);
}

static void shake_certificate(const struct kube_login *login, struct http_settings *settings) {
    settings->cert_pem = login->client_certificate;
    settings->key_pem = login->client_key;
}

// ---- an auth-provider ----

static void refuse_provider(struct kube_entry *user, struct kube_login *out) {
    const char *provider = value_dig_string(user->map, "auth-provider", "name", NULL);
    if (user->failed || !provider || out->token || out->exec)
        return;
    user->failed = true;
    err_set(user->err, ERR_UNSUPPORTED,
            "%s uses the auth-provider \"%s\", which Kubernetes has removed; use a credential plugin (exec) "
            "instead",
            user->what, provider);
}

// ---- all of them ----

#define IN(member) .offset = offsetof(struct kube_login, member)

const struct kube_method kube_methods[] = {
    {.name = "a token",
     .texts = {{"token", {"KUBE_TOKEN"}, "token", IN(token), .in_header = true, .secret = true}},
     .text_count = 1,
     .overheard = true,
     .put = put_token},
    {.name = "a token",
     .texts = {{.key = "tokenFile", IN(token_file)}},
     .text_count = 1,
     .files = {{NULL, "tokenFile", false}},
     .overheard = true,
     .beaten = has_plugin,
     .make = read_token},
    {.name = "a user name and password",
     .texts = {{"username", {"KUBE_USER", "KUBE_USERNAME"}, "username", IN(username), .in_header = true},
               {"password", {"KUBE_PASSWORD"}, "password", IN(password), .secret = true}},
     .text_count = 2,
     .overheard = true,
     .beaten = has_token,
     .put = put_user},
    {.name = "a credential plugin",
     .files = {{"exec", "command", true}},
     .overheard = true,
     .origin = "from its exec plugin",
     .given = has_plugin,
     .beaten = has_only_token,
     .read = read_plugin,
     .check = check_command,
     .check_chosen = check_plugin,
     .make = run_plugin},
    {.name = "a client certificate",
     .texts = {{"client_certificate", {"KUBE_CLIENT_CERT_DATA"}, NULL, IN(client_certificate)},
               {"client_key", {"KUBE_CLIENT_KEY_DATA"}, NULL, IN(client_key), .secret = true}},
     .text_count = 2,
     .files = {{NULL, "client-certificate", false}, {NULL, "client-key", false}},
     .read = read_certificate,
     .check = check_certificate,
     .shake = shake_certificate},
    {.name = "an auth-provider", .read = refuse_provider},
    {0},
};
