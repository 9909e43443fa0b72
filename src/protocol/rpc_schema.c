// SPDX-License-Identifier: Apache-2.0
// GetMetadata, GetProviderSchema, GetResourceIdentitySchemas, GetFunctions: the
// tables as messages. Nothing in them depends on configuration.
#include "protocol/rpc.h"

#define NEW_ARRAY(rpc, count, type) arena_array((rpc)->arena, (count), sizeof(type *))

static TF(Schema__Attribute) *attribute(struct rpc *rpc, const struct schema_attr *attr);

static TF(Schema__Attribute) **attributes(struct rpc *rpc, const struct schema_attr *attrs, size_t *count) {
    *count = 0;
    while (attrs[*count].name)
        (*count)++;
    TF(Schema__Attribute) **items = NEW_ARRAY(rpc, *count, TF(Schema__Attribute));
    for (size_t i = 0; i < *count; i++)
        items[i] = attribute(rpc, &attrs[i]);
    return items;
}

static TF(Schema__Object) *object(struct rpc *rpc, const struct schema_attr *attr) {
    static const TF(Schema__Object__NestingMode) NESTING[] = {
        [SCHEMA_SINGLE] = TFPLUGIN6__SCHEMA__OBJECT__NESTING_MODE__SINGLE,
        [SCHEMA_LIST] = TFPLUGIN6__SCHEMA__OBJECT__NESTING_MODE__LIST,
        [SCHEMA_MAP] = TFPLUGIN6__SCHEMA__OBJECT__NESTING_MODE__MAP,
    };
    TF(Schema__Object) *message = TF_NEW(rpc, Schema__Object, schema__object);
    message->nesting = NESTING[attr->nesting];
    message->attributes = attributes(rpc, attr->attrs, &message->n_attributes);
    return message;
}

static TF(Schema__Attribute) *attribute(struct rpc *rpc, const struct schema_attr *attr) {
    TF(Schema__Attribute) *message = TF_NEW(rpc, Schema__Attribute, schema__attribute);
    message->name = (char *)attr->name;
    if (attr->nesting)
        message->nested_type = object(rpc, attr);
    else
        message->type = to_type(rpc, attr->type);
    message->description = (char *)attr->doc;
    message->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    message->required = attr->flags & SCHEMA_REQUIRED ? 1 : 0;
    message->optional = attr->flags & SCHEMA_OPTIONAL ? 1 : 0;
    message->computed = attr->flags & SCHEMA_COMPUTED ? 1 : 0;
    message->sensitive = attr->flags & SCHEMA_SENSITIVE ? 1 : 0;
    message->write_only = attr->flags & SCHEMA_WRITE_ONLY ? 1 : 0;
    message->deprecated = attr->deprecated ? 1 : 0;
    message->deprecation_message = (char *)attr->deprecated;
    return message;
}

static TF(Schema) *schema_message(struct rpc *rpc, const struct schema *schema) {
    TF(Schema) *message = TF_NEW(rpc, Schema, schema);
    message->version = schema->version;
    message->block = TF_NEW(rpc, Schema__Block, schema__block);
    message->block->attributes = attributes(rpc, schema->attrs, &message->block->n_attributes);
    message->block->description = (char *)schema->doc;
    message->block->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    return message;
}

static TF(Function__Parameter) *parameter(struct rpc *rpc, const struct function_param *param) {
    TF(Function__Parameter) *message = TF_NEW(rpc, Function__Parameter, function__parameter);
    message->name = (char *)param->name;
    message->type = to_type(rpc, param->type);
    message->allow_null_value = param->allow_null;
    message->allow_unknown_values = param->allow_unknown;
    message->description = (char *)param->doc;
    message->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    return message;
}

