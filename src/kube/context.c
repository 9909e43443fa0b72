// SPDX-License-Identifier: Apache-2.0
// What a context of a kubeconfig says: its cluster and its user.
#include "base/buf.h"
#include "kube/login.h"
#include "kube/private.h"

#include <string.h>

// ---- as whom a user acts ----

// What a header can carry as it is.
static void check_carried(struct kube_entry *user, const char *key, const char *text) {
    size_t len = text ? strlen(text) : 0;
    if (text && !len)
        kube_entry_wrong(user, "%s holds an empty text, which cannot be sent. Leave it out", key);
    else if (len && (strchr(" \t", text[0]) || strchr(" \t", text[len - 1])))
        kube_entry_wrong(user, "%s holds a text that begins or ends with a blank, which cannot be sent", key);
}

static void add_extra(struct kube_entry *user, const struct value_entry *extra,
                      struct kube_impersonation *out) {
    struct kube_entry entry = {user->arena, user->what, value_map(user->arena, extra, 1), user->err,
                               user->failed};
    size_t count;
    const char *const *texts = kube_entry_texts(&entry, extra->key, &count);
    struct kube_pair *pairs = arena_array(user->arena, out->extra_count + count + 1, sizeof *pairs);
    if (out->extra_count)
        memcpy(pairs, out->extra, out->extra_count * sizeof *pairs);
    for (size_t i = 0; i < count && !entry.failed; i++) {
        pairs[out->extra_count + i] = (struct kube_pair){extra->key, texts[i]};
        check_carried(&entry, "as-user-extra", texts[i]);
    }
    if (!*extra->key)
        kube_entry_wrong(&entry, "as-user-extra has a key without a name");
    user->failed |= entry.failed;
    out->extra = pairs;
    out->extra_count += count;
}

static void take_impersonation(struct kube_entry *user, struct kube_impersonation *out) {
    struct value extra = kube_entry_part(user, "as-user-extra", VALUE_MAP, "a map of lists of texts");
    out->user = kube_entry_text(user, "as");
    out->uid = kube_entry_text(user, "as-uid");
    out->groups = kube_entry_texts(user, "as-groups", &out->group_count);
    for (size_t i = 0; i < value_len(extra) && !user->failed; i++)
        add_extra(user, value_entry_at(extra, i), out);
    out->user = out->user && *out->user ? out->user : NULL;
    out->uid = out->uid && *out->uid ? out->uid : NULL;
    check_carried(user, "as", out->user);
    check_carried(user, "as-uid", out->uid);
    for (size_t i = 0; i < out->group_count && !user->failed; i++)
        check_carried(user, "as-groups", out->groups[i]);
    if (!out->user && (out->uid || out->group_count || value_len(extra)))
        kube_entry_wrong(
            user, "as-uid, as-groups and as-user-extra need `as`, the user to act as, which is missing");
}

// ---- a context ----

static bool take_cluster(struct kube_entry *cluster, struct kube_config *out) {
    out->host = kube_entry_text(cluster, "server");
    out->server_name = kube_entry_text(cluster, "tls-server-name");
    out->proxy_url = kube_entry_text(cluster, "proxy-url");
    out->insecure = kube_entry_flag(cluster, "insecure-skip-tls-verify");
    out->ca_pem = kube_entry_pem(cluster, "certificate-authority");
    kube_entry_check(cluster, "certificate-authority", out->ca_pem, crypto_authorities_check);
    return !cluster->failed;
}

static bool take_user(struct kube_entry *user, struct kube_config *out) {
    kube_login_read(user, &out->login);
    take_impersonation(user, &out->login.impersonate);
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
                 struct kube_entry *out) {
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
    struct kube_entry context = {arena, "context", value_null(), err, false}, cluster = context,
                      user = context;
    cluster.what = "cluster";
    user.what = "user";
    if (!check_names(files, s, name, err) || !pick(files, files->contexts, name, "config_context", &context))
        return false;
    out->source = arena_printf(arena, "kubeconfig %s, context %s", files->files, name ? name : "none");
    const char *cluster_name = kube_either(s->config_context_cluster, kube_entry_text(&context, "cluster"));
    const char *user_name = kube_either(s->config_context_auth_info, kube_entry_text(&context, "user"));
    out->namespace = kube_either(kube_entry_text(&context, "namespace"), "default");
    if (context.failed)
        return err_wrap(err, "%s", out->source);
    if (!pick(files, files->clusters, cluster_name, "config_context_cluster", &cluster) ||
        !pick(files, files->users, user_name, "config_context_auth_info", &user))
        return false;
    return (take_cluster(&cluster, out) && take_user(&user, out)) || err_wrap(err, "%s", out->source);
}
