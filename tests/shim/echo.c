// SPDX-License-Identifier: Apache-2.0
// A second provider, made with shim.h and the protocol's messages alone: the proof that go.mod-free-shim/
// stands by itself. Its resources keep what they are given, so values pass through as the bytes they came in.
// The methods of the service echo.Test let the tests reach each promise of shim.h.
#include "shim.h"
#include "tfplugin6.pb-c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef ProtobufCMessage message; // protobuf-c spells it so

static void reply(struct shim_call *call, const message *response) {
    protobuf_c_message_pack(response, shim_reply(call, protobuf_c_message_get_packed_size(response)));
}

static message *unpack(struct shim_call *call, struct shim_bytes request,
                       const ProtobufCMessageDescriptor *type) {
    message *unpacked = protobuf_c_message_unpack(type, NULL, request.size, request.data);
    if (!unpacked)
        shim_fail(call, SHIM_INVALID_ARGUMENT, "the request is not the message this method takes");
    return unpacked;
}

static void pause_ms(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

// Up to `ms`, in short steps; false when told to end early.
static bool wait_for(struct shim_call *call, long ms) {
    for (; ms > 0 && !shim_cancelled(call); ms -= 10)
        pause_ms(10);
    return !shim_cancelled(call);
}

// ---- tfplugin6: resources echo_text and echo_slow, both { input = optional string } ----

static void get_provider_schema(struct shim_call *call, struct shim_bytes request) {
    (void)request;
    Tfplugin6__Schema__Attribute input = TFPLUGIN6__SCHEMA__ATTRIBUTE__INIT;
    input.name = "input";
    input.type = (ProtobufCBinaryData){8, (uint8_t *)"\"string\""};
    input.optional = true;
    Tfplugin6__Schema__Attribute *attributes[] = {&input};
    Tfplugin6__Schema__Block block = TFPLUGIN6__SCHEMA__BLOCK__INIT, empty = TFPLUGIN6__SCHEMA__BLOCK__INIT;
    block.attributes = attributes;
    block.n_attributes = 1;
    Tfplugin6__Schema schema = TFPLUGIN6__SCHEMA__INIT, provider = TFPLUGIN6__SCHEMA__INIT;
    schema.block = &block;
    provider.block = &empty;
    Tfplugin6__GetProviderSchema__Response__ResourceSchemasEntry
        text = TFPLUGIN6__GET_PROVIDER_SCHEMA__RESPONSE__RESOURCE_SCHEMAS_ENTRY__INIT,
        slow = TFPLUGIN6__GET_PROVIDER_SCHEMA__RESPONSE__RESOURCE_SCHEMAS_ENTRY__INIT;
    text.key = "echo_text";
    slow.key = "echo_slow";
    text.value = slow.value = &schema;
    Tfplugin6__GetProviderSchema__Response__ResourceSchemasEntry *resources[] = {&text, &slow};
    Tfplugin6__GetProviderSchema__Response response = TFPLUGIN6__GET_PROVIDER_SCHEMA__RESPONSE__INIT;
    response.provider = &provider;
    response.resource_schemas = resources;
    response.n_resource_schemas = 2;
    reply(call, &response.base);
}

// Validations and ConfigureProvider: nothing to say, which is an empty message.
static void agree(struct shim_call *call, struct shim_bytes request) {
    (void)call;
    (void)request;
}

static void upgrade_resource_state(struct shim_call *call, struct shim_bytes bytes) {
    message *request = unpack(call, bytes, &tfplugin6__upgrade_resource_state__request__descriptor);
    if (!request)
        return;
    Tfplugin6__DynamicValue state = TFPLUGIN6__DYNAMIC_VALUE__INIT;
    state.json = ((Tfplugin6__UpgradeResourceState__Request *)request)->raw_state->json;
    Tfplugin6__UpgradeResourceState__Response response = TFPLUGIN6__UPGRADE_RESOURCE_STATE__RESPONSE__INIT;
    response.upgraded_state = &state;
    reply(call, &response.base);
    protobuf_c_message_free_unpacked(request, NULL);
}

static void read_resource(struct shim_call *call, struct shim_bytes bytes) {
    message *request = unpack(call, bytes, &tfplugin6__read_resource__request__descriptor);
    if (!request)
        return;
    Tfplugin6__ReadResource__Response response = TFPLUGIN6__READ_RESOURCE__RESPONSE__INIT;
    response.new_state = ((Tfplugin6__ReadResource__Request *)request)->current_state;
    reply(call, &response.base);
    protobuf_c_message_free_unpacked(request, NULL);
}

static void plan_resource_change(struct shim_call *call, struct shim_bytes bytes) {
    message *request = unpack(call, bytes, &tfplugin6__plan_resource_change__request__descriptor);
    if (!request)
        return;
    Tfplugin6__PlanResourceChange__Response response = TFPLUGIN6__PLAN_RESOURCE_CHANGE__RESPONSE__INIT;
    response.planned_state = ((Tfplugin6__PlanResourceChange__Request *)request)->proposed_new_state;
    reply(call, &response.base);
    protobuf_c_message_free_unpacked(request, NULL);
}

// echo_slow takes half a minute, or until it is told to stop: then it says so and leaves the state as it was.
static void apply_resource_change(struct shim_call *call, struct shim_bytes bytes) {
    message *unpacked = unpack(call, bytes, &tfplugin6__apply_resource_change__request__descriptor);
    if (!unpacked)
        return;
    Tfplugin6__ApplyResourceChange__Request *request = (Tfplugin6__ApplyResourceChange__Request *)unpacked;
    const struct shim_field fields[] = {{"tf_resource_type", request->type_name}};
    shim_log(SHIM_INFO, "echo applies", fields, 1);
    bool stopped = !strcmp(request->type_name, "echo_slow") && !wait_for(call, 30000);
    Tfplugin6__Diagnostic diagnostic = TFPLUGIN6__DIAGNOSTIC__INIT;
    diagnostic.severity = TFPLUGIN6__DIAGNOSTIC__SEVERITY__ERROR;
    diagnostic.summary = "echo was interrupted";
    Tfplugin6__Diagnostic *diagnostics[] = {&diagnostic};
    Tfplugin6__ApplyResourceChange__Response response = TFPLUGIN6__APPLY_RESOURCE_CHANGE__RESPONSE__INIT;
    response.new_state = stopped ? request->prior_state : request->planned_state;
    response.diagnostics = diagnostics;
    response.n_diagnostics = stopped;
    reply(call, &response.base);
    protobuf_c_message_free_unpacked(unpacked, NULL);
}

static void stop_provider(struct shim_call *call, struct shim_bytes request) {
    (void)request;
    shim_interrupt(call);
}

// ---- echo.Test ----

static void echo(struct shim_call *call, struct shim_bytes request) {
    if (request.size)
        memcpy(shim_reply(call, request.size), request.data, request.size);
}

static long number(struct shim_bytes request) {
    char text[32] = "";
    memcpy(text, request.data, request.size < sizeof text ? request.size : sizeof text - 1);
    return strtol(text, NULL, 10);
}

// Waits so many milliseconds, unless it is told to stop; says which.
static void sleep_ms(struct shim_call *call, struct shim_bytes request) {
    const char *answer = wait_for(call, number(request)) ? "slept" : "interrupted";
    memcpy(shim_reply(call, strlen(answer)), answer, strlen(answer));
}

// Heeds nothing.
static void stuck(struct shim_call *call, struct shim_bytes request) {
    (void)call;
    pause_ms(number(request));
}

static void fail(struct shim_call *call, struct shim_bytes request) {
    (void)request;
    shim_fail(call, SHIM_NOT_FOUND, "there is no such thing");
}

// Streams the numbers below the one asked for.
static void count(struct shim_call *call, struct shim_bytes request) {
    long end = number(request);
    for (long i = 0; i < end; i++) {
        char text[32];
        size_t size = (size_t)snprintf(text, sizeof text, "%ld", i);
        if (!shim_send(call, (struct shim_bytes){text, size})) {
            shim_log(SHIM_INFO, "count was cancelled", NULL, 0);
            return;
        }
    }
}

// One reply of so many bytes.
static void fill(struct shim_call *call, struct shim_bytes request) {
    size_t size = (size_t)number(request);
    memset(shim_reply(call, size), 'x', size);
}

// The request as the message of one line a level.
static void log_all(struct shim_call *call, struct shim_bytes request) {
    (void)call;
    char *text = calloc(1, request.size + 1);
    if (!text)
        abort();
    memcpy(text, request.data, request.size);
    const struct shim_field fields[] = {{"key", text}};
    for (int level = SHIM_TRACE; level < SHIM_OFF; level++)
        shim_log((enum shim_level)level, text, fields, 1);
    free(text);
}

// What a careless library does.
static void print(struct shim_call *call, struct shim_bytes request) {
    (void)call;
    (void)request;
    puts("this was printed");
    fflush(stdout);
}

#define TF "/tfplugin6.Provider/"
#define TEST "/echo.Test/"

static const struct shim_method methods[] = {
    {TF "GetProviderSchema", get_provider_schema, SHIM_UNARY, false},
    {TF "ValidateProviderConfig", agree, SHIM_UNARY, false},
    {TF "ValidateResourceConfig", agree, SHIM_UNARY, false},
    {TF "ConfigureProvider", agree, SHIM_UNARY, false},
    {TF "UpgradeResourceState", upgrade_resource_state, SHIM_UNARY, false},
    {TF "ReadResource", read_resource, SHIM_UNARY, false},
    {TF "PlanResourceChange", plan_resource_change, SHIM_UNARY, false},
    {TF "ApplyResourceChange", apply_resource_change, SHIM_UNARY, false},
    {TF "StopProvider", stop_provider, SHIM_UNARY, true},
    {TEST "Echo", echo, SHIM_UNARY, false},
    {TEST "Sleep", sleep_ms, SHIM_UNARY, false},
    {TEST "Stuck", stuck, SHIM_UNARY, false},
    {TEST "Fail", fail, SHIM_UNARY, false},
    {TEST "Count", count, SHIM_SERVER_STREAM, false},
    {TEST "Fill", fill, SHIM_UNARY, false},
    {TEST "Log", log_all, SHIM_UNARY, false},
    {TEST "Print", print, SHIM_UNARY, false},
};

int main(int argc, char **argv) {
    const struct shim_config config = {
        .argc = argc,
        .argv = argv,
        .name = "echo",
        .address = "example.com/shim/echo",
        .version = "1.0.0",
        .cookie_key = SHIM_TERRAFORM_COOKIE_KEY,
        .cookie_value = SHIM_TERRAFORM_COOKIE_VALUE,
        .protocol = 6,
        .methods = methods,
        .n_methods = sizeof methods / sizeof *methods,
    };
    return shim_serve(&config);
}
