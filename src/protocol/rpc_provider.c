// SPDX-License-Identifier: Apache-2.0
// ValidateProviderConfig, ConfigureProvider, StopProvider.
#include "protocol/rpc.h"

static bool config_from(struct rpc *rpc, const TF(DynamicValue) *message, struct value *config) {
    const struct schema *schema = service_content(rpc->service)->config;
    rpc->schema = schema;
    rpc->type = schema_type(rpc->arena, schema);
    return from_dynamic(rpc, message, rpc->type, config);
}

bool rpc_validate_provider_config(struct rpc *rpc, const void *request, void *response) {
    const TF(ValidateProviderConfig__Request) *in = request;
    (void)response;
    struct value config;
    if (!config_from(rpc, in->config, &config))
        return false;
    rpc->problems = schema_validate(rpc->arena, service_content(rpc->service)->config, config, true);
    return rpc->problems.count || provider_validate(&rpc->call, config, &rpc->err);
}

bool rpc_configure_provider(struct rpc *rpc, const void *request, void *response) {
    const TF(ConfigureProvider__Request) *in = request;
    (void)response;
    struct value config;
    if (!config_from(rpc, in->config, &config))
        return false;
    struct provider *provider = provider_configure(&rpc->call, config, in->terraform_version, &rpc->err);
    if (provider)
        service_configured(rpc->service, provider);
    return provider != NULL;
}

// Only asks: the work under way sees its stop flag and answers with what it has.
bool rpc_stop_provider(struct rpc *rpc, const void *request, void *response) {
    (void)request, (void)response;
    if (rpc->transport->stop_others)
        rpc->transport->stop_others(rpc->transport->transport);
    return true;
}
