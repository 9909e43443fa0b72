// SPDX-License-Identifier: Apache-2.0
// A provider of one resource whose handlers do what each test asks, and a way
// to send it packed messages as Terraform would.
#ifndef TESTS_UNIT_PROTOCOL_FIXTURE_H
#define TESTS_UNIT_PROTOCOL_FIXTURE_H

#include "codec/json.h"
#include "codec/msgpack.h"
#include "codec/state.h"
#include "protocol/rpc.h"
#include "provider/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct schema_attr NOTE_ATTRS[] = {
    {.name = "name", .type = &type_string, .flags = SCHEMA_REQUIRED | SCHEMA_REPLACE, .doc = "d"},
    {.name = "text",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "hello",
     .doc = "d"},
    {.name = "free", .type = &type_dynamic, .flags = SCHEMA_OPTIONAL, .doc = "d"},
    {.name = "secret_wo", .type = &type_string, .flags = SCHEMA_OPTIONAL | SCHEMA_WRITE_ONLY, .doc = "d"},
    {.name = "revision", .type = &type_number, .flags = SCHEMA_COMPUTED, .doc = "d"},
    {0},
};
static const struct schema NOTE = {.name = "wandb_note", .version = 2, .doc = "d", .attrs = NOTE_ATTRS};

static const struct schema_attr IDENTITY_ATTRS[] = {
    {.name = "name", .type = &type_string, .flags = SCHEMA_REQUIRED, .doc = "d"}, {0}};
static const struct schema NOTE_IDENTITY = {.name = "wandb_note", .attrs = IDENTITY_ATTRS};

// What the handlers do next.
struct behaviour {
    bool fail;        // after having set the state
    bool gone;        // read finds nothing
    const char *seen; // the secret that create or update got
    const char *warn;
    bool plan_update; // the plan handler finds a reason of its own
    bool repeat;      // what fails repeats the secret
    atomic_int left;  // ms that the handler had, INT_MAX for no deadline; several threads ask at once
};
extern struct behaviour behave;
struct behaviour behave;

static inline bool note_validate(struct call *call, struct provider *provider, struct value config,
                                 struct err *err) {
    (void)provider;
    behave.left = call_left(call);
    if (behave.warn)
        call_warn(call, subject_at("a note", "text"), behave.warn, "detail of %s", behave.warn);
    const char *text = value_dig_string(config, "text", NULL);
    return !text || strcmp(text, "bad") != 0 || err_at(err, "text", "text must not be bad");
}

static inline bool note_plan(struct call *call, struct provider *provider, struct resource_plan *plan,
                             struct err *err) {
    (void)provider, (void)err;
    behave.left = call_left(call);
    if (behave.plan_update)
        resource_plan_update(call->arena, &NOTE, plan);
    plan->planned.private = value_with(call->arena, plan->planned.private, "planned", value_bool(true));
    return true;
}

static inline bool write_note(struct call *call, const struct resource_change *change,
                              struct resource_state *state, struct err *err) {
    struct arena *arena = call->arena;
    behave.left = call_left(call);
    const char *secret = value_dig_string(change->config, "secret_wo", NULL);
    static char seen[64];
    snprintf(seen, sizeof seen, "%s", secret ? secret : "");
    behave.seen = seen;
    state->value = change->planned.value;
    state->identity = value_with(arena, value_null(), "name", value_get(change->config, "name"));
    state->private = value_with(arena, state->private, "written", value_int(1));
    if (behave.repeat) {
        call_warn(call, subject_of(seen), "Repeated:", "warned of %s", seen);
        return err_set(err, ERR_INVALID, "Invalid value: \"%s\"", seen);
    }
    if (behave.fail)
        return err_set(err, ERR_TIMEOUT, "the pen broke");
    int64_t before = value_get_int(value_get(change->prior.value, "revision"));
    state->value = value_with(arena, state->value, "revision", value_int(before + 1));
    return true;
}

