// SPDX-License-Identifier: Apache-2.0
// PlanResourceChange: the table's duties, then the resource's own say.
#include "protocol/rpc.h"

#include "base/log.h"
#include "schema/consistency.h"

#include <string.h>

static bool plan_from(struct rpc *rpc, const struct resource_kind *kind,
                      const TF(PlanResourceChange__Request) *in, struct resource_plan *plan) {
    const struct schema *schema = kind->impl->schema;
    struct value proposed;
    if (!from_dynamic(rpc, in->config, kind->type, &plan->config) ||
        !from_dynamic(rpc, in->prior_state, kind->type, &plan->prior.value) ||
        !from_dynamic(rpc, in->proposed_new_state, kind->type, &proposed) ||
        !from_identity(rpc, kind, in->prior_identity, &plan->prior.identity) ||
        !from_private(rpc, in->prior_private, &plan->prior.private))
        return false;
    plan->planned = plan->prior;
    plan->planned.value = schema_plan(rpc->arena, schema, plan->config, plan->prior.value, proposed);
    plan->replace = schema_replaces(rpc->arena, schema, plan->config, plan->prior.value, plan->planned.value);
    plan->changes = !value_equal(plan->planned.value, plan->prior.value);
    return true;
}

static bool has(struct schema_strings strings, const char *text) {
    for (size_t i = 0; i < strings.count; i++)
        if (!strcmp(strings.items[i], text))
            return true;
    return false;
}

// The handler may have settled on values that need a new object after all.
static void look_again(struct rpc *rpc, const struct schema *schema, struct resource_plan *plan) {
    struct schema_strings now =
        schema_replaces(rpc->arena, schema, plan->config, plan->prior.value, plan->planned.value);
    for (size_t i = 0; i < now.count; i++)
        if (!has(plan->replace, now.items[i]))
            resource_plan_replace(rpc->arena, plan, now.items[i]);
}

static void replace_paths(struct rpc *rpc, TF(PlanResourceChange__Response) *out,
                          struct schema_strings paths) {
    out->requires_replace = arena_array(rpc->arena, paths.count, sizeof *out->requires_replace);
    for (size_t i = 0; i < paths.count; i++) {
        TF(AttributePath) *path = to_path(rpc, paths.items[i]);
        if (path)
            out->requires_replace[out->n_requires_replace++] = path;
    }
}

bool rpc_plan_resource_change(struct rpc *rpc, const void *request, void *response) {
    const TF(PlanResourceChange__Request) *in = request;
    TF(PlanResourceChange__Response) *out = response;
    struct resource_plan plan = {0};
    const struct resource_kind *kind = rpc_resource(rpc, "plan", in->type_name);
    if (!kind || !plan_from(rpc, kind, in, &plan))
        return false;
    const struct schema *schema = kind->impl->schema;
    rpc_bound_by(rpc, value_is_null(plan.config) ? plan.prior.value : plan.config);
    if (kind->impl->plan && !kind->impl->plan(&rpc->call, rpc->provider, &plan, &rpc->err))
        return false;
    plan.planned.value = schema_without_write_only(rpc->arena, schema, plan.planned.value);
    look_again(rpc, schema, &plan);
    struct err breach = err_in(rpc->arena);
    if (!schema_check_plan(schema, plan.config, plan.prior.value, plan.planned.value, &breach))
        log_to(&rpc->call, LOG_ERROR, "protocol", "inconsistent plan of %s: %s", schema->name, breach.msg);
    out->planned_state = to_dynamic(rpc, plan.planned.value, kind->type);
    out->planned_identity = to_identity(rpc, kind, plan.planned.identity);
    out->planned_private = to_private(rpc, plan.planned.private);
    replace_paths(rpc, out, plan.replace);
    return out->planned_state != NULL;
}
