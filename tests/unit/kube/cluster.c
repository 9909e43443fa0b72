// SPDX-License-Identifier: Apache-2.0
// Objects, discovery and errors against a real API server.
#include "cluster.h"

static void creates_reads_changes_deletes(void **state) {
    struct fixture *f = ready(state);
    struct kube_ref ref = KUBE_REF("v1", "ConfigMap", f->space, "one");
    struct value out;
    OK(kube_find(&f->call, f->client, &ref, &out, &f->err));
    assert_true(value_is_null(out));
    assert_false(kube_get(&f->call, f->client, &ref, &out, &f->err));
    assert_int_equal(f->err.kind, ERR_NOT_FOUND);
    OK(kube_create(&f->call, f->client, config_map(f, "one", "{\"a\":\"1\"}"), "me", &out, &f->err));
    assert_false(kube_create(&f->call, f->client, config_map(f, "one", "{}"), "me", &out, &f->err));
    assert_int_equal(f->err.kind, ERR_CONFLICT);
    struct kube_request patch = {.verb = KUBE_PATCH_MERGE,
                                 .ref = ref,
                                 .body = parse(f, "{\"data\":{\"b\":\"2\"}}"),
                                 .manager = "editor"};
    struct kube_answer answer;
    OK(kube_do(&f->call, f->client, &patch, &answer, &f->err));
    assert_string_equal(value_dig_string(answer.object, "data", "b", NULL), "2");
    struct kube_request replace = {.verb = KUBE_REPLACE,
                                   .body = value_without(f->arena, answer.object, "data")};
    OK(kube_do(&f->call, f->client, &replace, &answer, &f->err));
    assert_false(value_has(answer.object, "data"));
    replace.body = config_map(f, "one", "{}");
    replace.body = value_with(
        f->arena, replace.body, "metadata",
        value_with(f->arena, value_get(replace.body, "metadata"), "resourceVersion", value_string_ref("1")));
    assert_false(kube_do(&f->call, f->client, &replace, &answer, &f->err));
    assert_string_equal(answer.reason, "Conflict");
    struct kube_request wrong = {.verb = KUBE_DELETE, .ref = ref, .uid = "not-this-one"};
    assert_false(kube_do(&f->call, f->client, &wrong, &answer, &f->err));
    assert_int_equal(f->err.kind, ERR_CONFLICT);
    OK(kube_delete(&f->call, f->client, &ref, &f->err));
    OK(kube_delete(&f->call, f->client, &ref, &f->err));
}

static void applies_and_names_conflicting_managers(void **state) {
    struct fixture *f = ready(state);
    struct value out;
    OK(kube_apply(&f->call, f->client, config_map(f, "two", "{\"a\":\"1\",\"b\":\"1\"}"), "wandb", false,
                  &out, &f->err));
    assert_true(kube_is_manager(out, "wandb"));
    assert_false(kube_apply(&f->call, f->client, config_map(f, "two", "{\"a\":\"2\",\"b\":\"2\"}"), "other",
                            false, &out, &f->err));
    assert_int_equal(f->err.kind, ERR_CONFLICT);
    assert_string_equal(
        f->err.msg, arena_printf(f->arena,
                                 "apply ConfigMap/%s/two: conflict: data.a is managed by \"wandb\", data.b "
                                 "is managed by \"wandb\"",
                                 f->space));
    OK(kube_apply(&f->call, f->client, config_map(f, "two", "{\"a\":\"2\"}"), "other", true, &out, &f->err));
    struct kube_owners owners = kube_owners_at(f->arena, out, "data.a");
    assert_int_equal(owners.count, 1);
    assert_string_equal(owners.items[0].manager, "other");
    struct kube_request dry = {.verb = KUBE_APPLY,
                               .body = config_map(f, "three", "{}"),
                               .manager = "wandb",
                               .dry_run = true,
                               .validation = "Strict"};
    OK(kube_do(&f->call, f->client, &dry, NULL, &f->err));
    OK(kube_find(&f->call, f->client, &KUBE_REF("v1", "ConfigMap", f->space, "three"), &out, &f->err));
    assert_true(value_is_null(out));
    dry.body = value_with(f->arena, dry.body, "dtaa", value_int(1));
    assert_false(kube_do(&f->call, f->client, &dry, NULL, &f->err));
    assert_int_equal(f->err.kind, ERR_REFUSED);
    assert_non_null(strstr(f->err.msg, "dtaa"));
}

