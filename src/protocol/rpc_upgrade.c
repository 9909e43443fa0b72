// SPDX-License-Identifier: Apache-2.0
// UpgradeResourceState, UpgradeResourceIdentity: stored JSON re-read by today's
// schema. Called on every plan, also when the version is today's.
#include "protocol/rpc.h"

#include "codec/state.h"

bool rpc_upgrade_resource_state(struct rpc *rpc, const void *request, void *response) {
    const TF(UpgradeResourceState__Request) *in = request;
    TF(UpgradeResourceState__Response) *out = response;
    struct value state;
    const struct resource_kind *kind = rpc_resource(rpc, "upgrade the state of", in->type_name);
    if (!kind || !from_raw_state(rpc, in->raw_state, &state))
        return false;
    const struct resource_impl *impl = kind->impl;
    if (in->version < impl->schema->version && impl->upgrade &&
        !impl->upgrade(rpc->arena, in->version, state, &state, &rpc->err))
        return false;
    if (!state_conform(rpc->arena, state, kind->type, &state, &rpc->err))
        return false;
    state = schema_without_write_only(rpc->arena, impl->schema, state);
    out->upgraded_state = to_dynamic(rpc, state, kind->type);
    return out->upgraded_state != NULL;
}

bool rpc_upgrade_resource_identity(struct rpc *rpc, const void *request, void *response) {
    const TF(UpgradeResourceIdentity__Request) *in = request;
    TF(UpgradeResourceIdentity__Response) *out = response;
    struct value identity;
    const struct resource_kind *kind = rpc_resource(rpc, "upgrade the identity of", in->type_name);
    if (!kind || !from_raw_state(rpc, in->raw_identity, &identity))
        return false;
    if (!kind->identity)
        return err_set(&rpc->err, ERR_UNSUPPORTED, "%s has no identity.", in->type_name);
    if (!state_conform(rpc->arena, identity, kind->identity, &identity, &rpc->err))
        return false;
    out->upgraded_identity = TF_NEW(rpc, ResourceIdentityData, resource_identity_data);
    out->upgraded_identity->identity_data = to_dynamic(rpc, identity, kind->identity);
    return out->upgraded_identity->identity_data != NULL;
}
