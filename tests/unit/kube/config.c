// SPDX-License-Identifier: Apache-2.0
// Where the client's configuration comes from: precedence, merging, files, texts of errors.
#include "kube/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PEM(what) "-----BEGIN CERTIFICATE-----\n" what "\n-----END CERTIFICATE-----\n"

static const char *const variables[] = {"KUBE_HOST",
                                        "KUBE_USER",
                                        "KUBE_USERNAME",
                                        "KUBE_PASSWORD",
                                        "KUBE_INSECURE",
                                        "KUBE_TLS_SERVER_NAME",
                                        "KUBE_CLIENT_CERT_DATA",
                                        "KUBE_CLIENT_KEY_DATA",
                                        "KUBE_CLUSTER_CA_CERT_DATA",
                                        "KUBE_CONFIG_PATH",
                                        "KUBE_CONFIG_PATHS",
                                        "KUBE_CTX",
                                        "KUBE_CTX_AUTH_INFO",
                                        "KUBE_CTX_CLUSTER",
                                        "KUBE_TOKEN",
                                        "KUBE_PROXY_URL",
                                        "KUBECONFIG",
                                        "KUBERNETES_SERVICE_HOST",
                                        "KUBERNETES_SERVICE_PORT"};

static const char first_file[] =
    "apiVersion: v1\nkind: Config\ncurrent-context: prod\n"
    "clusters:\n"
    "- {name: c1, cluster: {server: 'https://one:6443', certificate-authority: ca.pem}}\n"
    "contexts:\n"
    "- {name: prod, context: {cluster: c1, user: u1, namespace: ns1}}\n"
    "users:\n"
    "- {name: u1, user: {token: first}}\n";
static const char second_file[] =
    "current-context: other\n"
    "clusters:\n"
    "- {name: c1, cluster: {server: 'https://not-this', insecure-skip-tls-verify: true, tls-server-name: "
    "nope}}\n"
    "- {name: c2, cluster: {server: 'https://two/', certificate-authority-data: LS0tLS1CRUdJTiBYCg==, "
    "proxy-url: 'http://p:1'}}\n"
    "contexts:\n"
    "- {name: other, context: {cluster: c2, user: u2}}\n"
    "users:\n"
    "- {name: u1, user: {username: nobody}}\n"
    "- name: u2\n"
    "  user:\n"
    "    exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [a, b], env: [{name: "
    "X, value: set}], "
    "provideClusterInfo: true, interactiveMode: IfAvailable}\n";

struct fixture {
    struct arena *arena;
    struct call call;
    struct err err;
    struct kube_config config;
    struct kube_settings settings;
    char folder[64];
    const char *one, *two;
};

