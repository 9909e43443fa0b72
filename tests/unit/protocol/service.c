// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#include <pthread.h>

static const struct protocol_method *method_named(const char *path) {
    for (size_t i = 0; protocol_method_at(i); i++)
        if (!strcmp(protocol_method_at(i)->path, path))
            return protocol_method_at(i);
    return NULL;
}

static void methods(void **state) {
    (void)state;
    assert_true(method_named("/tfplugin6.Provider/StopProvider")->urgent);
    assert_false(method_named("/tfplugin6.Provider/ApplyResourceChange")->urgent);
    assert_null(method_named("/tfplugin6.Provider/ListResource"));
}

static void malformed_request_is_refused(void **state) {
    struct peer *peer = *state;
    assert_false(peer_serve(peer, "ReadResource", "\xff\xff\xff", 3));
    assert_null(peer->reply);
}

static TF(GetProviderSchema__Response) *get_schema(struct peer *peer) {
    TF(GetProviderSchema__Request) in = TFPLUGIN6__GET_PROVIDER_SCHEMA__REQUEST__INIT;
    return ask(peer, "GetProviderSchema", &in, &tfplugin6__get_provider_schema__response__descriptor);
}

static void schema(void **state) {
    struct peer *peer = *state;
    TF(GetProviderSchema__Response) *out = get_schema(peer);
    assert_int_equal(out->n_diagnostics, 0);
    assert_non_null(out->provider->block);
    assert_true(out->server_capabilities->plan_destroy);
    assert_true(out->server_capabilities->get_provider_schema_optional);
    assert_true(out->server_capabilities->move_resource_state);
    assert_int_equal(out->n_resource_schemas, 1);
    assert_string_equal(out->resource_schemas[0]->key, "wandb_note");
    const TF(Schema) *note_schema = out->resource_schemas[0]->value;
    assert_int_equal(note_schema->version, 2);
    assert_int_equal(note_schema->block->n_attributes, 5);
    assert_memory_equal(note_schema->block->attributes[2]->type.data, "\"dynamic\"", 9);
    assert_true(note_schema->block->attributes[3]->write_only);
    assert_int_equal(out->n_functions, 1);
    assert_non_null(out->functions[0]->value->return_);
    void *first = peer->reply;
    size_t size = peer->reply_size;
    get_schema(peer); // from the packed copy
    assert_int_equal(peer->reply_size, size);
    assert_memory_equal(peer->reply, first, size);
}

static void metadata_and_identity(void **state) {
    struct peer *peer = *state;
    TF(GetMetadata__Request) in = TFPLUGIN6__GET_METADATA__REQUEST__INIT;
    TF(GetMetadata__Response) *out =
        ask(peer, "GetMetadata", &in, &tfplugin6__get_metadata__response__descriptor);
    assert_string_equal(out->resources[0]->type_name, "wandb_note");
    assert_string_equal(out->functions[0]->name, "join");
    TF(GetResourceIdentitySchemas__Request)
    ask_identity = TFPLUGIN6__GET_RESOURCE_IDENTITY_SCHEMAS__REQUEST__INIT;
    TF(GetResourceIdentitySchemas__Response) *identity =
        ask(peer, "GetResourceIdentitySchemas", &ask_identity,
            &tfplugin6__get_resource_identity_schemas__response__descriptor);
    assert_int_equal(identity->n_identity_schemas, 1);
    assert_true(identity->identity_schemas[0]->value->identity_attributes[0]->required_for_import);
}

static TF(ValidateResourceConfig__Response) *validate(struct peer *peer, struct value config,
                                                      bool write_only) {
    TF(ClientCapabilities) client = TFPLUGIN6__CLIENT_CAPABILITIES__INIT;
    client.write_only_attributes_allowed = write_only;
    TF(ValidateResourceConfig__Request) in = TFPLUGIN6__VALIDATE_RESOURCE_CONFIG__REQUEST__INIT;
    in.type_name = "wandb_note";
    in.config = dynamic(peer, config);
    in.client_capabilities = &client;
    return ask(peer, "ValidateResourceConfig", &in,
               &tfplugin6__validate_resource_config__response__descriptor);
}