static void works_on_many_at_once(void **state) {
    struct fixture *f = ready(state);
    enum { MANY = 300 };
    struct kube_request *requests = arena_array(f->arena, MANY, sizeof *requests);
    struct kube_answer *answers = arena_array(f->arena, MANY, sizeof *answers);
    for (int i = 0; i < MANY; i++)
        requests[i] =
            (struct kube_request){.verb = KUBE_APPLY,
                                  .body = config_map(f, arena_printf(f->arena, "m%d", i), "{\"k\":\"v\"}"),
                                  .manager = "wandb"};
    unsigned long before = http_client_stats(kube_client_http(f->client)).requests;
    OK(kube_do_many(&f->call, f->client, requests, MANY, answers, &f->err));
    struct http_stats stats = http_client_stats(kube_client_http(f->client));
    assert_int_equal(stats.requests - before, MANY); // no discovery for built-in kinds
    assert_int_equal(stats.connections, 1);
    struct value list;
    OK(kube_list(&f->call, f->client, &KUBE_REF("v1", "ConfigMap", f->space, NULL), "set=x", &list, &f->err));
    assert_int_equal(value_len(list), MANY);
    assert_string_equal(value_dig_string(value_at(list, 7), "kind", NULL), "ConfigMap");
}

static void lists_page_by_page(void **state) {
    struct fixture *f = ready(state);
    struct kube_request *requests = arena_array(f->arena, 601, sizeof *requests);
    struct kube_answer *answers = arena_array(f->arena, 601, sizeof *answers);
    for (int i = 0; i < 601; i++)
        requests[i] = (struct kube_request){.verb = KUBE_CREATE,
                                            .body = config_map(f, arena_printf(f->arena, "p%d", i), "{}")};
    OK(kube_do_many(&f->call, f->client, requests, 601, answers, &f->err));
    struct value list;
    OK(kube_list(&f->call, f->client, &KUBE_REF("v1", "ConfigMap", f->space, NULL), "set=x", &list, &f->err));
    assert_int_equal(value_len(list), 601);
}

static void install_crd(struct fixture *f, const char *plural, const char *kind) {
    struct value crd = parse(
        f,
        "{\"apiVersion\":\"apiextensions.k8s.io/"
        "v1\",\"kind\":\"CustomResourceDefinition\",\"metadata\":{\"name\":"
        "\"%s.%s.example.com\"},\"spec\":{\"group\":\"%s.example.com\",\"scope\":\"Namespaced\",\"names\":{"
        "\"plural\":"
        "\"%s\",\"kind\":\"%s\"},\"versions\":[{\"name\":\"v1\",\"served\":true,\"storage\":true,\"schema\":{"
        "\"openAPIV3Schema\":{\"type\":\"object\",\"x-kubernetes-preserve-unknown-fields\":true}}}]}}",
        plural, f->space, f->space, plural, kind);
    struct kube_ref ref = kube_ref_of(crd);
    OK(kube_apply(&f->call, f->client, crd, "wandb", true, NULL, &f->err));
    OK(kube_wait_ready(&f->call, f->client, &ref, 1, &(struct kube_wait){0}, &f->err));
}

