// SPDX-License-Identifier: Apache-2.0
// ValidateResourceConfig, ValidateDataResourceConfig. Unknown parts are passed over.
#include "protocol/rpc.h"

bool rpc_validate_resource_config(struct rpc *rpc, const void *request, void *response) {
    const TF(ValidateResourceConfig__Request) *in = request;
    (void)response;
    struct value config;
    const struct resource_kind *kind = rpc_resource(rpc, "validate", in->type_name);
    if (!kind || !from_dynamic(rpc, in->config, kind->type, &config))
        return false;
    bool write_only = in->client_capabilities && in->client_capabilities->write_only_attributes_allowed;
    rpc->problems = schema_validate(rpc->arena, kind->impl->schema, config, write_only);
    return rpc->problems.count || !kind->impl->validate ||
           kind->impl->validate(&rpc->call, rpc->provider, config, &rpc->err);
}

bool rpc_validate_data_resource_config(struct rpc *rpc, const void *request, void *response) {
    const TF(ValidateDataResourceConfig__Request) *in = request;
    (void)response;
    struct value config;
    const struct data_kind *kind = rpc_data_source(rpc, "validate", in->type_name);
    if (!kind || !from_dynamic(rpc, in->config, kind->type, &config))
        return false;
    rpc->problems = schema_validate(rpc->arena, kind->impl->schema, config, false);
    return rpc->problems.count || !kind->impl->validate ||
           kind->impl->validate(&rpc->call, rpc->provider, config, &rpc->err);
}