static inline bool note_create(struct call *call, struct provider *provider,
                               const struct resource_change *change, struct resource_state *state,
                               struct err *err) {
    (void)provider;
    assert_true(value_is_null(state->value));
    return write_note(call, change, state, err);
}

static inline bool note_update(struct call *call, struct provider *provider,
                               const struct resource_change *change, struct resource_state *state,
                               struct err *err) {
    (void)provider;
    return write_note(call, change, state, err);
}

static inline bool note_destroy(struct call *call, struct provider *provider, struct resource_state *state,
                                struct err *err) {
    (void)call, (void)provider, (void)state;
    return !behave.fail || err_set(err, ERR_CONFLICT, "still needed");
}

static inline bool note_read(struct call *call, struct provider *provider, struct resource_state *state,
                             struct err *err) {
    (void)provider, (void)err;
    behave.left = call_left(call);
    if (behave.gone)
        state->value = value_null();
    return true;
}

static inline bool note_import(struct call *call, struct provider *provider, const char *id,
                               struct value identity, struct resource_state *state, struct err *err) {
    (void)provider, (void)err;
    const char *name = id ? id : value_dig_string(identity, "name", NULL);
    state->value = value_with(call->arena, value_null(), "name", value_string(call->arena, name));
    state->identity = state->value;
    return true;
}

static inline bool note_move(struct call *call, struct provider *provider,
                             const struct resource_source *source, struct resource_state *state,
                             struct err *err) {
    (void)provider;
    if (strcmp(source->type, "old_note") != 0)
        return err_set(err, ERR_UNSUPPORTED, "A %s is no note.", source->type);
    state->value = value_with(call->arena, value_null(), "name", value_get(source->state, "title"));
    return true;
}

static inline bool note_upgrade(struct arena *arena, int64_t version, struct value json, struct value *out,
                                struct err *err) {
    (void)err;
    assert_true(version < 2);
    *out = value_with(arena, json, "text", value_get(json, "body"));
    return true;
}

static const struct resource_impl RESOURCE_NOTE = {
    .schema = &NOTE,
    .identity = &NOTE_IDENTITY,
    .validate = note_validate,
    .plan = note_plan,
    .create = note_create,
    .update = note_update,
    .destroy = note_destroy,
    .read = note_read,
    .import = note_import,
    .move = note_move,
    .upgrade = note_upgrade,
};

static const struct resource_impl *const RESOURCES[] = {&RESOURCE_NOTE, NULL};
static const struct data_impl *const DATA[] = {NULL};

static inline bool join_call(struct arena *arena, const struct value *args, size_t count, struct value *out,
                             struct err *err) {
    const char *text = "";
    for (size_t i = 1; i < count; i++) {
        if (!value_len(args[i]))
            return err_at(err, arena_printf(arena, "items[%zu]", i - 1), "an item is empty");
        text = arena_printf(arena, "%s%s%s", text, i > 1 ? value_get_string(args[0]) : "",
                            value_get_string(args[i]));
    }
    *out = value_string_ref(text);
    return true;
}

static const struct function_param JOIN_PARAMS[] = {{.name = "separator", .type = &type_string, .doc = "d"},
                                                    {0}};
static const struct function_param JOIN_REST = {.name = "items", .type = &type_string, .doc = "d"};
static const struct function_impl JOIN = {.name = "join",
                                          .summary = "s",
                                          .doc = "d",
                                          .params = JOIN_PARAMS,
                                          .variadic = &JOIN_REST,
                                          .returns = &type_string,
                                          .call = join_call};
static const struct function_impl *const FUNCTIONS[] = {&JOIN, NULL};
static const struct provider_content CONTENT = {&provider_config_schema, RESOURCES, DATA, FUNCTIONS};

// ---- sending ----

struct peer {
    struct arena *arena;
    struct protocol_service *service;
    const struct type *type;
    void *reply;
    size_t reply_size;
    atomic_bool stop;
    int stopped_others;
};