static void learns_of_kinds_that_come_and_go(void **state) {
    struct fixture *f = ready(state);
    const char *version = arena_printf(f->arena, "%s.example.com/v1", f->space);
    struct kube_ref ref = KUBE_REF(version, "Widget", f->space, "w");
    struct kube_answer answer;
    struct value out;
    assert_false(
        kube_do(&f->call, f->client, &(struct kube_request){.verb = KUBE_GET, .ref = ref}, &answer, &f->err));
    assert_int_equal(f->err.kind, ERR_NOT_FOUND);
    assert_string_equal(answer.reason, "NoKindMatch");
    install_crd(f, "widgets", "Widget");
    usleep(300000);
    struct value widget = parse(f,
                                "{\"apiVersion\":\"%s\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"w\","
                                "\"namespace\":\"%s\"},\"spec\":{\"x\":1}}",
                                version, f->space);
    OK(kube_apply(&f->call, f->client, widget, "wandb", false, &out, &f->err));
    assert_int_equal(value_get_int(value_dig(out, "spec", "x", NULL)), 1);
    const char *crd = arena_printf(f->arena, "widgets.%s.example.com", f->space);
    struct kube_ref crd_ref = KUBE_REF("apiextensions.k8s.io/v1", "CustomResourceDefinition", NULL, crd);
    OK(kube_delete(&f->call, f->client, &crd_ref, &f->err));
    OK(kube_wait_gone(&f->call, f->client, &crd_ref, 1, &f->err));
    for (int i = 0; i < 50; i++) { // the server takes a moment to stop serving it
        OK(kube_find(&f->call, f->client, &ref, &out, &f->err));
        assert_true(value_is_null(out));
        usleep(20000);
    }
}

static void lists_what_the_server_serves(void **state) {
    struct fixture *f = ready(state);
    const char *const *versions;
    size_t count;
    struct kube_version version;
    OK(kube_api_versions(&f->call, f->client, &versions, &count, &f->err));
    static const char *const expected[] = {"v1", "v1/Pod", "apps/v1", "apps/v1/Deployment",
                                           "batch/v1/CronJob"};
    for (size_t i = 0, j = 0; i < sizeof expected / sizeof *expected; i++) {
        for (j = 0; j < count && strcmp(versions[j], expected[i]); j++)
            ;
        assert_true(j < count);
    }
    OK(kube_server_version(&f->call, f->client, &version, &f->err));
    assert_int_equal(*version.git_version, 'v');
    assert_string_equal(version.major, "1");
}

static void says_who_may_not_do_what(void **state) {
    struct fixture *f = ready(state);
    struct kube_config nobody = f->config;
    nobody.login.impersonate.user = "system:serviceaccount:default:nobody";
    struct kube_client *client = kube_client_create(&nobody, NULL);
    struct kube_ref ref = KUBE_REF("apps/v1", "Deployment", f->space, "x");
    struct value out;
    assert_false(kube_find(&f->call, client, &ref, &out, &f->err));
    assert_int_equal(f->err.kind, ERR_FORBIDDEN);
    assert_non_null(strstr(f->err.msg, arena_printf(f->arena, "get Deployment/%s/x: forbidden", f->space)));
    assert_non_null(strstr(f->err.msg, "deployments"));
    kube_client_destroy(client);
    nobody.login.impersonate.user = NULL;
    nobody.login.token = "hush-wrong";
    nobody.login.client_certificate = nobody.login.client_key = NULL;
    client = kube_client_create(&nobody, NULL);
    assert_false(kube_find(&f->call, client, &ref, &out, &f->err));
    assert_int_equal(f->err.kind, ERR_UNAUTHORIZED);
    assert_null(strstr(f->err.msg, "hush"));
    kube_client_destroy(client);
    nobody.ca_pem = NULL;
    client = kube_client_create(&nobody, NULL);
    assert_false(kube_find(&f->call, client, &ref, &out, &f->err));
    assert_int_equal(f->err.kind, ERR_UNAVAILABLE);
    assert_non_null(strstr(f->err.msg, "certificate"));
    kube_client_destroy(client);
}

