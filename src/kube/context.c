// SPDX-License-Identifier: Apache-2.0
// What a context of a kubeconfig says: its cluster and its user. As strict with types as client-go: who
// writes `token: 12345` or `as-groups: admins` means something that would be lost otherwise.
#include "kube/private.h"

#include "codec/base64.h"
#include "crypto/identity.h"

#include <string.h>

// One entry while it is read. The first thing that is wrong with it fills `err`.
struct entry {
    struct arena *arena;
    const char *what; // "user \"admin\""
    struct value map;
    struct err *err;
    bool failed;
};

static void wrong(struct entry *entry, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void wrong(struct entry *entry, const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (!entry->failed)
        err_set(entry->err, ERR_INVALID, "%s: %s", entry->what, arena_vprintf(entry->arena, format, args));
    va_end(args);
    entry->failed = true;
}

static const char *text_in(struct entry *entry, const char *key, struct value v) {
    const char *text = value_text_or(v, "");
    if (value_is_null(v))
        return NULL;
    if (value_kind(v) != VALUE_STRING)
        wrong(entry, "%s holds a %s; a text is needed. Put it into quotes", key, value_kind_name(v));
    else if (strlen(text) != value_len(v))
        wrong(entry, "%s holds a NUL character", key);
    return entry->failed ? NULL : text;
}

static const char *text_of(struct entry *entry, const char *key) {
    return text_in(entry, key, value_get(entry->map, key));
}

static bool flag_of(struct entry *entry, const char *key) {
    struct value v = value_get(entry->map, key);
    if (!value_is_null(v) && value_kind(v) != VALUE_BOOL)
        wrong(entry, "%s holds a %s; true or false is needed, without quotes", key, value_kind_name(v));
    return value_get_bool(v);
}

static struct value part_of(struct entry *entry, const char *key, enum value_kind kind, const char *needed) {
    struct value v = value_get(entry->map, key);
    if (value_is_null(v) || value_kind(v) == kind)
        return v;
    wrong(entry, "%s holds a %s; %s is needed", key, value_kind_name(v), needed);
    return value_null();
}

static const char *const *texts_of(struct entry *entry, const char *key, size_t *count) {
    struct value list = part_of(entry, key, VALUE_LIST, "a list of texts");
    const char **texts = arena_array(entry->arena, value_len(list) + 1, sizeof *texts);
    *count = value_len(list);
    for (size_t i = 0; i < *count && !entry->failed; i++) {
        const char *text = text_in(entry, arena_printf(entry->arena, "%s[%zu]", key, i), value_at(list, i));
        texts[i] = text ? text : "";
    }
    return texts;
}

// The text of "<key>-data" (base64) or of the file named by "<key>"; NULL when there is neither.
static const char *pem_of(struct entry *entry, const char *key) {
    const char *data_key = arena_printf(entry->arena, "%s-data", key), *text = NULL;
    const char *data = text_of(entry, data_key), *file = text_of(entry, key);
    struct err why = err_in(entry->arena);
    struct buf pem;
    buf_init(&pem, entry->arena);
    if (data && *data) {
        if (!base64_decode(&pem, data, strlen(data), &why))
            wrong(entry, "%s: %s", data_key, why.msg);
        else if (strlen(buf_text(&pem)) != pem.len)
            wrong(entry, "%s holds base64 of binary data; base64 of PEM text is needed", data_key);
        return buf_text(&pem);
    }
    if (file && *file && !kube_read_file(entry->arena, file, &text, &why))
        wrong(entry, "%s: %s", key, why.msg);
    return text;
}

static void check(struct entry *entry, const char *key, const char *text, crypto_check *usable) {
    struct err why = err_in(entry->arena);
    if (text && !entry->failed && !usable(text, &why))
        wrong(entry, "%s %s", key, why.msg);
}

// ---- a user's plugin ----

static const struct kube_pair *env_of(struct entry *exec, size_t *count) {
    struct value list = part_of(exec, "env", VALUE_LIST, "a list of names and values");
    struct kube_pair *pairs = arena_array(exec->arena, value_len(list) + 1, sizeof *pairs);
    *count = value_len(list);
    for (size_t i = 0; i < *count && !exec->failed; i++) {
        struct value item = value_at(list, i);
        const char *name =
            text_in(exec, arena_printf(exec->arena, "env[%zu].name", i), value_get(item, "name"));
        const char *text =
            text_in(exec, arena_printf(exec->arena, "env[%zu].value", i), value_get(item, "value"));
        if (!name || !*name || strchr(name, '='))
            wrong(exec, "env[%zu] needs a name, and one without =", i);
        pairs[i] = (struct kube_pair){name, text ? text : ""};
    }
    return pairs;
}

static const struct kube_exec *exec_of(struct entry *user) {
    struct entry entry = *user;
    entry.map = part_of(user, "exec", VALUE_MAP, "a map with command and apiVersion");
    entry.what = arena_printf(user->arena, "%s, exec", user->what);
    if (value_is_null(entry.map))
        return NULL;
    struct kube_exec *exec = arena_alloc(user->arena, sizeof *exec);
    exec->api_version = text_of(&entry, "apiVersion");
    exec->command = text_of(&entry, "command");
    exec->args = texts_of(&entry, "args", &exec->arg_count);
    exec->provide_cluster_info = flag_of(&entry, "provideClusterInfo");
    exec->interactive_mode = text_of(&entry, "interactiveMode");
    exec->install_hint = text_of(&entry, "installHint");
    exec->env = env_of(&entry, &exec->env_count);
    if (!exec->command || !*exec->command)
        wrong(&entry, "command is missing: the program to run for the credential");
    user->failed |= entry.failed;
    return exec;
}

// ---- as whom a user acts ----

// What a header can carry as it is.
static void check_carried(struct entry *user, const char *key, const char *text) {
    size_t len = text ? strlen(text) : 0;
    if (text && !len)
        wrong(user, "%s holds an empty text, which cannot be sent. Leave it out", key);
    else if (len && (strchr(" \t", text[0]) || strchr(" \t", text[len - 1])))
        wrong(user, "%s holds a text that begins or ends with a blank, which cannot be sent", key);
}

static void add_extra(struct entry *user, const struct value_entry *extra, struct kube_impersonation *out) {
    struct entry entry = {user->arena, user->what, value_map(user->arena, extra, 1), user->err, user->failed};
    size_t count;
    const char *const *texts = texts_of(&entry, extra->key, &count);
    struct kube_pair *pairs = arena_array(user->arena, out->extra_count + count + 1, sizeof *pairs);
    if (out->extra_count)
        memcpy(pairs, out->extra, out->extra_count * sizeof *pairs);
    for (size_t i = 0; i < count && !entry.failed; i++) {
        pairs[out->extra_count + i] = (struct kube_pair){extra->key, texts[i]};
        check_carried(&entry, "as-user-extra", texts[i]);
    }
    if (!*extra->key)
        wrong(&entry, "as-user-extra has a key without a name");
    user->failed |= entry.failed;
    out->extra = pairs;
    out->extra_count += count;
}

static void take_impersonation(struct entry *user, struct kube_impersonation *out) {
    struct value extra = part_of(user, "as-user-extra", VALUE_MAP, "a map of lists of texts");
    out->user = text_of(user, "as");
    out->uid = text_of(user, "as-uid");
    out->groups = texts_of(user, "as-groups", &out->group_count);
    for (size_t i = 0; i < value_len(extra) && !user->failed; i++)
        add_extra(user, value_entry_at(extra, i), out);
    out->user = out->user && *out->user ? out->user : NULL;
    out->uid = out->uid && *out->uid ? out->uid : NULL;
    check_carried(user, "as", out->user);
    check_carried(user, "as-uid", out->uid);
    for (size_t i = 0; i < out->group_count && !user->failed; i++)
        check_carried(user, "as-groups", out->groups[i]);
    if (!out->user && (out->uid || out->group_count || value_len(extra)))
        wrong(user, "as-uid, as-groups and as-user-extra need `as`, the user to act as, which is missing");
}

// ---- a context ----

static bool take_cluster(struct entry *cluster, struct kube_config *out) {
    out->host = text_of(cluster, "server");
    out->server_name = text_of(cluster, "tls-server-name");
    out->proxy_url = text_of(cluster, "proxy-url");
    out->insecure = flag_of(cluster, "insecure-skip-tls-verify");
    out->ca_pem = pem_of(cluster, "certificate-authority");
    check(cluster, "certificate-authority", out->ca_pem, crypto_authorities_check);
    return !cluster->failed;
}

static void take_certificate(struct entry *user, struct kube_config *out) {
    struct err why = err_in(user->arena);
    out->cert_pem = pem_of(user, "client-certificate");
    out->key_pem = pem_of(user, "client-key");
    check(user, "client-certificate", out->cert_pem, crypto_certificate_usable);
    check(user, "client-key", out->key_pem, crypto_key_usable);
    if (user->failed || !out->cert_pem)
        return;
    if (!out->key_pem)
        wrong(user, "client-certificate is given without client-key or client-key-data");
    else if (!crypto_key_fits(out->cert_pem, out->key_pem, &why))
        wrong(user, "client-key %s", why.msg);
}

static bool take_user(struct entry *user, struct kube_config *out) {
    out->token = text_of(user, "token");
    out->token_file = text_of(user, "tokenFile");
    out->username = text_of(user, "username");
    out->password = text_of(user, "password");
    take_impersonation(user, &out->impersonate);
    out->exec = exec_of(user);
    take_certificate(user, out);
    const char *provider = value_dig_string(user->map, "auth-provider", "name", NULL);
    if (!user->failed && provider && !out->token && !out->exec)
        return err_set(
            user->err, ERR_UNSUPPORTED,
            "%s uses the auth-provider \"%s\", which Kubernetes has removed; use a credential plugin (exec) "
            "instead",
            user->what, provider);
    return !user->failed;
}

static const char *names_of(struct arena *arena, struct value map) {
    struct buf text;
    buf_init(&text, arena);
    for (size_t i = 0; i < value_len(map); i++)
        buf_printf(&text, "%s\"%s\"", i ? ", " : "", value_entry_at(map, i)->key);
    return text.len ? buf_text(&text) : "none";
}

// An entry by its name; an empty one when no name is given.
static bool pick(const struct kubeconfig *files, struct value map, const char *name, const char *attribute,
                 struct entry *out) {
    struct arena *arena = out->arena;
    out->map = value_map(arena, NULL, 0);
    if (!name || !*name)
        return true;
    if (!value_has(map, name))
        return err_at(out->err, arena_printf(arena, "kubernetes.%s", attribute),
                      "Kubeconfig %s has no %s \"%s\"; it has %s. Set %s to one of these.", files->files,
                      out->what, name, names_of(arena, map), attribute);
    out->map = value_get(map, name);
    out->what = arena_printf(arena, "%s \"%s\"", out->what, name);
    if (value_kind(out->map) == VALUE_MAP || value_is_null(out->map))
        return true;
    return err_set(out->err, ERR_INVALID, "%s holds a %s; a map is needed", out->what,
                   value_kind_name(out->map));
}

static bool check_names(const struct kubeconfig *files, const struct kube_settings *s, const char *context,
                        struct err *err) {
    if (!value_len(files->contexts) && !value_len(files->clusters))
        return err_set(err, ERR_INVALID,
                       "Kubeconfig %s names no cluster and no context. Is it a kubeconfig? `kubectl config "
                       "view` shows what one holds.",
                       files->files);
    if (!context && !s->host && !(s->config_context_cluster && s->config_context_auth_info))
        return err_at(err, "kubernetes.config_context",
                      "Kubeconfig %s has no current-context. Set config_context to one of its contexts: %s.",
                      files->files, names_of(err->arena, files->contexts));
    return true;
}

bool kube_context_take(struct arena *arena, const struct kubeconfig *files, const struct kube_settings *s,
                       struct kube_config *out, struct err *err) {
    const char *name = kube_either(s->config_context, files->current_context);
    struct entry context = {arena, "context", value_null(), err, false}, cluster = context, user = context;
    cluster.what = "cluster";
    user.what = "user";
    if (!check_names(files, s, name, err) || !pick(files, files->contexts, name, "config_context", &context))
        return false;
    out->source = arena_printf(arena, "kubeconfig %s, context %s", files->files, name ? name : "none");
    const char *cluster_name = kube_either(s->config_context_cluster, text_of(&context, "cluster"));
    const char *user_name = kube_either(s->config_context_auth_info, text_of(&context, "user"));
    out->namespace = kube_either(text_of(&context, "namespace"), "default");
    if (context.failed)
        return err_wrap(err, "%s", out->source);
    if (!pick(files, files->clusters, cluster_name, "config_context_cluster", &cluster) ||
        !pick(files, files->users, user_name, "config_context_auth_info", &user))
        return false;
    return (take_cluster(&cluster, out) && take_user(&user, out)) || err_wrap(err, "%s", out->source);
}
