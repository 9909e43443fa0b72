// SPDX-License-Identifier: Apache-2.0
#include "protocol/rpc.h"

#include "codec/json.h"
#include "codec/msgpack.h"
#include "codec/state.h"
#include "provider/private_state.h"

static bool decode(struct rpc *rpc, const TF(DynamicValue) *message, const struct type *type,
                   struct value *out) {
    *out = value_null();
    if (message && message->msgpack.len)
        return msgpack_decode(rpc->arena, message->msgpack.data, message->msgpack.len, type, out, &rpc->err);
    if (!message || !message->json.len)
        return true;
    struct value json;
    return json_decode(rpc->arena, (const char *)message->json.data, message->json.len, &json, &rpc->err) &&
           state_conform(rpc->arena, json, type, out, &rpc->err);
}

bool from_dynamic(struct rpc *rpc, const TF(DynamicValue) *message, const struct type *type,
                  struct value *out) {
    if (!decode(rpc, message, type, out))
        return false;
    if (rpc->schema && type == rpc->type)
        schema_hide(&rpc->call, rpc->schema, *out);
    return true;
}

bool from_identity(struct rpc *rpc, const struct resource_kind *kind, const TF(ResourceIdentityData) *message,
                   struct value *out) {
    *out = value_null();
    return !message || !kind->identity || from_dynamic(rpc, message->identity_data, kind->identity, out);
}

bool from_raw_state(struct rpc *rpc, const TF(RawState) *message, struct value *json) {
    *json = value_null();
    if (!message)
        return true;
    if (message->n_flatmap)
        return err_set(
            &rpc->err, ERR_UNSUPPORTED,
            "The state was written by Terraform 0.11 or older. Apply once with Terraform 0.12 to 1.x and "
            "the provider that wrote it, then try again.");
    return !message->json.len ||
           json_decode(rpc->arena, (const char *)message->json.data, message->json.len, json, &rpc->err);
}

bool from_private(struct rpc *rpc, ProtobufCBinaryData bytes, struct value *out) {
    return private_state_decode(&rpc->call, bytes.data, bytes.len, out, &rpc->err);
}
