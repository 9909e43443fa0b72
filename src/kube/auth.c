// SPDX-License-Identifier: Apache-2.0
#include "kube/private.h"

enum { LOOK_EVERY_MS = 20 };

void kube_auth_init(struct kube_auth *auth) {
    *auth = (struct kube_auth){.arena = arena_create()};
    pthread_mutex_init(&auth->lock, NULL);
}

void kube_auth_finish(struct kube_auth *auth) {
    pthread_mutex_destroy(&auth->lock);
    arena_destroy(auth->arena);
}

// While another thread makes the credential, this one still notices that it should stop.
static bool lock_alive(const struct call *call, pthread_mutex_t *lock, struct err *err) {
    while (pthread_mutex_trylock(lock))
        if (!call_sleep(call, LOOK_EVERY_MS, err))
            return false;
    return true;
}

static bool renew(struct call *call, struct kube_client *client, const struct kube_method *maker,
                  unsigned refused, struct err *err) {
    struct kube_auth *auth = &client->auth;
    struct kube_issued issued = {0};
    if (auth->generation && call_now() < auth->token_until && auth->generation != refused)
        return true;
    if (!maker->make(call, client->config, &issued, err))
        return false;
    auth->token = arena_strdup(auth->arena, issued.token);
    if (issued.cert_pem && issued.key_pem)
        http_client_set_certificate(client->http, issued.cert_pem, issued.key_pem);
    auth->token_until = issued.valid_ms == INT64_MAX ? INT64_MAX : call_now() + issued.valid_ms;
    auth->generation++;
    return true;
}

bool kube_auth_get(struct call *call, struct kube_client *client, unsigned refused,
                   struct kube_credential *out, struct err *err) {
    const struct kube_method *maker = kube_login_maker(&client->config->login);
    struct kube_auth *auth = &client->auth;
    *out = (struct kube_credential){client->config->login, 0};
    if (!maker)
        return true;
    if (!lock_alive(call, &auth->lock, err))
        return false;
    bool done = renew(call, client, maker, refused, err);
    if (done) {
        if (auth->token)
            out->login.token = arena_strdup(call->arena, auth->token);
        out->generation = auth->generation;
    }
    pthread_mutex_unlock(&auth->lock);
    return done;
}
