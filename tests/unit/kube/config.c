// SPDX-License-Identifier: Apache-2.0
// Where the client's configuration comes from: precedence, merging, files, texts of errors.
#include "kube/config.h"

#include "base/buf.h"
#include "codec/base64.h"
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

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
    "- {name: c2, cluster: {server: 'https://two/', certificate-authority-data: %s, proxy-url: "
    "'http://p:1'}}\n"
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

// The certificate of all tests, and a kubeconfig's form of it.
static struct crypto_certificate pair;

static const char *in_base64(struct arena *arena, const char *text) {
    struct buf out;
    buf_init(&out, arena);
    base64_encode(&out, text, strlen(text));
    return buf_text(&out);
}

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
    f->two = put(f, "two", arena_printf(arena, second_file, in_base64(arena, pair.cert)));
    put(f, "ca.pem", pair.cert);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    static const char *const names[] = {"one", "two", "ca.pem", "bad", "empty"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
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
                                         .login.token = "t",
                                         .cluster_ca_certificate = pair.cert,
                                         .tls_server_name = "kubernetes",
                                         .proxy_url = "http://p"};
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://api.example.com:6443");
    assert_string_equal(f->config.login.token, "t");
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
    f->settings = (struct kube_settings){
        .host = "https://mine", .login.exec = &exec, .cluster_ca_certificate = pair.cert};
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://mine");
    assert_ptr_equal(f->config.login.exec, &exec);
    assert_null(f->config.login.token); // a leftover KUBE_TOKEN does not beat the plugin
    assert_false(f->config.insecure);
    assert_string_equal(f->config.ca_pem, pair.cert);
    assert_string_equal(f->config.proxy_url, "http://env-proxy"); // not configured, so it is taken
    f->settings = (struct kube_settings){.config_path = f->one};
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://one:6443");
}

static void empty_attributes_fall_back(void **state) {
    struct fixture *f = *state;
    const struct kube_settings empty = {.host = "",
                                        .cluster_ca_certificate = "",
                                        .tls_server_name = "",
                                        .proxy_url = "",
                                        .config_context = "",
                                        .login = {.token = "", .client_certificate = "", .client_key = ""}};
    f->settings = empty;
    f->settings.config_path = f->one;
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://one:6443");
    assert_string_equal(f->config.ca_pem, pair.cert);
    assert_string_equal(f->config.login.token, "first");
    f->settings = empty;
    setenv("KUBE_HOST", "https://env", 1);
    setenv("KUBE_CLUSTER_CA_CERT_DATA", pair.cert, 1);
    setenv("KUBE_TOKEN", "env", 1);
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://env");
    assert_string_equal(f->config.ca_pem, pair.cert);
    assert_string_equal(f->config.login.token, "env");
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
    assert_string_equal(f->config.login.username, "me");
    assert_string_equal(f->config.login.password, "pw");
    assert_string_equal(f->config.server_name, "sn");
    assert_true(f->config.insecure);
    setenv("KUBE_USER", "first", 1);
    assert_true(resolve(f));
    assert_string_equal(f->config.login.username, "first");
    setenv("KUBE_INSECURE", "perhaps", 1);
    assert_false(resolve(f));
    assert_non_null(strstr(f->err.msg, "KUBE_INSECURE is \"perhaps\""));
}

