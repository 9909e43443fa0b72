// SPDX-License-Identifier: Apache-2.0
#include "provider/private.h"

#include "kube/client.h"

// The client outlives the RPC that asks first, so its configuration lives with the provider. Only one thread
// at a time allocates from the provider's arena: under the lock.
static bool make_client(struct call *call, struct provider *provider, struct err *err) {
    struct call lasting = *call;
    lasting.arena = provider->arena;
    struct kube_config *config = arena_alloc(provider->arena, sizeof *config);
    bool resolved = kube_config_resolve(&lasting, &provider->settings.kube, config, err);
    if (!call->notices && lasting.notices)
        call_join(call, &lasting);
    if (!resolved)
        return false;
    provider->client = kube_client_create(config, provider->user_agent);
    return true;
}

struct kube_client *provider_kube(struct call *call, struct provider *provider, struct err *err) {
    if (!provider_knows(provider, "kubernetes", err))
        return NULL;
    pthread_mutex_lock(&provider->lock);
    bool made = provider->client || make_client(call, provider, err);
    pthread_mutex_unlock(&provider->lock);
    return made ? provider->client : NULL;
}