static void validation_points_at_attributes(void **state) {
    struct peer *peer = *state;
    TF(ValidateResourceConfig__Response) *out = validate(peer, note(peer, "name", S("a"), NULL), false);
    assert_int_equal(out->n_diagnostics, 0);
    out = validate(peer, note(peer, "name", S("a"), "text", S("bad"), NULL), true);
    assert_int_equal(out->n_diagnostics, 1);
    assert_int_equal(out->diagnostics[0]->severity, TFPLUGIN6__DIAGNOSTIC__SEVERITY__ERROR);
    assert_string_equal(out->diagnostics[0]->summary, "Invalid configuration");
    assert_int_equal(out->diagnostics[0]->attribute->n_steps, 1);
    assert_string_equal(out->diagnostics[0]->attribute->steps[0]->attribute_name, "text");
    out = validate(peer, note(peer, "name", S("a"), "secret_wo", S("hush"), NULL), false);
    assert_int_equal(out->n_diagnostics, 1);
    assert_non_null(strstr(out->diagnostics[0]->detail, "write-only"));
    out = validate(peer, note(peer, "name", value_unknown(), "text", value_unknown(), NULL), true);
    assert_int_equal(out->n_diagnostics, 0);
}

static void warnings_are_valid_utf8(void **state) {
    struct peer *peer = *state;
    behave.warn = "caf\xe9 \xe2\x82\xac";
    TF(ValidateResourceConfig__Response) *out = validate(peer, note(peer, "name", S("a"), NULL), true);
    assert_int_equal(out->n_diagnostics, 1);
    assert_int_equal(out->diagnostics[0]->severity, TFPLUGIN6__DIAGNOSTIC__SEVERITY__WARNING);
    assert_string_equal(out->diagnostics[0]->summary, "caf\xef\xbf\xbd \xe2\x82\xac a note");
    assert_string_equal(out->diagnostics[0]->attribute->steps[0]->attribute_name, "text");
}

static void nothing_reaches_the_terminal_that_it_would_obey(void **state) {
    struct peer *peer = *state;
    behave.warn = "red \x1b[31m, bell \a, C1 \xc2\x9b, a tab\tstays";
    TF(ValidateResourceConfig__Response) *out = validate(peer, note(peer, "name", S("a"), NULL), true);
    assert_string_equal(out->diagnostics[0]->summary, "red  [31m, bell  , C1   , a tab\tstays a note");
}

static void unknown_type_is_an_error(void **state) {
    struct peer *peer = *state;
    TF(ReadResource__Request) in = TFPLUGIN6__READ_RESOURCE__REQUEST__INIT;
    in.type_name = "wandb_nothing";
    TF(ReadResource__Response) *out =
        ask(peer, "ReadResource", &in, &tfplugin6__read_resource__response__descriptor);
    assert_int_equal(out->n_diagnostics, 1);
    assert_non_null(strstr(out->diagnostics[0]->detail, "wandb_nothing"));
}

static void stop_reaches_the_others(void **state) {
    struct peer *peer = *state;
    TF(StopProvider__Request) in = TFPLUGIN6__STOP_PROVIDER__REQUEST__INIT;
    TF(StopProvider__Response) *out =
        ask(peer, "StopProvider", &in, &tfplugin6__stop_provider__response__descriptor);
    assert_string_equal(out->error, "");
    assert_int_equal(peer->stopped_others, 1);
}

static TF(DynamicValue) *text_argument(struct peer *peer, const char *text) {
    const struct type *type = peer->type;
    peer->type = &type_string;
    TF(DynamicValue) *message = dynamic(peer, S(text));
    peer->type = type;
    return message;
}

