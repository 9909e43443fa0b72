// SPDX-License-Identifier: Apache-2.0
// Shared inside src/protocol only: one RPC while it is served, and the way from
// messages to values and back.
#ifndef PROTOCOL_RPC_H
#define PROTOCOL_RPC_H

#include "protocol/service.h"
#include "provider/config.h"
#include "tfplugin6.pb-c.h"

// The messages are written so often that the generator's prefix would drown the rest.
#define TF(name) Tfplugin6__##name
#define TF_NEW(rpc, name, descriptor) ((TF(name) *)rpc_message(rpc, &tfplugin6__##descriptor##__descriptor))

struct resource_kind {
    const struct resource_impl *impl;
    const struct type *type;
    const struct type *identity; // NULL without identity
};

struct data_kind {
    const struct data_impl *impl;
    const struct type *type;
};

// A packed response that never changes.
struct packed {
    void *data;
    size_t size;
};

struct rpc {
    struct protocol_service *service;
    const struct protocol_rpc *transport;
    struct call call;
    struct arena *arena;             // call.arena
    struct provider *provider;       // held while the RPC runs
    struct err err;                  // the handler's failure
    struct schema_problems problems; // further errors
    const char *doing;               // "create wandb_operator": for the summary; NULL for none
    const char *allowed;             // how long it may take ("5 minutes"); NULL: as a write sets for itself
    const struct schema *schema;     // what diagnostics' paths lead through; NULL: no paths
    const struct type *type;         // its type
    const struct packed *packed;     // replied instead of the response when set
};

// Fills `response` from `request`; false with rpc->err filled.
typedef bool rpc_handler(struct rpc *rpc, const void *request, void *response);

// An empty message in the RPC's arena.
void *rpc_message(struct rpc *rpc, const ProtobufCMessageDescriptor *descriptor);

// ---- What the service knows ----

const struct provider_content *service_content(const struct protocol_service *service);

// By name, noted as what the RPC is about (`verb` for diagnostics: "create"). NULL with rpc->err filled when
// unknown.
const struct resource_kind *rpc_resource(struct rpc *rpc, const char *verb, const char *name);
const struct data_kind *rpc_data_source(struct rpc *rpc, const char *verb, const char *name);

// The provider as it is configured now, held: release it (provider_release).
struct provider *service_provider(struct protocol_service *service);

// Makes `provider` the one that later RPCs use.
void service_configured(struct protocol_service *service, struct provider *provider);

// The response packed by `build` once and kept; thread-safe.
enum packed_response { PACKED_SCHEMA, PACKED_COUNT };
const struct packed *service_packed(struct protocol_service *service, enum packed_response which);
const struct packed *service_keep(struct protocol_service *service, enum packed_response which,
                                  const ProtobufCMessage *message);

// ---- from_proto.c ----

// Absent and empty are null. Of an object of rpc->type, what its schema calls secret is hidden from messages
// from here on.
bool from_dynamic(struct rpc *rpc, const TF(DynamicValue) *message, const struct type *type,
                  struct value *out);
bool from_identity(struct rpc *rpc, const struct resource_kind *kind, const TF(ResourceIdentityData) *message,
                   struct value *out);
// JSON as the state file has it, decoded.
bool from_raw_state(struct rpc *rpc, const TF(RawState) *message, struct value *json);
// A map or null.
bool from_private(struct rpc *rpc, ProtobufCBinaryData bytes, struct value *out);

// ---- to_proto.c ----

TF(DynamicValue) *to_dynamic(struct rpc *rpc, struct value value, const struct type *type);
TF(ResourceIdentityData) *to_identity(struct rpc *rpc, const struct resource_kind *kind,
                                      struct value identity);
ProtobufCBinaryData to_private(struct rpc *rpc, struct value private);
ProtobufCBinaryData to_type(struct rpc *rpc, const struct type *type);
// NULL when the path leads nowhere in rpc->type.
TF(AttributePath) *to_path(struct rpc *rpc, const char *path);
// The part of it that lets Terraform point at a line.
TF(AttributePath) *to_place(struct rpc *rpc, const char *path);
// Every string of the message made valid UTF-8, as grpc-go insists.
void to_utf8(struct rpc *rpc, ProtobufCMessage *message);

// ---- deadline.c: how long an RPC may take ----

// From its beginning on: as long as reads are given.
void rpc_bound(struct rpc *rpc);
// As the object's `timeouts.read` says, if it has one.
void rpc_bound_by(struct rpc *rpc, struct value object);
// A write: its handler sets a deadline of its own.
void rpc_unbound(struct rpc *rpc);
// When the failure is that this time is over, says how long it was and how to change it.
void rpc_explain_deadline(struct rpc *rpc);

// ---- diagnostics.c: the only place that makes them ----

void rpc_diagnose(struct rpc *rpc, bool ok, ProtobufCMessage *response);

// ---- handlers, by wire name ----

rpc_handler rpc_get_metadata, rpc_get_provider_schema, rpc_get_resource_identity_schemas, rpc_get_functions,
    rpc_validate_provider_config, rpc_configure_provider, rpc_stop_provider, rpc_validate_resource_config,
    rpc_validate_data_resource_config, rpc_upgrade_resource_state, rpc_upgrade_resource_identity,
    rpc_read_resource, rpc_plan_resource_change, rpc_apply_resource_change, rpc_import_resource_state,
    rpc_move_resource_state, rpc_generate_resource_config, rpc_read_data_source, rpc_call_function;

#endif
