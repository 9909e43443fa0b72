// SPDX-License-Identifier: Apache-2.0
// Credential plugins, played by shell scripts.
#include "codec/json.h"
#include "kube/private.h"
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define V1 "client.authentication.k8s.io/v1"
#define SAY(status) "echo '{\"apiVersion\":\"" V1 "\",\"kind\":\"ExecCredential\",\"status\":{" status "}}'"

struct fixture {
    struct arena *arena;
    struct call call;
    struct err err;
    struct kube_exec exec;
    struct kube_config config;
    struct kube_issued result;
};

static bool run(struct fixture *f, const char *script) {
    const char **args = arena_array(f->arena, 2, sizeof *args);
    args[0] = "-c";
    args[1] = script;
    f->exec.api_version = V1;
    f->exec.command = "sh";
    f->exec.args = args;
    f->exec.arg_count = 2;
    f->config.host = "https://h";
    f->config.login.exec = &f->exec;
    f->err = err_in(f->arena);
    f->result = (struct kube_issued){0};
    return kube_exec_run(&f->call, &f->config, &f->result, &f->err);
}

#define OK(condition)                                                                                        \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            fail_msg("%s", f->err.msg);                                                                      \
    } while (0)

static int set_up(void **state) {
    struct arena *arena = arena_create();
    struct fixture *f = arena_alloc(arena, sizeof *f);
    f->arena = arena;
    f->call = call_in(arena);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    arena_destroy(f->arena);
    return 0;
}

static const char *says_pair(struct fixture *f, const char *cert, const char *key) {
    return arena_printf(f->arena,
                        "cat <<'END'\n{\"apiVersion\":\"" V1 "\",\"kind\":\"ExecCredential\",\"status\":{"
                        "\"clientCertificateData\":%s,\"clientKeyData\":%s,"
                        "\"expirationTimestamp\":\"2099-01-01T00:00:00Z\"}}\nEND",
                        json_text(f->arena, value_string_ref(cert)),
                        json_text(f->arena, value_string_ref(key)));
}

static void reads_what_it_prints(void **state) {
    struct fixture *f = *state;
    OK(run(f, SAY("\"token\":\"t\"")));
    assert_string_equal(f->result.token, "t");
    assert_true(f->result.valid_ms == INT64_MAX);
    struct crypto_certificate pair = make_pair(f->arena, "ecdsa"), other = make_pair(f->arena, "ecdsa");
    OK(run(f, says_pair(f, pair.cert, pair.key)));
    assert_string_equal(f->result.cert_pem, pair.cert);
    assert_string_equal(f->result.key_pem, pair.key);
    assert_true(f->result.valid_ms > 0 && f->result.valid_ms < INT64_MAX);
    assert_false(run(f, says_pair(f, pair.cert, other.key)));
    assert_non_null(strstr(f->err.msg, "its clientKeyData is not the key of the client certificate"));
    assert_false(run(f, says_pair(f, pair.cert, "hush")));
    assert_non_null(strstr(f->err.msg, "its clientKeyData is not PEM"));
    OK(run(f, SAY("\"token\":\"t\",\"expirationTimestamp\":\"2001-01-01T00:00:00+02:00\"")));
    assert_true(f->result.valid_ms < 0);
}

static void is_told_what_it_needs(void **state) {
    struct fixture *f = *state;
    struct kube_pair env[] = {{"EXTRA", "set"}, {"HOME", "/elsewhere"}};
    f->exec.env = env;
    f->exec.env_count = 2;
    dup2(0, 99);
    setenv("KUBERNETES_EXEC_INFO", "stale", 1);
    OK(run(f, "test \"$EXTRA$HOME\" = set/elsewhere || exit 7\n"
              "test \"$KUBERNETES_EXEC_INFO\" = '{\"apiVersion\":\"" V1
              "\",\"kind\":\"ExecCredential\",\"spec\":{\"interactive\":false}}' || exit 8\n"
              "test -e /proc/$$/fd/99 && exit 9\n" // nothing of ours is open there
              "read line && exit 10\n" SAY("\"token\":\"t\"")));
    f->exec.provide_cluster_info = true;
    f->config.ca_pem = "PEM";
    f->config.insecure = true;
    OK(run(f, "case \"$KUBERNETES_EXEC_INFO\" in *'\"certificate-authority-data\":\"UEVN\"'*"
              "'\"server\":\"https://h\"'*) ;; *) exit 8;; esac\n" SAY("\"token\":\"t\"")));
}