static void functions(void **state) {
    struct peer *peer = *state;
    TF(DynamicValue) *args[] = {text_argument(peer, "-"), text_argument(peer, "a"), text_argument(peer, "b")};
    TF(CallFunction__Request) in = TFPLUGIN6__CALL_FUNCTION__REQUEST__INIT;
    in.name = "join";
    in.arguments = args;
    in.n_arguments = 3;
    TF(CallFunction__Response) *out =
        ask(peer, "CallFunction", &in, &tfplugin6__call_function__response__descriptor);
    assert_null(out->error);
    peer->type = &type_string;
    assert_string_equal(value_get_string(undynamic(peer, out->result)), "a-b");
    args[2] = text_argument(peer, "");
    out = ask(peer, "CallFunction", &in, &tfplugin6__call_function__response__descriptor);
    assert_string_equal(out->error->text, "an item is empty");
    assert_int_equal(out->error->function_argument, 2);
    assert_int_equal(out->error->maybe_function_argument_case, 2);
    args[2] = arena_alloc(peer->arena, sizeof *args[2]);
    tfplugin6__dynamic_value__init(args[2]); // OpenTofu's null
    out = ask(peer, "CallFunction", &in, &tfplugin6__call_function__response__descriptor);
    assert_string_equal(out->error->text, "items must not be null.");
    in.n_arguments = 0;
    out = ask(peer, "CallFunction", &in, &tfplugin6__call_function__response__descriptor);
    assert_string_equal(out->error->text, "join needs more than 0 arguments.");
    in.name = "split";
    out = ask(peer, "CallFunction", &in, &tfplugin6__call_function__response__descriptor);
    assert_non_null(strstr(out->error->text, "split"));
    assert_int_equal(out->error->maybe_function_argument_case, 0);
}

static TF(ConfigureProvider__Response) *configure(struct peer *peer, struct value config) {
    const struct type *type = peer->type;
    peer->type = schema_type(peer->arena, &provider_config_schema);
    TF(ConfigureProvider__Request) in = TFPLUGIN6__CONFIGURE_PROVIDER__REQUEST__INIT;
    in.terraform_version = "1.11.4";
    in.config = dynamic(peer, config);
    peer->type = type;
    return ask(peer, "ConfigureProvider", &in, &tfplugin6__configure_provider__response__descriptor);
}

static void configuration_is_replaceable_and_may_be_unknown(void **state) {
    struct peer *peer = *state;
    struct value kubernetes = value_with(peer->arena, value_null(), "host", value_unknown());
    struct value config = value_with(peer->arena, value_null(), "kubernetes", kubernetes);
    for (int i = 0; i < 3; i++)
        assert_int_equal(configure(peer, config)->n_diagnostics, 0);
    struct call call = call_in(peer->arena);
    struct err err = err_in(peer->arena);
    struct provider *provider = provider_configure(&call, config, "1.11.4", &err);
    assert_non_null(provider);
    assert_false(provider_knows(provider, "kubernetes", &err));
    assert_non_null(strstr(err.msg, "kubernetes.host is not known before apply"));
    assert_true(provider_knows(provider, "deployer_url", &err));
    assert_string_equal(provider_settings(provider)->deployer_url, "https://deploy.wandb.ai");
    provider_release(provider);
}

static void settings(void **state) {
    struct peer *peer = *state;
    struct err err = err_in(peer->arena);
    struct call call = call_in(peer->arena);
    static const char text[] =
        "{\"kubernetes\":{\"host\":\"https://h\",\"insecure\":true,\"config_paths\":[\"a\",\"b\"],\"exec\":"
        "{\"api_version\":\"client.authentication.k8s.io/v1\",\"command\":\"aws\",\"args\":[\"eks\"],\"env\":"
        "{\"A\":\"1\"}}},\"registries\":[{\"url\":\"oci://r\",\"username\":\"u\",\"password\":\"p\"}],"
        "\"field_manager\":\"me\"}";
    struct value json, config;
    assert_true(json_decode(peer->arena, text, sizeof text - 1, &json, &err));
    assert_true(
        state_conform(peer->arena, json, schema_type(peer->arena, &provider_config_schema), &config, &err));
    struct provider *provider = provider_configure(&call, config, "1.11.4", &err);
    const struct provider_settings *out = provider_settings(provider);
    assert_string_equal(out->kube.host, "https://h");
    assert_int_equal(out->kube.insecure, KUBE_YES);
    assert_int_equal(out->kube.config_path_count, 2);
    assert_string_equal(out->kube.login.exec->command, "aws");
    assert_string_equal(out->kube.login.exec->args[0], "eks");
    assert_string_equal(out->kube.login.exec->env[0].value, "1");
    assert_string_equal(((const struct provider_registry *)out->registries.items)[0].password, "p");
    assert_string_equal(out->field_manager, "me");
    provider_release(provider);
}

