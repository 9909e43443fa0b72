// SPDX-License-Identifier: Apache-2.0
// Whatever a server does, and however slowly, a plan ends: every RPC but a write has a deadline, given here.
#include "protocol/rpc.h"

#include <string.h>

void rpc_bound(struct rpc *rpc) {
    rpc->call.deadline = call_now() + PROVIDER_READ_MS;
    rpc->allowed = arena_printf(rpc->arena, "%d minutes", PROVIDER_READ_MS / 60000);
}

void rpc_bound_by(struct rpc *rpc, struct value object) {
    const char *text = value_dig_string(object, "timeouts", "read", NULL);
    int64_t ms;
    if (!text || !schema_duration(text, &ms))
        return;
    rpc->call.deadline = call_now() + ms;
    rpc->allowed = text;
}

void rpc_unbound(struct rpc *rpc) {
    rpc->call.deadline = CALL_NO_DEADLINE;
    rpc->allowed = NULL;
}

static bool has_timeouts(const struct schema *schema) {
    for (const struct schema_attr *attr = schema ? schema->attrs : NULL; attr && attr->name; attr++)
        if (!strcmp(attr->name, "timeouts"))
            return true;
    return false;
}

void rpc_explain_deadline(struct rpc *rpc) {
    if (rpc->err.kind != ERR_TIMEOUT || !rpc->allowed || call_left(&rpc->call))
        return;
    const char *path = rpc->err.path;
    err_set(&rpc->err, ERR_TIMEOUT, "%s\n\nIt may take %s, and these are over.%s", rpc->err.msg, rpc->allowed,
            has_timeouts(rpc->schema)
                ? " Set timeouts = { read = \"…\" } to allow more. Of a resource that value counts which was "
                  "applied last: `terraform apply -refresh=false` applies another one without reading first."
                : "");
    rpc->err.path = path;
}
