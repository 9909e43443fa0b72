// SPDX-License-Identifier: Apache-2.0
// Which handler serves which RPC, and what is done around every one of them.
#include "base/cleanup.h"
#include "base/log.h"
#include "protocol/rpc.h"

#include <string.h>

struct method {
    struct protocol_method public;
    const ProtobufCMessageDescriptor *request, *response;
    rpc_handler *handler;
};

#define METHOD(name, snake, is_urgent)                                                                       \
    {                                                                                                        \
        {"/tfplugin6.Provider/" #name, is_urgent}, &tfplugin6__##snake##__request__descriptor,               \
            &tfplugin6__##snake##__response__descriptor, rpc_##snake                                         \
    }

static const struct method METHODS[] = {
    METHOD(GetMetadata, get_metadata, false),
    METHOD(GetProviderSchema, get_provider_schema, false),
    METHOD(GetResourceIdentitySchemas, get_resource_identity_schemas, false),
    METHOD(GetFunctions, get_functions, false),
    METHOD(ValidateProviderConfig, validate_provider_config, false),
    METHOD(ConfigureProvider, configure_provider, false),
    METHOD(StopProvider, stop_provider, true),
    METHOD(ValidateResourceConfig, validate_resource_config, false),
    METHOD(ValidateDataResourceConfig, validate_data_resource_config, false),
    METHOD(UpgradeResourceState, upgrade_resource_state, false),
    METHOD(UpgradeResourceIdentity, upgrade_resource_identity, false),
    METHOD(ReadResource, read_resource, false),
    METHOD(PlanResourceChange, plan_resource_change, false),
    METHOD(ApplyResourceChange, apply_resource_change, false),
    METHOD(ImportResourceState, import_resource_state, false),
    METHOD(MoveResourceState, move_resource_state, false),
    METHOD(GenerateResourceConfig, generate_resource_config, false),
    METHOD(ReadDataSource, read_data_source, false),
    METHOD(CallFunction, call_function, false),
};
enum { METHOD_COUNT = sizeof METHODS / sizeof *METHODS };

const struct protocol_method *protocol_method_at(size_t n) {
    return n < METHOD_COUNT ? &METHODS[n].public : NULL;
}

// Messages are unpacked into the RPC's arena, which frees them with everything else.
static void *alloc_in_arena(void *arena, size_t size) {
    return arena_alloc(arena, size);
}

static void free_in_arena(void *arena, void *pointer) {
    (void)arena, (void)pointer;
}

static void reply(struct rpc *rpc, ProtobufCMessage *response) {
    if (rpc->packed) {
        memcpy(rpc->transport->reply(rpc->transport->transport, rpc->packed->size), rpc->packed->data,
               rpc->packed->size);
        return;
    }
    to_utf8(rpc, response);
    size_t size = protobuf_c_message_get_packed_size(response);
    void *room = rpc->transport->reply(rpc->transport->transport, size);
    if (size)
        protobuf_c_message_pack(response, room);
}

static void cleanup_provider(struct provider **provider) {
    provider_release(*provider);
}

bool protocol_serve(struct protocol_service *service, const struct protocol_rpc *transport) {
    SCRATCH_ARENA(arena);
    SCRATCH_ARENA(secrets); // of its own: handlers give back parts of the other
    const struct method *method = &METHODS[transport->method];
    ProtobufCAllocator allocator = {alloc_in_arena, free_in_arena, arena};
    void *request =
        protobuf_c_message_unpack(method->request, &allocator, transport->size, transport->request);
    if (!request)
        return false;
    CLEANUP(cleanup_provider) struct provider *provider = service_provider(service);
    int64_t start = call_now();
    struct rpc rpc = {.service = service,
                      .transport = transport,
                      .call = call_in(arena),
                      .arena = arena,
                      .provider = provider,
                      .err = err_in(arena)};
    rpc_bound(&rpc);
    rpc.call.stop[0] = transport->stop;
    rpc.call.hidden = hidden_create(secrets);
    provider_hide(provider, &rpc.call);
    ProtobufCMessage *response = rpc_message(&rpc, method->response);
    bool ok = method->handler(&rpc, request, response);
    if (!ok)
        rpc_explain_deadline(&rpc);
    rpc_diagnose(&rpc, ok, response);
    log_to(&rpc.call, LOG_DEBUG, "protocol", "%s %s after %lld ms, %zu bytes allocated",
           strrchr(method->public.path, '/') + 1, ok ? "answered" : "failed", (long long)(call_now() - start),
           arena_used(arena));
    reply(&rpc, response);
    return true;
}