static void reads_a_kubeconfig(void **state) {
    struct fixture *f = *state;
    f->settings = (struct kube_settings){.config_path = f->one};
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://one:6443");
    assert_string_equal(f->config.ca_pem, pair.cert); // relative to the file
    assert_string_equal(f->config.login.token, "first");
    assert_string_equal(f->config.namespace, "ns1");
    assert_non_null(strstr(f->config.source, "context prod"));
    f->settings = (struct kube_settings){.config_path = f->one, .login.token = "mine", .insecure = KUBE_YES};
    assert_true(resolve(f));
    assert_string_equal(f->config.login.token, "mine");
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
    assert_null(f->config.login.username);
    f->settings.config_context = "other";
    assert_true(resolve(f));
    assert_string_equal(f->config.host, "https://two");
    assert_string_equal(f->config.ca_pem, pair.cert);
    assert_string_equal(f->config.proxy_url, "http://p:1");
    assert_string_equal(f->config.login.exec->command, arena_printf(f->arena, "%s/./plugin", f->folder));
    assert_int_equal(f->config.login.exec->arg_count, 2);
    assert_string_equal(f->config.login.exec->args[1], "b");
    assert_string_equal(f->config.login.exec->env[0].value, "set");
    assert_true(f->config.login.exec->provide_cluster_info);
    f->settings.config_context_auth_info = "u1";
    assert_true(resolve(f));
    assert_string_equal(f->config.login.token, "first");
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
    struct crypto_certificate other = make_pair(f->arena, "ecdsa");
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
        {{.host = "h", .login.token = "hush\n"}, "kubernetes.token", "ends with a line break"},
        {{.host = "h", .login.token = "hush\r\nX: y"}, "kubernetes.token", "control character"},
        {{.host = "h", .login.username = "a\tb"}, "kubernetes.username", "control character"},
        {{.host = "h", .proxy_url = "::::"}, "kubernetes.proxy_url", "is \"::::\""},
        {{.host = "h", .proxy_url = "proxy:3128"}, "kubernetes.proxy_url", "must be http://"},
        {{.host = "https://"}, NULL, "is \"https://\" (from the provider's configuration)"},
        {{.host = "https://a b"}, NULL, "the cluster's address \"https://a b\" (from"},
        {{.host = "h", .insecure = KUBE_YES, .cluster_ca_certificate = pair.cert},
         "kubernetes.insecure",
         "Both"},
        {{.host = "h", .login.client_certificate = pair.cert}, "kubernetes.client_key", "needs both"},
        {{.host = "h", .cluster_ca_certificate = "LS0tLS1CRUdJTiBD"},
         "kubernetes.cluster_ca_certificate",
         "base64decode()"},
        {{.host = "h", .login.exec = &old}, "kubernetes.exec.api_version", "v1alpha1"},
        {{.host = "h", .login.exec = &none}, "kubernetes.exec.command", "empty"},
        {{.host = "ftp://h"}, NULL, "https://HOST"},
        {{.host = "https://me:hush@h"}, NULL, "without user name"},
        {{.host = "h", .proxy_url = "http://me:hush@p:99999"},
         "kubernetes.proxy_url",
         "not shown, it may hold"},
        {{.host = "h", .proxy_url = "http://me:hu/hush@p:1"},
         "kubernetes.proxy_url",
         "not shown, it may hold"},
        {{.host = "http://h", .login.token = "hush"}, NULL, "a token is given for it"},
        {{.host = "http://h", .login.username = "me", .login.password = "hush"},
         NULL,
         "a user name and password"},
        {{.host = "http://127.example.com", .login.token = "hush"}, NULL, "Write https://"},
        {{.host = "h", .login.client_certificate = pair.cert, .login.client_key = "hush"},
         "kubernetes.client_key",
         "client_key is not PEM"},
        {{.host = "h", .login.client_certificate = pair.cert, .login.client_key = other.key},
         "kubernetes.client_key",
         "is not the key of the client certificate"},
        {{.host = "h", .login.client_certificate = pair.key, .login.client_key = pair.key},
         "kubernetes.client_certificate",
         "PEM of something else"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        f->settings = cases[i].settings;
        assert_false(resolve(f));
        assert_string_equal(f->err.path ? f->err.path : "-", cases[i].path ? cases[i].path : "-");
        assert_non_null(strstr(f->err.msg, cases[i].words));
        assert_null(strstr(f->err.msg, "hush"));
    }
}

// A kubeconfig whose one user, or cluster, says this.
static bool resolve_with(struct fixture *f, const char *cluster, const char *user) {
    f->settings = (struct kube_settings){
        .config_path =
            put(f, "bad",
                arena_printf(f->arena,
                             "current-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
                             "clusters: [{name: c, cluster: %s}]\nusers: [{name: u, user: %s}]\n",
                             cluster, user))};
    return resolve(f);
}

#define CLUSTER "{server: 'https://h'}"
#define EXEC(more) "{exec: {apiVersion: client.authentication.k8s.io/v1" more "}}"