static inline void *peer_reply(void *transport, size_t size) {
    struct peer *peer = transport;
    assert_null(peer->reply);
    peer->reply = arena_alloc(peer->arena, size + 1);
    peer->reply_size = size;
    return peer->reply;
}

static inline void peer_stop_others(void *transport) {
    ((struct peer *)transport)->stopped_others++;
}

static inline bool peer_serve(struct peer *peer, const char *name, const void *request, size_t size) {
    struct protocol_rpc rpc = {.request = request,
                               .size = size,
                               .stop = &peer->stop,
                               .transport = peer,
                               .reply = peer_reply,
                               .stop_others = peer_stop_others};
    const struct protocol_method *method;
    while ((method = protocol_method_at(rpc.method)) && strcmp(strrchr(method->path, '/') + 1, name) != 0)
        rpc.method++;
    assert_non_null(method);
    peer->reply = NULL;
    return protocol_serve(peer->service, &rpc);
}

static void *peer_alloc(void *arena, size_t size) {
    return arena_alloc(arena, size);
}

static void peer_free(void *arena, void *pointer) {
    (void)arena, (void)pointer;
}

// Packs, serves, unpacks. The result lives in the peer's arena.
static inline void *ask(struct peer *peer, const char *name, const void *request,
                        const ProtobufCMessageDescriptor *response) {
    uint8_t *packed = arena_alloc(peer->arena, protobuf_c_message_get_packed_size(request) + 1);
    size_t size = protobuf_c_message_pack(request, packed);
    assert_true(peer_serve(peer, name, packed, size));
    ProtobufCAllocator allocator = {peer_alloc, peer_free, peer->arena};
    void *message = protobuf_c_message_unpack(response, &allocator, peer->reply_size, peer->reply);
    assert_non_null(message);
    return message;
}

// A DynamicValue of the resource's type from JSON with missing attributes null; "?" stands for unknown.
static inline TF(DynamicValue) *dynamic(struct peer *peer, struct value value) {
    struct err err = err_in(peer->arena);
    struct buf buf;
    buf_init(&buf, peer->arena);
    if (!msgpack_encode(&buf, value, peer->type, &err))
        fail_msg("%s", err.msg);
    TF(DynamicValue) *message = arena_alloc(peer->arena, sizeof *message);
    tfplugin6__dynamic_value__init(message);
    message->msgpack = (ProtobufCBinaryData){buf.len, (uint8_t *)buf_text(&buf)};
    return message;
}

static inline struct value undynamic(struct peer *peer, const TF(DynamicValue) *message) {
    struct value value;
    struct err err = err_in(peer->arena);
    assert_non_null(message);
    if (!msgpack_decode(peer->arena, message->msgpack.data, message->msgpack.len, peer->type, &value, &err))
        fail_msg("%s", err.msg);
    return value;
}

// The note with every attribute null but these: key, value pairs until NULL.
static inline struct value note(struct peer *peer, ...) {
    struct value object = value_map(peer->arena, NULL, 0);
    for (const struct schema_attr *attr = NOTE_ATTRS; attr->name; attr++)
        object = value_with(peer->arena, object, attr->name, value_null());
    va_list args;
    va_start(args, peer);
    for (const char *key; (key = va_arg(args, const char *));)
        object = value_with(peer->arena, object, key, va_arg(args, struct value));
    va_end(args);
    return object;
}

#define S(text) value_string_ref(text)

static inline int peer_setup(void **state) {
    struct peer *peer = calloc(1, sizeof *peer);
    peer->arena = arena_create();
    peer->service = protocol_service_create(&CONTENT);
    peer->type = schema_type(peer->arena, &NOTE);
    behave = (struct behaviour){0};
    *state = peer;
    return 0;
}

static inline int peer_teardown(void **state) {
    struct peer *peer = *state;
    protocol_service_destroy(peer->service);
    arena_destroy(peer->arena);
    free(peer);
    return 0;
}

#define PEER_TEST(name) cmocka_unit_test_setup_teardown(name, peer_setup, peer_teardown)

#endif
