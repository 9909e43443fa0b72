// SPDX-License-Identifier: Apache-2.0
#include "kube/private.h"

#include <string.h>

enum { FILE_MS = 60000, MARGIN_MS = 10000, LOOK_EVERY_MS = 20 };

void kube_auth_init(struct kube_auth *auth) {
    *auth = (struct kube_auth){.arena = arena_create()};
    pthread_mutex_init(&auth->lock, NULL);
}

void kube_auth_finish(struct kube_auth *auth) {
    pthread_mutex_destroy(&auth->lock);
    arena_destroy(auth->arena);
}

bool kube_auth_renewable(const struct kube_config *config) {
    return config->exec || config->token_file;
}

// While another thread runs the plugin, this one still notices that it should stop.
static bool lock_alive(const struct call *call, pthread_mutex_t *lock, struct err *err) {
    while (pthread_mutex_trylock(lock))
        if (!call_sleep(call, LOOK_EVERY_MS, err))
            return false;
    return true;
}

static bool run_plugin(struct call *call, struct kube_client *client, struct err *err) {
    struct kube_auth *auth = &client->auth;
    struct kube_exec_result result = {0};
    if (!kube_exec_run(call, client->config, &result, err))
        return false;
    auth->token = arena_strdup(auth->arena, result.token);
    if (result.cert_pem && result.key_pem)
        http_client_set_certificate(client->http, result.cert_pem, result.key_pem);
    auth->token_until = result.valid_ms == INT64_MAX ? INT64_MAX : call_now() + result.valid_ms - MARGIN_MS;
    auth->generation++;
    return true;
}

static bool read_token(struct call *call, struct kube_client *client, struct err *err) {
    struct kube_auth *auth = &client->auth;
    const char *text;
    if (!kube_read_file(call->arena, client->config->token_file, &text, err))
        return err_wrap(err, "the token file");
    auth->token = arena_strndup(auth->arena, text, strcspn(text, "\r\n"));
    auth->token_until = call_now() + FILE_MS;
    auth->generation++;
    return true;
}

static bool renew(struct call *call, struct kube_client *client, unsigned refused, struct err *err) {
    struct kube_auth *auth = &client->auth;
    bool fresh = auth->generation && call_now() < auth->token_until && auth->generation != refused;
    if (fresh)
        return true;
    return client->config->exec ? run_plugin(call, client, err) : read_token(call, client, err);
}

bool kube_auth_get(struct call *call, struct kube_client *client, unsigned refused,
                   struct kube_credential *out, struct err *err) {
    const struct kube_config *config = client->config;
    struct kube_auth *auth = &client->auth;
    *out = (struct kube_credential){config->token, config->username, config->password, 0};
    if (!kube_auth_renewable(config) || (config->token && !config->token_file))
        return true;
    if (!lock_alive(call, &auth->lock, err))
        return false;
    bool done = renew(call, client, refused, err);
    if (done) {
        out->bearer = arena_strdup(call->arena, auth->token ? auth->token : config->token);
        out->generation = auth->generation;
    }
    pthread_mutex_unlock(&auth->lock);
    return done;
}
