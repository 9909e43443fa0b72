// SPDX-License-Identifier: Apache-2.0
// ImportResourceState, MoveResourceState, GenerateResourceConfig: objects that come from elsewhere.
#include "protocol/rpc.h"

// Settings that are the provider's own, not the object's, start at their defaults: a configuration that
// leaves them out then has nothing to change.
static struct value settled(struct rpc *rpc, const struct resource_kind *kind, struct value object) {
    const struct schema *schema = kind->impl->schema;
    return schema_defaults(rpc->arena, schema, object, object);
}

bool rpc_import_resource_state(struct rpc *rpc, const void *request, void *response) {
    const TF(ImportResourceState__Request) *in = request;
    TF(ImportResourceState__Response) *out = response;
    struct value identity;
    const struct resource_kind *kind = rpc_resource(rpc, "import", in->type_name);
    if (!kind || !from_identity(rpc, kind, in->identity, &identity))
        return false;
    if (!kind->impl->import)
        return err_set(&rpc->err, ERR_UNSUPPORTED, "%s cannot be imported.", in->type_name);
    struct resource_state state = {.value = value_null(), .identity = identity, .private = value_null()};
    if (!kind->impl->import(&rpc->call, rpc->provider, in->id[0] ? in->id : NULL, identity, &state,
                            &rpc->err))
        return false;
    typedef TF(ImportResourceState__ImportedResource) imported;
    imported *item = rpc_message(rpc, &tfplugin6__import_resource_state__imported_resource__descriptor);
    item->type_name = in->type_name;
    item->state = to_dynamic(rpc, settled(rpc, kind, state.value), kind->type);
    item->identity = to_identity(rpc, kind, state.identity);
    item->private_ = to_private(rpc, state.private);
    out->imported_resources = arena_memdup(rpc->arena, &item, sizeof item);
    out->n_imported_resources = 1;
    return item->state != NULL;
}

bool rpc_move_resource_state(struct rpc *rpc, const void *request, void *response) {
    const TF(MoveResourceState__Request) *in = request;
    TF(MoveResourceState__Response) *out = response;
    const struct resource_kind *kind = rpc_resource(rpc, "move an object to", in->target_type_name);
    struct resource_source source = {.provider = in->source_provider_address,
                                     .type = in->source_type_name,
                                     .version = in->source_schema_version};
    if (!kind || !from_raw_state(rpc, in->source_state, &source.state))
        return false;
    if (!kind->impl->move)
        return err_set(
            &rpc->err, ERR_UNSUPPORTED,
            "A %s of %s cannot become a %s. Import the object instead, and take the old one out of the "
            "state with a `removed` block.",
            source.type, source.provider, in->target_type_name);
    struct resource_state state = {0};
    if (!kind->impl->move(&rpc->call, rpc->provider, &source, &state, &rpc->err))
        return false;
    out->target_state = to_dynamic(rpc, settled(rpc, kind, state.value), kind->type);
    out->target_identity = to_identity(rpc, kind, state.identity);
    out->target_private = to_private(rpc, state.private);
    return out->target_state != NULL;
}

bool rpc_generate_resource_config(struct rpc *rpc, const void *request, void *response) {
    const TF(GenerateResourceConfig__Request) *in = request;
    TF(GenerateResourceConfig__Response) *out = response;
    struct value state;
    const struct resource_kind *kind = rpc_resource(rpc, "write a configuration of", in->type_name);
    if (!kind || !from_dynamic(rpc, in->state, kind->type, &state))
        return false;
    out->config = to_dynamic(rpc, schema_config(rpc->arena, kind->impl->schema, state), kind->type);
    return out->config != NULL;
}