static TF(Function) *function_message(struct rpc *rpc, const struct function_impl *impl) {
    TF(Function) *message = TF_NEW(rpc, Function, function);
    size_t count = 0;
    while (impl->params && impl->params[count].name)
        count++;
    message->parameters = NEW_ARRAY(rpc, count, TF(Function__Parameter));
    for (; message->n_parameters < count; message->n_parameters++)
        message->parameters[message->n_parameters] = parameter(rpc, &impl->params[message->n_parameters]);
    if (impl->variadic)
        message->variadic_parameter = parameter(rpc, impl->variadic);
    message->return_ = TF_NEW(rpc, Function__Return, function__return);
    message->return_->type = to_type(rpc, impl->returns);
    message->summary = (char *)impl->summary;
    message->description = (char *)impl->doc;
    message->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    return message;
}

static TF(ServerCapabilities) *capabilities(struct rpc *rpc) {
    TF(ServerCapabilities) *message = TF_NEW(rpc, ServerCapabilities, server_capabilities);
    message->plan_destroy = 1;
    message->get_provider_schema_optional = 1;
    message->generate_resource_config = 1;
    for (size_t i = 0; service_content(rpc->service)->resources[i]; i++)
        message->move_resource_state |= service_content(rpc->service)->resources[i]->move != NULL;
    return message;
}

static size_t count_of(const void *table) {
    size_t count = 0;
    for (const void *const *item = table; item[count];)
        count++;
    return count;
}

bool rpc_get_metadata(struct rpc *rpc, const void *request, void *response) {
    (void)request;
    TF(GetMetadata__Response) *out = response;
    const struct provider_content *content = service_content(rpc->service);
    out->server_capabilities = capabilities(rpc);
    out->resources = NEW_ARRAY(rpc, count_of(content->resources), TF(GetMetadata__ResourceMetadata));
    for (size_t i = 0; content->resources[i]; i++) {
        out->resources[i] = TF_NEW(rpc, GetMetadata__ResourceMetadata, get_metadata__resource_metadata);
        out->resources[out->n_resources++]->type_name = (char *)content->resources[i]->schema->name;
    }
    out->data_sources = NEW_ARRAY(rpc, count_of(content->data_sources), TF(GetMetadata__DataSourceMetadata));
    for (size_t i = 0; content->data_sources[i]; i++) {
        out->data_sources[i] =
            TF_NEW(rpc, GetMetadata__DataSourceMetadata, get_metadata__data_source_metadata);
        out->data_sources[out->n_data_sources++]->type_name = (char *)content->data_sources[i]->schema->name;
    }
    out->functions = NEW_ARRAY(rpc, count_of(content->functions), TF(GetMetadata__FunctionMetadata));
    for (size_t i = 0; content->functions[i]; i++) {
        out->functions[i] = TF_NEW(rpc, GetMetadata__FunctionMetadata, get_metadata__function_metadata);
        out->functions[out->n_functions++]->name = (char *)content->functions[i]->name;
    }
    return true;
}

static void add_resources(struct rpc *rpc, TF(GetProviderSchema__Response) *out) {
    const struct resource_impl *const *impls = service_content(rpc->service)->resources;
    typedef TF(GetProviderSchema__Response__ResourceSchemasEntry) entry;
    out->resource_schemas = NEW_ARRAY(rpc, count_of(impls), entry);
    for (; *impls; impls++) {
        entry *item =
            rpc_message(rpc, &tfplugin6__get_provider_schema__response__resource_schemas_entry__descriptor);
        item->key = (char *)(*impls)->schema->name;
        item->value = schema_message(rpc, (*impls)->schema);
        out->resource_schemas[out->n_resource_schemas++] = item;
    }
}

static void add_data_sources(struct rpc *rpc, TF(GetProviderSchema__Response) *out) {
    const struct data_impl *const *impls = service_content(rpc->service)->data_sources;
    typedef TF(GetProviderSchema__Response__DataSourceSchemasEntry) entry;
    out->data_source_schemas = NEW_ARRAY(rpc, count_of(impls), entry);
    for (; *impls; impls++) {
        entry *item = rpc_message(
            rpc, &tfplugin6__get_provider_schema__response__data_source_schemas_entry__descriptor);
        item->key = (char *)(*impls)->schema->name;
        item->value = schema_message(rpc, (*impls)->schema);
        out->data_source_schemas[out->n_data_source_schemas++] = item;
    }
}

