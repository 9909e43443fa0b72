// SPDX-License-Identifier: Apache-2.0
// Credential plugins: a child process that prints an ExecCredential.
#include "kube/private.h"

#include "base/cursor.h"
#include "base/log.h"
#include "base/process.h"
#include "base/rfc3339.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "crypto/identity.h"

#include <string.h>

extern char **environ;

enum { LONGEST_MS = 120000 };

// ---- what it is told ----

static struct value cluster_info(struct arena *arena, const struct kube_config *config) {
    struct value map = value_map(arena, NULL, 0);
    struct buf ca;
    buf_init(&ca, arena);
    if (config->ca_pem)
        base64_encode(&ca, config->ca_pem, strlen(config->ca_pem));
    const struct kube_pair texts[] = {{"server", config->host},
                                      {"tls-server-name", config->server_name},
                                      {"proxy-url", config->proxy_url},
                                      {"certificate-authority-data", config->ca_pem ? buf_text(&ca) : NULL}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].value)
            map = value_with(arena, map, texts[i].name, value_string_ref(texts[i].value));
    if (config->insecure)
        map = value_with(arena, map, "insecure-skip-tls-verify", value_bool(true));
    return map;
}

static const char *exec_info(struct arena *arena, const struct kube_config *config) {
    struct value spec = value_with(arena, value_map(arena, NULL, 0), "interactive", value_bool(false));
    if (config->login.exec->provide_cluster_info)
        spec = value_with(arena, spec, "cluster", cluster_info(arena, config));
    const struct value_entry entries[] = {{"apiVersion", value_string_ref(config->login.exec->api_version)},
                                          {"kind", value_string_ref("ExecCredential")},
                                          {"spec", spec}};
    return json_text(arena, value_map(arena, entries, 3));
}

static bool is_set_in(const struct kube_exec *exec, const char *entry) {
    size_t len = strcspn(entry, "=");
    if (len == strlen("KUBERNETES_EXEC_INFO") && !strncmp(entry, "KUBERNETES_EXEC_INFO", len))
        return true;
    for (size_t i = 0; i < exec->env_count; i++)
        if (strlen(exec->env[i].name) == len && !strncmp(entry, exec->env[i].name, len))
            return true;
    return false;
}

static char **child_environment(struct arena *arena, const struct kube_config *config) {
    const struct kube_exec *exec = config->login.exec;
    size_t count = 0, n = 0;
    while (environ[count])
        count++;
    char **out = arena_array(arena, count + exec->env_count + 2, sizeof *out);
    for (size_t i = 0; i < count; i++)
        if (!is_set_in(exec, environ[i]))
            out[n++] = environ[i];
    for (size_t i = 0; i < exec->env_count; i++)
        out[n++] = arena_printf(arena, "%s=%s", exec->env[i].name, exec->env[i].value);
    out[n] = arena_printf(arena, "KUBERNETES_EXEC_INFO=%s", exec_info(arena, config));
    return out;
}

static char **child_arguments(struct arena *arena, const struct kube_exec *exec) {
    char **out = arena_array(arena, exec->arg_count + 2, sizeof *out);
    out[0] = arena_strdup(arena, exec->command);
    for (size_t i = 0; i < exec->arg_count; i++)
        out[i + 1] = arena_strdup(arena, exec->args[i]);
    return out;
}

// ---- what it may repeat ----

enum { PIECE = 8 }; // bytes from which a part of an argument is looked for alone

// An argument is a token as often as not, and may hold one: --token=…, or a script with a header in it. Only
// the names of options are nobody's secret.
static void hide_argument(struct hidden *hidden, const char *argument) {
    static const char BETWEEN[] = " \t\r\n'\"=,;:&|<>()`$";
    struct cursor rest = cursor_of(argument);
    if (cursor_eat(&rest, "-")) { // --name, --name=value, or -nvalue
        bool glued = cursor_peek(rest) != '-' && !strchr(argument, '=');
        struct cursor name = rest;
        if (!glued)
            cursor_until(&name, "=");
        cursor_drop(&name, 1);
        rest = name;
    }
    hidden_add(hidden, rest.at);
    for (cursor_skip(&rest, BETWEEN); cursor_left(rest); cursor_skip(&rest, BETWEEN)) {
        struct cursor piece = cursor_until(&rest, BETWEEN);
        SCRATCH_ARENA(scratch);
        if (cursor_left(piece) >= PIECE)
            hidden_add(hidden, cursor_text(piece, scratch));
    }
}

// Of the variables that it inherits these are secret: a profile's or a region's name helps whoever reads the
// message.
static void hide_inherited(struct hidden *hidden) {
    static const char *const WORDS[] = {"SECRET", "TOKEN", "PASSWORD", "PASSWD", "KEY", "CREDENTIAL"};
    for (char **entry = environ; *entry; entry++) {
        struct cursor value = cursor_of(*entry), name = cursor_until(&value, "=");
        SCRATCH_ARENA(scratch);
        const char *text = cursor_text(name, scratch);
        cursor_drop(&value, 1);
        for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
            if (strcasestr(text, WORDS[i]))
                hidden_add(hidden, value.at);
        hidden_add_url(hidden, value.at);
    }
}

