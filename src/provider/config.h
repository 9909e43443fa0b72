// SPDX-License-Identifier: Apache-2.0
// The provider's configuration: `provider "wandb" { … }` decoded into its own
// arena, immutable once made, shared by all RPC threads. The API client is made
// at first use, so that planning without a cluster needs none.
#ifndef PROVIDER_CONFIG_H
#define PROVIDER_CONFIG_H

#include "kube/config.h"
#include "provider/provider.h"

struct kube_client;
struct rollouts;

// Login for an OCI registry.
struct provider_registry {
    const char *url; // "oci://ghcr.io" or "oci://ghcr.io/charts"
    const char *username;
    const char *password;
};

struct provider_settings {
    struct kube_settings kube;
    const char *field_manager;        // "terraform-provider-wandb" unless set
    struct schema_structs registries; // of struct provider_registry
    const char *registry_config_path; // docker's config.json, or NULL
    const char *deployer_url;         // "https://deploy.wandb.ai" unless set
};

// The schema of the provider block.
extern const struct schema provider_config_schema;

// What the table cannot say; unknown parts are passed over.
bool provider_validate(struct call *call, struct value config, struct err *err);

// A provider that has not been configured (what validate, move and functions run with). One holder.
struct provider *provider_create(void);

// A configured provider. Unknown values are accepted: what needs them fails at first use.
struct provider *provider_configure(struct call *call, struct value config, const char *terraform_version,
                                    struct err *err);

// Shared by RPCs and replaceable: the last holder's release frees it. Hold returns its argument.
struct provider *provider_hold(struct provider *provider);
void provider_release(struct provider *provider);

// The decoded settings; defaults when unconfigured.
const struct provider_settings *provider_settings(const struct provider *provider);

// Lets the call hide what the configuration holds of secrets.
void provider_hide(const struct provider *provider, const struct call *call);

// False, saying what to do, when the provider is unconfigured, or when part of the named top-level attribute
// ("kubernetes", "deployer_url", …) is not known before apply. Plan handlers ask this to plan without a
// cluster.
bool provider_knows(const struct provider *provider, const char *attribute, struct err *err);

// The API client, made at first use and shared. NULL: kubernetes is not known, or its settings cannot work.
struct kube_client *provider_kube(struct call *call, struct provider *provider, struct err *err);

// What runs in the cluster, shared by all that look at about the same time.
struct rollouts *provider_rollouts(const struct provider *provider);

#endif
