// SPDX-License-Identifier: Apache-2.0
#include "protocol/rpc.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct protocol_service {
    const struct provider_content *content;
    struct arena *arena;
    struct resource_kind *resources;
    size_t resource_count;
    struct data_kind *data_sources;
    size_t data_source_count;
    pthread_mutex_t lock;      // guards the two below
    struct provider *provider; // never NULL
    struct packed packed[PACKED_COUNT];
};

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

static void note_kinds(struct protocol_service *service) {
    const struct provider_content *content = service->content;
    while (content->resources[service->resource_count])
        service->resource_count++;
    while (content->data_sources[service->data_source_count])
        service->data_source_count++;
    service->resources = arena_array(service->arena, service->resource_count, sizeof *service->resources);
    service->data_sources =
        arena_array(service->arena, service->data_source_count, sizeof *service->data_sources);
    for (size_t i = 0; i < service->resource_count; i++) {
        const struct resource_impl *impl = content->resources[i];
        service->resources[i] =
            (struct resource_kind){impl, schema_type(service->arena, impl->schema),
                                   impl->identity ? schema_type(service->arena, impl->identity) : NULL};
    }
    for (size_t i = 0; i < service->data_source_count; i++) {
        const struct data_impl *impl = content->data_sources[i];
        service->data_sources[i] = (struct data_kind){impl, schema_type(service->arena, impl->schema)};
    }
}

struct protocol_service *protocol_service_create(const struct provider_content *content) {
    struct protocol_service *service = calloc(1, sizeof *service);
    if (!service)
        abort();
    service->content = content;
    service->arena = arena_create();
    service->provider = provider_create();
    pthread_mutex_init(&service->lock, NULL);
    note_kinds(service);
    return service;
}

void protocol_service_destroy(struct protocol_service *service) {
    if (!service)
        return;
    provider_release(service->provider);
    pthread_mutex_destroy(&service->lock);
    arena_destroy(service->arena);
    free(service);
}

const struct provider_content *service_content(const struct protocol_service *service) {
    return service->content;
}

void service_configured(struct protocol_service *service, struct provider *provider) {
    pthread_mutex_lock(&service->lock);
    struct provider *before = service->provider;
    service->provider = provider;
    pthread_mutex_unlock(&service->lock);
    provider_release(before);
}

static struct provider *hold_provider(struct protocol_service *service) {
    pthread_mutex_lock(&service->lock);
    struct provider *provider = provider_hold(service->provider);
    pthread_mutex_unlock(&service->lock);
    return provider;
}

const struct packed *service_packed(struct protocol_service *service, enum packed_response which) {
    pthread_mutex_lock(&service->lock);
    const struct packed *packed = service->packed[which].data ? &service->packed[which] : NULL;
    pthread_mutex_unlock(&service->lock);
    return packed;
}

const struct packed *service_keep(struct protocol_service *service, enum packed_response which,
                                  const ProtobufCMessage *message) {
    pthread_mutex_lock(&service->lock);
    struct packed *packed = &service->packed[which];
    if (!packed->data) { // nobody else was quicker
        packed->size = protobuf_c_message_get_packed_size(message);
        packed->data = arena_alloc(service->arena, packed->size + 1);
        protobuf_c_message_pack(message, packed->data);
    }
    pthread_mutex_unlock(&service->lock);
    return packed;
}

static void about(struct rpc *rpc, const char *field, const char *verb, const struct schema *schema,
                  const struct type *type) {
    rpc->schema = schema;
    rpc->type = type;
    rpc->doing = arena_printf(rpc->arena, "%s %s", verb, schema->name);
    rpc->call.log_fields = arena_printf(rpc->arena, "\"%s\":\"%s\"", field, schema->name);
}

const struct resource_kind *rpc_resource(struct rpc *rpc, const char *verb, const char *name) {
    struct protocol_service *service = rpc->service;
    for (size_t i = 0; i < service->resource_count; i++) {
        const struct schema *schema = service->resources[i].impl->schema;
        if (strcmp(schema->name, name) != 0)
            continue;
        about(rpc, "tf_resource_type", verb, schema, service->resources[i].type);
        return &service->resources[i];
    }
    err_set(&rpc->err, ERR_UNSUPPORTED, "This provider has no resource type \"%s\".", name);
    return NULL;
}

const struct data_kind *rpc_data_source(struct rpc *rpc, const char *verb, const char *name) {
    struct protocol_service *service = rpc->service;
    for (size_t i = 0; i < service->data_source_count; i++) {
        const struct schema *schema = service->data_sources[i].impl->schema;
        if (strcmp(schema->name, name) != 0)
            continue;
        about(rpc, "tf_data_source_type", verb, schema, service->data_sources[i].type);
        return &service->data_sources[i];
    }
    err_set(&rpc->err, ERR_UNSUPPORTED, "This provider has no data source \"%s\".", name);
    return NULL;
}

// Messages are unpacked into the RPC's arena, which frees them with everything else.
static void *alloc_in_arena(void *arena, size_t size) {
    return arena_alloc(arena, size);
}

static void free_in_arena(void *arena, void *pointer) {
    (void)arena, (void)pointer;
}

void *rpc_message(struct rpc *rpc, const ProtobufCMessageDescriptor *descriptor) {
    void *message = arena_alloc(rpc->arena, descriptor->sizeof_message);
    protobuf_c_message_init(descriptor, message);
    return message;
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
    CLEANUP(cleanup_provider) struct provider *provider = hold_provider(service);
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