static void says_what_went_wrong(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *script, *words;
        enum err_kind kind;
    } cases[] = {
        {"echo 'no session, run aws sso login' >&2; exit 255", "exit code 255: no session, run aws sso login",
         ERR_UNAUTHORIZED},
        {"kill -9 $$", "signal 9", ERR_UNAUTHORIZED},
        {"echo hush", "printed no JSON", ERR_INVALID},
        {"echo '{\"kind\":\"Pod\"}'", "another kind", ERR_INVALID},
        {"echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1alpha1\"}'",
         "v1alpha1", ERR_INVALID},
        {SAY(""), "neither status.token", ERR_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(run(f, cases[i].script));
        assert_int_equal(f->err.kind, cases[i].kind);
        assert_non_null(strstr(f->err.msg, cases[i].words));
        assert_null(strstr(f->err.msg, "hush"));
    }
    f->exec.interactive_mode = "Always";
    assert_false(run(f, SAY("\"token\":\"t\"")));
    assert_int_equal(f->err.kind, ERR_UNSUPPORTED);
    f->exec.interactive_mode = NULL;
    f->exec.install_hint = "get it there";
    f->exec.command = "/no/such/plugin";
    f->err = err_in(f->arena);
    assert_false(kube_exec_run(&f->call, &f->config, &f->result, &f->err));
    assert_non_null(strstr(f->err.msg, "get it there"));
}

// On stderr, where its words are repeated, a plugin says what it was called with: usage, `set -x`, a failed
// request.
static void repeats_nothing_that_it_was_given(void **state) {
    struct fixture *f = *state;
    static const char *const args[] = {
        "-c",
        "printf '%s ' \"$@\" \"$PLAIN $A_TOKEN $AN_API_KEY $HTTPS_PROXY\" >&2; set -x; "
        ": 'Authorization: Bearer hush-in-script'; exit 3",
        "plugin",
        "--token=hush-one",
        "--password",
        "hush-two",
        "-phush-three",
        "hush"};
    static const struct kube_pair env[] = {{"PLAIN", "hush-four"}, {"A_TOKEN", "hush-five"}};
    setenv("AN_API_KEY", "hush-six", 1);
    setenv("HTTPS_PROXY", "http://me:hush-seven@proxy:1", 1);
    f->exec = (struct kube_exec){
        .api_version = V1, .command = "sh", .args = args, .arg_count = 8, .env = env, .env_count = 2};
    f->config = (struct kube_config){.host = "https://h", .login.exec = &f->exec};
    f->err = err_in(f->arena);
    assert_false(kube_exec_run(&f->call, &f->config, &f->result, &f->err));
    assert_non_null(strstr(
        f->err.msg, "credential plugin \"sh\" failed with exit code 3: --token=(sensitive) --password"));
    assert_null(strstr(f->err.msg, "hush"));
    unsetenv("AN_API_KEY");
    unsetenv("HTTPS_PROXY");
}

static void ends_with_the_call(void **state) {
    struct fixture *f = *state;
    struct call call = f->call;
    f->call = call_within(&call, 3000);
    int64_t began = call_now();
    assert_false(run(f, "echo waiting for a browser >&2; sleep 30 & wait"));
    assert_int_equal(f->err.kind, ERR_TIMEOUT);
    assert_non_null(strstr(f->err.msg, "waiting for a browser"));
    assert_true(call_now() - began < 15000);
    f->call = call;
    began = call_now();
    OK(run(f, "sleep 30 & " SAY("\"token\":\"t\""))); // a grandchild with our pipes does not keep us
    assert_true(call_now() - began < 15000);
}

static void *ask(void *arg) {
    struct kube_client *client = arg;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct kube_credential credential;
    return kube_auth_get(&call, client, 0, &credential, &err) && !strcmp(credential.login.token, "1")
               ? NULL
               : client;
}

static void asks_once_and_again_when_refused(void **state) {
    struct fixture *f = *state;
    const char *counter = arena_printf(f->arena, "/tmp/unit-exec-%d", (int)getpid());
    const char *script = arena_printf(f->arena,
                                      "n=$(($(cat %s 2>/dev/null || echo 0) + 1)); echo $n > %s\n"
                                      "echo '{\"apiVersion\":\"" V1
                                      "\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"'$n'\"}}'",
                                      counter, counter);
    const char *args[] = {"-c", script};
    f->exec = (struct kube_exec){.api_version = V1, .command = "sh", .args = args, .arg_count = 2};
    f->config = (struct kube_config){.host = "https://h", .login.exec = &f->exec};
    struct kube_client *client = kube_client_create(&f->config, NULL);
    struct kube_credential credential;
    pthread_t threads[6];
    void *failed;
    for (int i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, ask, client);
    for (int i = 0; i < 6; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_true(kube_auth_get(&f->call, client, 1, &credential, &f->err)); // the first was refused
    assert_string_equal(credential.login.token, "2");
    assert_true(kube_auth_get(&f->call, client, 1, &credential, &f->err)); // and replaced already
    assert_string_equal(credential.login.token, "2");
    kube_client_destroy(client);
    unlink(counter);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reads_what_it_prints), TEST(is_told_what_it_needs),
        TEST(says_what_went_wrong), TEST(repeats_nothing_that_it_was_given),
        TEST(ends_with_the_call),   TEST(asks_once_and_again_when_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