static void add_functions(struct rpc *rpc, TF(GetProviderSchema__Response) *out) {
    const struct function_impl *const *impls = service_content(rpc->service)->functions;
    typedef TF(GetProviderSchema__Response__FunctionsEntry) entry;
    out->functions = NEW_ARRAY(rpc, count_of(impls), entry);
    for (; *impls; impls++) {
        entry *item =
            rpc_message(rpc, &tfplugin6__get_provider_schema__response__functions_entry__descriptor);
        item->key = (char *)(*impls)->name;
        item->value = function_message(rpc, *impls);
        out->functions[out->n_functions++] = item;
    }
}

bool rpc_get_provider_schema(struct rpc *rpc, const void *request, void *response) {
    (void)request;
    TF(GetProviderSchema__Response) *out = response;
    rpc->packed = service_packed(rpc->service, PACKED_SCHEMA);
    if (rpc->packed)
        return true;
    out->provider = schema_message(rpc, service_content(rpc->service)->config);
    out->server_capabilities = capabilities(rpc);
    add_resources(rpc, out);
    add_data_sources(rpc, out);
    add_functions(rpc, out);
    to_utf8(rpc, &out->base);
    rpc->packed = service_keep(rpc->service, PACKED_SCHEMA, &out->base);
    return true;
}

bool rpc_get_functions(struct rpc *rpc, const void *request, void *response) {
    (void)request;
    TF(GetFunctions__Response) *out = response;
    const struct function_impl *const *impls = service_content(rpc->service)->functions;
    typedef TF(GetFunctions__Response__FunctionsEntry) entry;
    out->functions = NEW_ARRAY(rpc, count_of(impls), entry);
    for (; *impls; impls++) {
        entry *item = rpc_message(rpc, &tfplugin6__get_functions__response__functions_entry__descriptor);
        item->key = (char *)(*impls)->name;
        item->value = function_message(rpc, *impls);
        out->functions[out->n_functions++] = item;
    }
    return true;
}

static TF(ResourceIdentitySchema) *identity_message(struct rpc *rpc, const struct schema *schema) {
    typedef TF(ResourceIdentitySchema__IdentityAttribute) identity_attribute;
    TF(ResourceIdentitySchema) *message = TF_NEW(rpc, ResourceIdentitySchema, resource_identity_schema);
    message->version = schema->version;
    size_t count = 0;
    while (schema->attrs[count].name)
        count++;
    message->identity_attributes = NEW_ARRAY(rpc, count, identity_attribute);
    for (const struct schema_attr *attr = schema->attrs; attr->name; attr++) {
        identity_attribute *item =
            rpc_message(rpc, &tfplugin6__resource_identity_schema__identity_attribute__descriptor);
        item->name = (char *)attr->name;
        item->type = to_type(rpc, attr->type);
        item->required_for_import = attr->flags & SCHEMA_REQUIRED ? 1 : 0;
        item->optional_for_import = attr->flags & SCHEMA_OPTIONAL ? 1 : 0;
        item->description = (char *)attr->doc;
        message->identity_attributes[message->n_identity_attributes++] = item;
    }
    return message;
}

bool rpc_get_resource_identity_schemas(struct rpc *rpc, const void *request, void *response) {
    (void)request;
    TF(GetResourceIdentitySchemas__Response) *out = response;
    const struct resource_impl *const *impls = service_content(rpc->service)->resources;
    typedef TF(GetResourceIdentitySchemas__Response__IdentitySchemasEntry) entry;
    out->identity_schemas = NEW_ARRAY(rpc, count_of(impls), entry);
    for (; *impls; impls++) {
        if (!(*impls)->identity)
            continue;
        entry *item = rpc_message(
            rpc, &tfplugin6__get_resource_identity_schemas__response__identity_schemas_entry__descriptor);
        item->key = (char *)(*impls)->schema->name;
        item->value = identity_message(rpc, (*impls)->identity);
        out->identity_schemas[out->n_identity_schemas++] = item;
    }
    return true;
}
