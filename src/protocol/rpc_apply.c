// SPDX-License-Identifier: Apache-2.0
// ApplyResourceChange: create, update or delete, by which side is null.
#include "protocol/rpc.h"

#include "base/log.h"
#include "schema/consistency.h"

static bool change_from(struct rpc *rpc, const struct resource_kind *kind,
                        const TF(ApplyResourceChange__Request) *in, struct resource_change *change) {
    if (!from_dynamic(rpc, in->config, kind->type, &change->config) ||
        !from_dynamic(rpc, in->prior_state, kind->type, &change->prior.value) ||
        !from_dynamic(rpc, in->planned_state, kind->type, &change->planned.value) ||
        !from_identity(rpc, kind, in->planned_identity, &change->planned.identity))
        return false;
    change->prior.identity = change->planned.identity;
    return true;
}

static bool private_from(struct rpc *rpc, const TF(ApplyResourceChange__Request) *in,
                         struct resource_change *change) {
    bool read = from_private(rpc, in->planned_private, &change->planned.private);
    change->prior.private = change->planned.private;
    return read;
}

static bool carry_out(struct rpc *rpc, const struct resource_impl *impl, const struct resource_change *change,
                      struct resource_state *state) {
    if (value_is_null(change->planned.value)) {
        bool gone = impl->destroy(&rpc->call, rpc->provider, state, &rpc->err);
        if (gone)
            *state = (struct resource_state){0};
        return gone;
    }
    bool create = value_is_null(change->prior.value);
    return (create ? impl->create : impl->update)(&rpc->call, rpc->provider, change, state, &rpc->err);
}

// Terraform would report these as bugs too, but loses what was made; keep it.
static bool accept(struct rpc *rpc, const struct schema *schema, const struct resource_change *change,
                   const struct resource_state *state) {
    struct err breach = err_in(rpc->arena);
    if (schema_check_apply(schema, change->planned.value, state->value, &breach))
        return true;
    log_to(&rpc->call, LOG_ERROR, "protocol", "inconsistent apply of %s: %s", schema->name, breach.msg);
    return !schema_first_unknown(rpc->arena, state->value) ||
           err_set(&rpc->err, ERR_INTERNAL, "%s. Please report this to the provider's authors.", breach.msg);
}

bool rpc_apply_resource_change(struct rpc *rpc, const void *request, void *response) {
    const TF(ApplyResourceChange__Request) *in = request;
    TF(ApplyResourceChange__Response) *out = response;
    struct resource_change change;
    const struct resource_kind *kind = rpc_resource(rpc, "apply", in->type_name);
    if (!kind || !change_from(rpc, kind, in, &change))
        return false;
    const struct schema *schema = kind->impl->schema;
    rpc_unbound(rpc);
    rpc->doing = arena_printf(rpc->arena, "%s %s",
                              value_is_null(change.planned.value) ? "destroy"
                              : value_is_null(change.prior.value) ? "create"
                                                                  : "update",
                              schema->name);
    bool read = private_from(rpc, in, &change);
    struct resource_state state = change.prior;
    bool ok = read && carry_out(rpc, kind->impl, &change, &state) && accept(rpc, schema, &change, &state);
    if (!ok)
        state.value = schema_without_unknowns(rpc->arena, state.value);
    state.value = schema_without_write_only(rpc->arena, schema, state.value);
    out->new_state = to_dynamic(rpc, state.value, kind->type);
    out->new_identity = to_identity(rpc, kind, state.identity);
    out->private_ = read ? to_private(rpc, state.private) : in->planned_private; // as it was
    return ok && out->new_state;
}
