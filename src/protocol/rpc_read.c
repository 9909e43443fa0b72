// SPDX-License-Identifier: Apache-2.0
// ReadResource, ReadDataSource.
#include "protocol/rpc.h"

// What a handler gave back as a whole object; nothing unknown may be stored.
static bool known(struct rpc *rpc, struct value value) {
    const char *unknown = schema_first_unknown(rpc->arena, value);
    return !unknown ||
           err_set(&rpc->err, ERR_INTERNAL,
                   "%s is still unknown after reading. Please report this to the provider's authors.",
                   unknown);
}

bool rpc_read_resource(struct rpc *rpc, const void *request, void *response) {
    const TF(ReadResource__Request) *in = request;
    TF(ReadResource__Response) *out = response;
    struct resource_state state;
    const struct resource_kind *kind = rpc_resource(rpc, "read", in->type_name);
    if (!kind || !from_dynamic(rpc, in->current_state, kind->type, &state.value) ||
        !from_identity(rpc, kind, in->current_identity, &state.identity) ||
        !from_private(rpc, in->private_, &state.private))
        return false;
    rpc_bound_by(rpc, state.value);
    if (!value_is_null(state.value) && !kind->impl->read(&rpc->call, rpc->provider, &state, &rpc->err))
        return false;
    if (!known(rpc, state.value))
        return false;
    state.value = schema_without_write_only(rpc->arena, kind->impl->schema, state.value);
    out->new_state = to_dynamic(rpc, state.value, kind->type);
    out->new_identity = to_identity(rpc, kind, state.identity);
    out->private_ = to_private(rpc, state.private);
    return out->new_state != NULL;
}

bool rpc_read_data_source(struct rpc *rpc, const void *request, void *response) {
    const TF(ReadDataSource__Request) *in = request;
    TF(ReadDataSource__Response) *out = response;
    struct value config, state;
    const struct data_kind *kind = rpc_data_source(rpc, "read", in->type_name);
    if (!kind || !from_dynamic(rpc, in->config, kind->type, &config))
        return false;
    config = schema_defaults(rpc->arena, kind->impl->schema, config, config);
    rpc_bound_by(rpc, config);
    if (!kind->impl->read(&rpc->call, rpc->provider, config, &state, &rpc->err) || !known(rpc, state))
        return false;
    out->state = to_dynamic(rpc, state, kind->type);
    return out->state != NULL;
}