// Whatever is optional and empty is as if it were not there, and so falls back.
static void empty_settings(void **state) {
    struct peer *peer = *state;
    struct err err = err_in(peer->arena);
    struct call call = call_in(peer->arena);
    static const char text[] =
        "{\"kubernetes\":{\"host\":\"\",\"username\":\"\",\"password\":\"\",\"token\":\"\",\"tls_server_"
        "name\":\"\","
        "\"client_certificate\":\"\",\"client_key\":\"\",\"cluster_ca_certificate\":\"\",\"config_path\":"
        "\"\","
        "\"config_paths\":[\"\",\"a\",\"\"],\"config_context\":\"\",\"config_context_auth_info\":\"\","
        "\"config_context_cluster\":\"\",\"proxy_url\":\"\"},\"field_manager\":\"\",\"registry_config_path\":"
        "\"\","
        "\"deployer_url\":\"\"}";
    struct value json, config;
    assert_true(json_decode(peer->arena, text, sizeof text - 1, &json, &err));
    assert_true(
        state_conform(peer->arena, json, schema_type(peer->arena, &provider_config_schema), &config, &err));
    assert_int_equal(schema_validate(peer->arena, &provider_config_schema, config, true).count, 0);
    assert_true(provider_validate(&call, config, &err)); // config_path says nothing beside config_paths
    struct provider *provider = provider_configure(&call, config, "1.11.4", &err);
    const struct provider_settings *out = provider_settings(provider);
    assert_int_equal(out->kube.config_path_count, 1);
    assert_string_equal(out->kube.config_paths[0], "a");
    assert_string_equal(out->field_manager, "terraform-provider-wandb");
    assert_string_equal(out->deployer_url, "https://deploy.wandb.ai");
    assert_null(out->registry_config_path);
    provider_release(provider);
}

// ---- many at once, while the configuration is replaced under them ----

enum { THREADS = 8, ROUNDS = 60 };

static void *configure_often(void *service) {
    for (int i = 0; i < ROUNDS; i++) {
        struct peer peer = {.arena = arena_create(), .service = service, .type = &type_string};
        struct value manager = value_string(peer.arena, i % 2 ? "one" : "two");
        assert_int_equal(
            configure(&peer, value_with(peer.arena, value_null(), "field_manager", manager))->n_diagnostics,
            0);
        arena_destroy(peer.arena);
    }
    return NULL;
}

static void *ask_often(void *service) {
    for (int i = 0; i < ROUNDS; i++) {
        struct peer peer = {.arena = arena_create(), .service = service};
        peer.type = schema_type(peer.arena, &NOTE);
        assert_int_equal(get_schema(&peer)->n_diagnostics, 0);
        assert_int_equal(validate(&peer, note(&peer, "name", S("a"), NULL), true)->n_diagnostics, 0);
        arena_destroy(peer.arena);
    }
    return NULL;
}

static void threads(void **state) {
    struct peer *peer = *state;
    pthread_t ids[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&ids[i], NULL, i % 2 ? ask_often : configure_often, peer->service),
                         0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(ids[i], NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        PEER_TEST(methods),
        PEER_TEST(malformed_request_is_refused),
        PEER_TEST(schema),
        PEER_TEST(metadata_and_identity),
        PEER_TEST(validation_points_at_attributes),
        PEER_TEST(warnings_are_valid_utf8),
        PEER_TEST(nothing_reaches_the_terminal_that_it_would_obey),
        PEER_TEST(unknown_type_is_an_error),
        PEER_TEST(stop_reaches_the_others),
        PEER_TEST(functions),
        PEER_TEST(configuration_is_replaceable_and_may_be_unknown),
        PEER_TEST(settings),
        PEER_TEST(empty_settings),
        PEER_TEST(threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
