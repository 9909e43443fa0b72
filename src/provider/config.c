// SPDX-License-Identifier: Apache-2.0
#include "kube/client.h"
#include "provider/private.h"
#include "wandb/rollouts.h"

#include <stdlib.h>

struct provider *provider_create(void) {
    struct provider *provider = calloc(1, sizeof *provider);
    if (!provider)
        abort();
    provider->arena = arena_create();
    provider->holders = 1;
    pthread_mutex_init(&provider->lock, NULL);
    provider->rollouts = rollouts_create();
    struct err never = err_in(provider->arena);
    provider_settings_decode(provider->arena, value_null(), &provider->settings, &never);
    return provider;
}

struct provider *provider_configure(struct call *call, struct value config, const char *terraform_version,
                                    struct err *err) {
    (void)call;
    struct provider *provider = provider_create();
    struct arena *arena = provider->arena;
    provider->configured = true;
    provider->config = value_copy(arena, config);
    provider->user_agent =
        arena_printf(arena, "terraform-provider-wandb/%s (Terraform %s)", WANDB_PROVIDER_VERSION,
                     terraform_version && *terraform_version ? terraform_version : "unknown");
    if (provider_settings_decode(arena, provider->config, &provider->settings, err))
        return provider;
    provider_release(provider);
    return NULL;
}

struct provider *provider_hold(struct provider *provider) {
    atomic_fetch_add(&provider->holders, 1);
    return provider;
}

void provider_release(struct provider *provider) {
    if (!provider || atomic_fetch_sub(&provider->holders, 1) > 1)
        return;
    kube_client_destroy(provider->client);
    rollouts_destroy(provider->rollouts);
    pthread_mutex_destroy(&provider->lock);
    arena_destroy(provider->arena);
    free(provider);
}

struct rollouts *provider_rollouts(const struct provider *provider) {
    return provider->rollouts;
}

const struct provider_settings *provider_settings(const struct provider *provider) {
    return &provider->settings;
}

void provider_hide(const struct provider *provider, const struct call *call) {
    schema_hide(call, &provider_config_schema, provider->config);
}

bool provider_knows(const struct provider *provider, const char *attribute, struct err *err) {
    if (!provider->configured)
        return err_set(err, ERR_INVALID,
                       "The provider is not configured yet, and this needs its %s settings. Try again with "
                       "terraform plan.",
                       attribute);
    const char *unknown = schema_first_unknown(err->arena, value_get(provider->config, attribute));
    if (!unknown)
        return true;
    const char *separator = unknown[0] && unknown[0] != '[' ? "." : "";
    return err_set(
        err, ERR_INVALID,
        "The provider's %s%s%s is not known before apply, and this needs it now. Let what it is made "
        "from be created first (terraform apply -target=…), or give it a value that is known when planning.",
        attribute, separator, unknown);
}

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
