// SPDX-License-Identifier: Apache-2.0
#include "protocol/rpc.h"

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

struct provider *service_provider(struct protocol_service *service) {
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
    rpc->call.log_field = (struct log_field){field, schema->name};
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

void *rpc_message(struct rpc *rpc, const ProtobufCMessageDescriptor *descriptor) {
    void *message = arena_alloc(rpc->arena, descriptor->sizeof_message);
    protobuf_c_message_init(descriptor, message);
    return message;
}