static bool can_read(struct fixture *f, const struct kube_config *config) {
    struct kube_client *client = kube_client_create(config, NULL);
    struct value out;
    f->err = err_in(f->arena);
    bool done = kube_get(&f->call, client, &KUBE_REF("v1", "Namespace", NULL, f->space), &out, &f->err);
    kube_client_destroy(client);
    return done;
}

static void proves_who_it_is_in_every_way(void **state) {
    struct fixture *f = ready(state);
    struct kube_settings settings = {.config_path = getenv("WANDB_TEST_KUBECONFIG"),
                                     .config_context_auth_info = "certificate"};
    struct kube_config config;
    OK(kube_config_resolve(&f->call, &settings, &config, &f->err));
    assert_non_null(config.login.client_certificate);
    OK(can_read(f, &config));
    // A plugin that prints a stale token first, then the right one.
    const char *counter = arena_printf(f->arena, "/tmp/%s", f->space);
    const char *script = arena_printf(
        f->arena,
        "test -e %s && t=%s || t=stale; touch %s; echo '{\"kind\":\"ExecCredential\",\"apiVersion\":"
        "\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"'$t'\"}}'",
        counter, f->config.login.token, counter);
    const char *args[] = {"-c", script};
    struct kube_exec exec = {"client.authentication.k8s.io/v1", "sh", args, 2, NULL, 0, false, NULL, NULL};
    config = f->config;
    config.login.token = NULL;
    config.login.exec = &exec;
    OK(can_read(f, &config));
    unlink(counter);
    // A certificate from a plugin.
    struct value pem = parse(f, "{}");
    OK(kube_config_resolve(&f->call, &settings, &config, &f->err));
    pem =
        value_with(f->arena, pem, "clientCertificateData", value_string_ref(config.login.client_certificate));
    pem = value_with(f->arena, pem, "clientKeyData", value_string_ref(config.login.client_key));
    args[1] = arena_printf(
        f->arena,
        "printf %%s "
        "'{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":"
        "%s}'",
        json_text(f->arena, pem));
    config.login.client_certificate = config.login.client_key = NULL;
    config.login.exec = &exec;
    OK(can_read(f, &config));
}

static void checks_the_servers_name(void **state) {
    struct fixture *f = ready(state);
    struct kube_config config = f->config;
    config.server_name = "kubernetes.default.svc";
    OK(can_read(f, &config));
    config.server_name = "wrong.example.com";
    assert_false(can_read(f, &config));
    assert_int_equal(f->err.kind, ERR_UNAVAILABLE);
    assert_non_null(strstr(f->err.msg, "certificate is not trusted"));
    config.insecure = true;
    config.ca_pem = NULL;
    OK(can_read(f, &config));
}

static void *hammer(void *arg) {
    struct fixture *f = arg;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    for (int i = 0; i < 10; i++) {
        struct value out;
        struct kube_ref ref = KUBE_REF("v1", "Namespace", NULL, f->space),
                        gone = KUBE_REF("none.example.com/v1", "None", f->space, "x");
        if (!kube_get(&call, f->client, &ref, &out, &err) || !kube_find(&call, f->client, &gone, &out, &err))
            return "failed";
    }
    return NULL;
}

static void shares_a_connection_among_threads(void **state) {
    struct fixture *f = ready(state);
    pthread_t threads[10];
    for (int i = 0; i < 10; i++)
        pthread_create(&threads[i], NULL, hammer, f);
    for (int i = 0; i < 10; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(http_client_stats(kube_client_http(f->client)).connections, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(creates_reads_changes_deletes),
        TEST(applies_and_names_conflicting_managers),
        TEST(works_on_many_at_once),
        TEST(lists_page_by_page),
        TEST(learns_of_kinds_that_come_and_go),
        TEST(lists_what_the_server_serves),
        TEST(says_who_may_not_do_what),
        TEST(proves_who_it_is_in_every_way),
        TEST(checks_the_servers_name),
        TEST(shares_a_connection_among_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