static const char *put(struct fixture *f, const char *name, const char *text) {
    const char *path = arena_printf(f->arena, "%s/%s", f->folder, name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    return path;
}

static int set_up(void **state) {
    struct arena *arena = arena_create();
    struct fixture *f = arena_alloc(arena, sizeof *f);
    f->arena = arena;
    f->call = call_in(arena);
    f->err = err_in(arena);
    strcpy(f->folder, "/tmp/kubeconfig-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
    f->one = put(f, "one", first_file);
    f->two = put(f, "two", second_file);
    put(f, "ca.pem", PEM("one's"));
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    static const char *const names[] = {"one", "two", "ca.pem", "bad"};
    for (size_t i = 0; i < 4; i++)
        unlink(arena_printf(f->arena, "%s/%s", f->folder, names[i]));
    rmdir(f->folder);
    arena_destroy(f->arena);
    return 0;
}

static bool resolve(struct fixture *f) {
    f->err = err_in(f->arena);
    return kube_config_resolve(&f->call, &f->settings, &f->config, &f->err);
}

static void says_what_it_looked_for(void **state) {
    struct fixture *f = *state;
    assert_false(resolve(f));
    assert_int_equal(f->err.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(f->err.msg, "kubernetes.host"));
    assert_non_null(strstr(f->err.msg, "KUBE_CONFIG_PATH"));
    setenv("KUBECONFIG", "/does/not/exist:/nor/this", 1);
    assert_false(resolve(f));
    assert_non_null(strstr(f->err.msg, "names no file that exists"));
    assert_false(kube_config_resolve(&f->call, NULL, &f->config, &f->err));
}

static void takes_the_attributes(void **state) {
    struct fixture *f = *state;
    f->settings = (struct kube_settings){.host = "api.example.com:6443/",
                                         .token = "t",
                                         .cluster_ca_certificate = PEM("x"),
                                         .tls_server_name = "kubernetes",
                                         .proxy_url = "http://p"};
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://api.example.com:6443");
    assert_string_equal(f->config.token, "t");
    assert_string_equal(f->config.server_name, "kubernetes");
    assert_string_equal(f->config.proxy_url, "http://p");
    assert_string_equal(f->config.namespace, "default");
    assert_false(f->config.insecure);
}

static void configuration_beats_the_environment(void **state) {
    struct fixture *f = *state;
    struct kube_exec exec = {.api_version = "client.authentication.k8s.io/v1beta1", .command = "aws"};
    setenv("KUBE_HOST", "https://env", 1);
    setenv("KUBE_TOKEN", "env", 1);
    setenv("KUBE_CONFIG_PATH", f->two, 1);
    setenv("KUBE_CONFIG_PATHS", f->two, 1);
    setenv("KUBECONFIG", f->two, 1);
    setenv("KUBE_INSECURE", "true", 1);
    setenv("KUBE_PROXY_URL", "http://env-proxy", 1);
    f->settings =
        (struct kube_settings){.host = "https://mine", .exec = &exec, .cluster_ca_certificate = PEM("mine")};
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://mine");
    assert_ptr_equal(f->config.exec, &exec);
    assert_null(f->config.token); // a leftover KUBE_TOKEN does not beat the plugin
    assert_false(f->config.insecure);
    assert_string_equal(f->config.ca_pem, PEM("mine"));
    assert_string_equal(f->config.proxy_url, "http://env-proxy"); // not configured, so it is taken
    f->settings = (struct kube_settings){.config_path = f->one};
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://one:6443");
}

static void takes_kube_variables(void **state) {
    struct fixture *f = *state;
    setenv("KUBE_HOST", "https://env", 1);
    setenv("KUBE_USERNAME", "me", 1);
    setenv("KUBE_PASSWORD", "pw", 1);
    setenv("KUBE_INSECURE", "1", 1);
    setenv("KUBE_TLS_SERVER_NAME", "sn", 1);
    setenv("KUBECONFIG", f->one, 1);
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://env");
    assert_string_equal(f->config.username, "me");
    assert_string_equal(f->config.password, "pw");
    assert_string_equal(f->config.server_name, "sn");
    assert_true(f->config.insecure);
    setenv("KUBE_USER", "first", 1);
    assert_true(resolve(f));
    assert_string_equal(f->config.username, "first");
    setenv("KUBE_INSECURE", "perhaps", 1);
    assert_false(resolve(f));
    assert_non_null(strstr(f->err.msg, "KUBE_INSECURE is \"perhaps\""));
}

static void reads_a_kubeconfig(void **state) {
    struct fixture *f = *state;
    f->settings = (struct kube_settings){.config_path = f->one};
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://one:6443");
    assert_string_equal(f->config.ca_pem, PEM("one's")); // relative to the file
    assert_string_equal(f->config.token, "first");
    assert_string_equal(f->config.namespace, "ns1");
    assert_non_null(strstr(f->config.source, "context prod"));
    f->settings = (struct kube_settings){.config_path = f->one, .token = "mine", .insecure = KUBE_YES};
    assert_true(resolve(f));
    assert_string_equal(f->config.token, "mine");
    assert_null(f->config.ca_pem);
    assert_true(f->config.insecure);
}

static void merges_the_first_wins(void **state) {
    struct fixture *f = *state;
    setenv("KUBECONFIG", arena_printf(f->arena, "/no/such/file:%s::%s", f->one, f->two), 1);
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://one:6443");
    assert_null(f->config.server_name); // the second file's c1 is dropped whole
    assert_false(f->config.insecure);
    assert_null(f->config.username);
    f->settings.config_context = "other";
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://two");
    assert_string_equal(f->config.ca_pem, "-----BEGIN X\n");
    assert_string_equal(f->config.proxy_url, "http://p:1");
    assert_string_equal(f->config.exec->command, arena_printf(f->arena, "%s/./plugin", f->folder));
    assert_int_equal(f->config.exec->arg_count, 2);
    assert_string_equal(f->config.exec->args[1], "b");
    assert_string_equal(f->config.exec->env[0].value, "set");
    assert_true(f->config.exec->provide_cluster_info);
    f->settings.config_context_auth_info = "u1";
    assert_true(resolve(f));
    assert_string_equal(f->config.token, "first");
    assert_string_equal(f->config.host, "https://two");
    setenv("KUBE_CTX", "prod", 1); // configured beats it
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://two");
}

static void points_at_what_is_wrong(void **state) {
    struct fixture *f = *state;
    const char *files[] = {f->one, f->two};
    const char *bad = put(f, "bad", "clusters: [{name: c, cluster: {server: 'https://h'}}]\n");
    const char *empty = put(f, "empty", "");
    struct kube_exec old = {.api_version = "client.authentication.k8s.io/v1alpha1", .command = "aws"},
                     none = {0};
    const struct {
        struct kube_settings settings;
        const char *path, *words;
    } cases[] = {
        {{.config_path = "/no/such"}, "kubernetes.config_path", "No such file"},
        {{.config_path = "/tmp"}, "kubernetes.config_path", "directory"},
        {{.config_path = f->one, .config_context = "x"}, "kubernetes.config_context", "it has \"prod\""},
        {{.config_path = f->one, .config_context_cluster = "x"},
         "kubernetes.config_context_cluster",
         "it has \"c1\""},
        {{.config_path = f->one, .config_context_auth_info = "x"},
         "kubernetes.config_context_auth_info",
         "\"u1\""},
        {{.config_path = f->one, .config_paths = files, .config_path_count = 2},
         "kubernetes.config_path",
         "Both"},
        {{.config_path = "/no/such"},
         "kubernetes.config_path",
         "kubernetes.config_path: cannot read \"/no/such\""},
        {{.config_path = bad}, "kubernetes.config_context", "no current-context"},
        {{.config_path = empty}, NULL, "names no cluster and no context"},
        {{.host = "h", .token = "hush\n"}, "kubernetes.token", "ends with a line break"},
        {{.host = "h", .token = "hush\r\nX: y"}, "kubernetes.token", "control character"},
        {{.host = "h", .username = "a\tb"}, "kubernetes.username", "control character"},
        {{.host = "h", .proxy_url = "::::"}, "kubernetes.proxy_url", "is \"::::\""},
        {{.host = "h", .proxy_url = "proxy:3128"}, "kubernetes.proxy_url", "must be http://"},
        {{.host = "https://"}, NULL, "is \"https://\" (from the provider's configuration)"},
        {{.host = "https://a b"}, NULL, "the cluster's address \"https://a b\" (from"},
        {{.host = "h", .insecure = KUBE_YES, .cluster_ca_certificate = PEM("")},
         "kubernetes.insecure",
         "Both"},
        {{.host = "h", .client_certificate = PEM("")}, "kubernetes.client_key", "needs both"},
        {{.host = "h", .cluster_ca_certificate = "LS0tLS1CRUdJTiBD"},
         "kubernetes.cluster_ca_certificate",
         "base64decode()"},
        {{.host = "h", .exec = &old}, "kubernetes.exec.api_version", "v1alpha1"},
        {{.host = "h", .exec = &none}, "kubernetes.exec.command", "empty"},
        {{.host = "ftp://h"}, NULL, "https://HOST"},
        {{.host = "https://me:hush@h"}, NULL, "without user name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        f->settings = cases[i].settings;
        assert_false(resolve(f));
        assert_string_equal(f->err.path ? f->err.path : "-", cases[i].path ? cases[i].path : "-");
        assert_non_null(strstr(f->err.msg, cases[i].words));
        assert_null(strstr(f->err.msg, "hush"));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(says_what_it_looked_for), TEST(takes_the_attributes), TEST(configuration_beats_the_environment),
        TEST(takes_kube_variables),    TEST(reads_a_kubeconfig),   TEST(merges_the_first_wins),
        TEST(points_at_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