static void is_strict_with_what_a_user_says(void **state) {
    struct fixture *f = *state;
    const char *cert =
        arena_printf(f->arena, "{client-certificate-data: %s}", in_base64(f->arena, pair.cert));
    const char *binary = arena_printf(f->arena, "{client-certificate-data: %s, client-key-data: MIIBAAAB}",
                                      in_base64(f->arena, pair.cert));
    const struct {
        const char *cluster, *user, *words; // words NULL: fine
    } cases[] = {
        {CLUSTER, "{token: hush}", NULL},
        {CLUSTER, "{token: 12345}", "user \"u\": token holds a number"},
        {CLUSTER, "[hush]", "user \"u\" holds a list"},
        {CLUSTER, EXEC(", command: aws"), NULL},
        {CLUSTER, EXEC(""), "user \"u\", exec: command is missing"},
        {CLUSTER, EXEC(", command: ''"), "command is missing"},
        {CLUSTER, EXEC(", command: [hush]"), "command holds a list"},
        {CLUSTER, EXEC(", command: aws, args: hush"), "args holds a string"},
        {CLUSTER, EXEC(", command: aws, args: [a, 1]"), "args[1] holds a number"},
        {CLUSTER, EXEC(", command: aws, env: [{value: hush}]"), "env[0] needs a name"},
        {CLUSTER, EXEC(", command: aws, env: [{name: A, value: 1}]"), "env[0].value holds a number"},
        {CLUSTER, EXEC(", command: aws, env: {A: hush}"), "env holds a map"},
        {CLUSTER, EXEC(", command: aws, provideClusterInfo: 'true'"), "true or false is needed"},
        {CLUSTER, EXEC(", command: aws, interactiveMode: Sometimes"), "must be Never, IfAvailable or Always"},
        {CLUSTER, "{exec: aws}", "exec holds a string"},
        {CLUSTER, "{exec: {command: aws}}", "a credential plugin speaks"},
        {CLUSTER, cert, "client-certificate is given without client-key"},
        {CLUSTER, binary, "client-key-data holds base64 of binary data"},
        {CLUSTER, "{client-key-data: aHVzaA==}", "client-key is not PEM"},
        {CLUSTER, "{client-key-data: '!'}", "client-key-data: "},
        {"{server: 'https://h', certificate-authority-data: aHVzaA==}", "{}",
         "certificate-authority is not PEM"},
        {"{server: 1}", "{}", "server holds a number"},
        {"{server: 'https://h', insecure-skip-tls-verify: 1}", "{}", "true or false is needed"},
        {"{server: 'https://h', proxy-url: 'http://me:hush@p:99999'}", "{}",
         "not shown, it may hold a password"},
        {"{server: 'http://h'}", "{token: hush}", "a token is given for it"},
        {"{server: 'http://h'}", EXEC(", command: aws"), "a credential plugin is given for it"},
        {"{server: 'http://h'}", "{}", NULL},
        {"{server: 'http://localhost:8001'}", "{token: hush}", NULL},
        {"{}", "{}", "names no server"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool taken = resolve_with(f, cases[i].cluster, cases[i].user);
        if (taken != !cases[i].words || (!taken && !strstr(f->err.msg, cases[i].words)))
            fail_msg("%s %s: %s", cases[i].cluster, cases[i].user, taken ? "is taken" : f->err.msg);
        assert_true(taken || !strstr(f->err.msg, "hush"));
    }
}

// As in the provider's configuration.
static void takes_an_empty_text_for_none(void **state) {
    struct fixture *f = *state;
    assert_true(resolve_with(f, CLUSTER,
                             "{token: '', tokenFile: '', username: '', password: '', exec: {apiVersion: "
                             "client.authentication.k8s.io/v1, command: aws}}"));
    const struct kube_login *login = &f->config.login;
    assert_true(!login->token && !login->token_file && !login->username && !login->password);
    assert_string_equal(login->exec->command, "aws");
    assert_true(resolve_with(f, "{server: 'http://h'}", "{token: ''}"));
}

static void acts_as_somebody_else(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *user, *words;
    } refused[] = {
        {"{as-groups: [g]}", "need `as`"},
        {"{as-uid: '1'}", "need `as`"},
        {"{as: '', as-user-extra: {k: [v]}}", "need `as`"},
        {"{as: 12}", "as holds a number"},
        {"{as: a, as-groups: g}", "as-groups holds a string"},
        {"{as: a, as-groups: [1]}", "as-groups[0] holds a number"},
        {"{as: a, as-groups: ['']}", "cannot be sent"},
        {"{as: a, as-groups: [' g']}", "begins or ends with a blank"},
        {"{as: a, as-user-extra: {k: v}}", "k holds a string"},
        {"{as: a, as-user-extra: [v]}", "as-user-extra holds a list"},
        {"{as: a, as-user-extra: {k: ['']}}", "cannot be sent"},
        {"{as: a, as-user-extra: {'': [v]}}", "a key without a name"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (resolve_with(f, CLUSTER, refused[i].user) || !strstr(f->err.msg, refused[i].words))
            fail_msg("%s: %s", refused[i].user, f->err.msg ? f->err.msg : "is taken");
    assert_true(resolve_with(f, CLUSTER,
                             "{as: a, as-uid: '7', as-groups: [g, h], as-user-extra: {k: [v, w], l: [x]}}"));
    const struct kube_impersonation *as = &f->config.login.impersonate;
    assert_string_equal(as->user, "a");
    assert_string_equal(as->uid, "7");
    assert_true(as->group_count == 2 && !strcmp(as->groups[1], "h"));
    assert_int_equal(as->extra_count, 3);
    assert_string_equal(as->extra[1].name, "k");
    assert_string_equal(as->extra[1].value, "w");
    assert_string_equal(as->extra[2].name, "l");
    f->settings.login.token = "t"; // another user altogether
    assert_true(resolve(f));
    assert_null(f->config.login.impersonate.user);
    assert_int_equal(f->config.login.impersonate.group_count, 0);
}

static struct arena *lasting;

static int make_pair_of_all(void **state) {
    (void)state;
    lasting = arena_create();
    pair = make_pair(lasting, "ecdsa");
    return 0;
}

static int drop_pair_of_all(void **state) {
    (void)state;
    arena_destroy(lasting);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(says_what_it_looked_for),
        TEST(takes_the_attributes),
        TEST(configuration_beats_the_environment),
        TEST(empty_attributes_fall_back),
        TEST(takes_kube_variables),
        TEST(reads_a_kubeconfig),
        TEST(merges_the_first_wins),
        TEST(points_at_what_is_wrong),
        TEST(is_strict_with_what_a_user_says),
        TEST(takes_an_empty_text_for_none),
        TEST(acts_as_somebody_else),
    };
    return cmocka_run_group_tests(tests, make_pair_of_all, drop_pair_of_all);
}