// What it was given for itself is secret in what it says on stderr, which is repeated where it fails.
static struct hidden *secrets_of(const struct call *call, const struct kube_exec *exec) {
    struct hidden *hidden = hidden_above(call->hidden, call->arena);
    for (size_t i = 0; i < exec->arg_count; i++)
        hide_argument(hidden, exec->args[i]);
    for (size_t i = 0; i < exec->env_count; i++)
        hidden_add(hidden, exec->env[i].value);
    hide_inherited(hidden);
    return hidden;
}

// ---- running it ----

static bool run(const struct call *call, const struct kube_config *config, struct process_result *result,
                struct err *err) {
    const struct kube_exec *exec = config->login.exec;
    struct process process = {child_arguments(call->arena, exec), child_environment(call->arena, config),
                              NULL};
    if (!process_run(call, &process, result, err)) {
        if (err->kind != ERR_INVALID)
            return err_wrap(err, "credential plugin \"%s\" (it said: %s)", exec->command, result->words);
        err_wrap(err, "credential plugin");
        err_set(err, ERR_INVALID, "%s. Install it where PATH finds it, or give its full path.", err->msg);
        return exec->install_hint ? err_set(err, ERR_INVALID, "%s\n%s", err->msg, exec->install_hint) : false;
    }
    if (!result->code)
        return true;
    return err_set(err, ERR_UNAUTHORIZED, "credential plugin \"%s\" failed with %s %d: %s", exec->command,
                   result->signal ? "signal" : "exit code", result->signal ? result->signal : result->code,
                   result->words);
}

// ---- what it says ----

static bool bad_answer(const struct kube_exec *exec, struct err *err, const char *what) {
    return err_set(err, ERR_INVALID,
                   "credential plugin \"%s\" %s; an ExecCredential of %s in JSON was expected", exec->command,
                   what, exec->api_version);
}

static bool read_answer(struct arena *arena, const struct kube_exec *exec, struct buf *text,
                        struct kube_issued *out, struct err *err) {
    struct value answer;
    struct err unread = err_in(arena); // its text could quote the credential
    if (!json_decode(arena, buf_text(text), text->len, &answer, &unread))
        return bad_answer(exec, err, "printed no JSON");
    struct value version = value_get(answer, "apiVersion");
    if (!value_is_text(value_get(answer, "kind"), "ExecCredential"))
        return bad_answer(exec, err, "printed an object of another kind");
    if (!value_is_text(version, exec->api_version))
        return bad_answer(exec, err,
                          arena_printf(arena, "answered in apiVersion \"%s\"", value_text_or(version, "")));
    out->token = value_dig_string(answer, "status", "token", NULL);
    out->cert_pem = value_dig_string(answer, "status", "clientCertificateData", NULL);
    out->key_pem = value_dig_string(answer, "status", "clientKeyData", NULL);
    if (!out->token && !(out->cert_pem && out->key_pem))
        return bad_answer(exec, err,
                          "printed neither status.token nor status.clientCertificateData with clientKeyData");
    const char *until = value_dig_string(answer, "status", "expirationTimestamp", NULL);
    int64_t end;
    out->valid_ms = INT64_MAX;
    if (until && rfc3339_parse(until, &end))
        out->valid_ms = (end - (int64_t)time(NULL)) * 1000;
    return true;
}

static bool check_pair(const struct kube_exec *exec, const struct kube_issued *result, struct err *err) {
    struct err why = err_in(err->arena);
    const char *what = "clientCertificateData";
    if (!result->cert_pem || !result->key_pem)
        return true;
    bool usable = crypto_certificate_usable(result->cert_pem, &why);
    if (usable) {
        what = "clientKeyData";
        usable = crypto_key_usable(result->key_pem, &why) &&
                 crypto_key_fits(result->cert_pem, result->key_pem, &why);
    }
    return usable ||
           err_set(err, ERR_INVALID, "credential plugin \"%s\": its %s %s", exec->command, what, why.msg);
}

bool kube_exec_run(struct call *call, const struct kube_config *config, struct kube_issued *out,
                   struct err *err) {
    const struct kube_exec *exec = config->login.exec;
    struct call bounded = call_within(call, LONGEST_MS);
    bounded.hidden = secrets_of(call, exec);
    struct process_result result;
    if (exec->interactive_mode && !strcmp(exec->interactive_mode, "Always"))
        return err_set(err, ERR_UNSUPPORTED,
                       "credential plugin \"%s\" has interactiveMode Always, and there is no terminal here; "
                       "use one that "
                       "can run without",
                       exec->command);
    log_to(call, LOG_DEBUG, "kube", "running the credential plugin %s", exec->command);
    if (!run(&bounded, config, &result, err) || !read_answer(call->arena, exec, &result.output, out, err))
        return false;
    call_hide(call, out->token);
    call_hide(call, out->key_pem);
    return check_pair(exec, out, err);
}
