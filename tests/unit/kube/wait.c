// SPDX-License-Identifier: Apache-2.0
// Watching and waiting against a real API server with simulated pods (labels wandb-test/fail:
// tests/cluster/kwok).
#include "cluster.h"

static struct value workload(struct fixture *f, const char *kind, const char *name, const char *fail,
                             const char *pod_spec) {
    bool job = !strcmp(kind, "Job");
    return parse(
        f,
        "{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\"},\"spec\":"
        "{%s"
        "\"template\":{\"metadata\":{\"labels\":{\"app\":\"%s\",\"wandb-test/fail\":\"%s\"}},\"spec\":{%s"
        "\"containers\":[{\"name\":\"main\",\"image\":\"example.com/app:1\"}]}}}}",
        job ? "batch/v1" : "apps/v1", kind, name, f->space,
        job ? "\"backoffLimit\":0,"
            : arena_printf(f->arena, "\"selector\":{\"matchLabels\":{\"app\":\"%s\"}},", name),
        name, fail, pod_spec);
}

static void count_progress(void *data, const struct kube_ref *ref, const struct kube_status *status) {
    (void)ref;
    assert_non_null(status->reason);
    (*(int *)data)++;
}

static int told; // by the last wait_for

static bool wait_for(struct fixture *f, struct value object, enum kube_rules rules, int ms) {
    struct kube_ref ref = kube_ref_of(object);
    struct call call = call_within(&f->call, ms);
    struct kube_wait wait = {.rules = rules, .progress = count_progress, .data = &told};
    told = 0;
    OK(kube_apply(&f->call, f->client, object, "wandb", false, NULL, &f->err));
    return kube_wait_ready(&call, f->client, &ref, 1, &wait, &f->err);
}

static void waits_for_rollouts(void **state) {
    struct fixture *f = ready(state);
    enum { MANY = 12 }; // more than get a watch each
    struct kube_request requests[MANY];
    struct kube_answer answers[MANY];
    struct kube_ref refs[MANY];
    for (int i = 0; i < MANY; i++) {
        struct value object = workload(f, "Deployment", arena_printf(f->arena, "d%d", i), "", "");
        requests[i] = (struct kube_request){.verb = KUBE_APPLY, .body = object, .manager = "wandb"};
        refs[i] = kube_ref_of(object);
    }
    OK(kube_do_many(&f->call, f->client, requests, MANY, answers, &f->err));
    struct call call = call_within(&f->call, 60000);
    struct kube_wait wait = {.rules = KUBE_RULES_KSTATUS};
    unsigned long before = http_client_stats(kube_client_http(f->client)).requests;
    OK(kube_wait_ready(&call, f->client, refs, MANY, &wait, &f->err));
    assert_true(http_client_stats(kube_client_http(f->client)).requests - before <=
                MANY + 2); // and one list, one watch
    OK(wait_for(f, workload(f, "StatefulSet", "s", "", ""), KUBE_RULES_KSTATUS, 60000));
    OK(wait_for(f, workload(f, "Deployment", "old", "", ""), KUBE_RULES_HELM3, 60000));
    OK(wait_for(f, workload(f, "Job", "j", "", "\"restartPolicy\":\"Never\","), KUBE_RULES_HOOK, 60000));
    assert_int_equal(http_client_stats(kube_client_http(f->client)).connections, 1);
}

static void explains(struct fixture *f, enum err_kind kind, const char *const *words, size_t count) {
    assert_int_equal(f->err.kind, kind);
    for (size_t i = 0; i < count; i++)
        if (!strstr(f->err.msg, words[i]))
            fail_msg("\"%s\" is missing from: %s", words[i], f->err.msg);
}

static void explains_a_stuck_image(void **state) {
    struct fixture *f = ready(state);
    static const char *const words[] = {"1 of 1 objects are not ready", "Deployment/", "0 of 1", "Pod app-",
                                        "container main waits: ImagePullBackOff: Back-off pulling image"};
    assert_false(wait_for(f, workload(f, "Deployment", "app", "image-pull", ""), KUBE_RULES_KSTATUS, 4000));
    explains(f, ERR_TIMEOUT, words, 5);
    assert_in_range(told, 1, 8); // changes, not ticks
}

static void explains_a_crash_loop(void **state) {
    struct fixture *f = ready(state);
    static const char *const words[] = {"CrashLoopBackOff", "exit code 1",
                                        "panic: cannot reach the database"};
    assert_false(wait_for(f, workload(f, "StatefulSet", "app", "crash-loop", ""), KUBE_RULES_KSTATUS, 4000));
    explains(f, ERR_TIMEOUT, words, 3);
}

// Helm 4's rule: a StatefulSet waits for its pods, but not for one that crashes again and again.
static void a_crashing_pod_fails_its_set(void **state) {
    struct fixture *f = ready(state);
    static const char *const words[] = {"StatefulSet/", "failed: ", "1 of its pods have failed",
                                        "CrashLoopBackOff"};
    struct value object = workload(f, "StatefulSet", "app", "crash-loop", "");
    struct kube_ref ref = kube_ref_of(object), pod = KUBE_REF("v1", "Pod", f->space, "app-0");
    struct kube_wait wait = {.rules = KUBE_RULES_KSTATUS};
    struct call brief = call_within(&f->call, 20000);
    OK(kube_apply(&f->call, f->client, object, "wandb", false, NULL, &f->err));
    assert_false(kube_wait_ready(&brief, f->client, &pod, 1, &wait, &f->err));
    assert_int_equal(f->err.kind, ERR_FAILED); // the pod by itself
    f->err.kind = ERR_NONE;
    wait.pods = true;
    struct call within = call_within(&f->call, 20000);
    assert_false(kube_wait_ready(&within, f->client, &ref, 1, &wait, &f->err));
    explains(f, ERR_FAILED, words, 4);
}

static void explains_an_unschedulable_pod(void **state) {
    struct fixture *f = ready(state);
    static const char *const words[] = {"Unschedulable", "nodes are available", "event FailedScheduling"};
    struct value object = workload(f, "Deployment", "app", "", "\"nodeSelector\":{\"no\":\"such\"},");
    assert_false(wait_for(f, object, KUBE_RULES_KSTATUS, 4000));
    explains(f, ERR_TIMEOUT, words, 3);
}

static void explains_a_failed_job_at_once(void **state) {
    struct fixture *f = ready(state);
    static const char *const words[] = {"Job/", "failed", "BackoffLimitExceeded", "ended with exit code 1"};
    int64_t began = call_now();
    assert_false(wait_for(f, workload(f, "Job", "migrate", "exit", "\"restartPolicy\":\"Never\","),
                          KUBE_RULES_HOOK, 60000));
    explains(f, ERR_FAILED, words, 4);
    assert_true(call_now() - began < 30000);
}

static void *stop_soon(void *flag) {
    usleep(700000);
    atomic_store((atomic_bool *)flag, true);
    return NULL;
}

static void stops_when_told(void **state) {
    struct fixture *f = ready(state);
    atomic_bool stop = false;
    pthread_t thread;
    f->call.stop[0] = &stop;
    pthread_create(&thread, NULL, stop_soon, &stop);
    int64_t began = call_now();
    assert_false(wait_for(f, workload(f, "Deployment", "app", "stuck", ""), KUBE_RULES_KSTATUS, 60000));
    assert_int_equal(f->err.kind, ERR_CANCELLED);
    assert_true(call_now() - began < 30000);
    pthread_join(thread, NULL);
    f->call.stop[0] = NULL;
}

// ---- watching ----

struct story {
    struct fixture *f;
    const char *text;
    int step;
};

static bool patch_data(struct fixture *f, struct call *call, const char *data) {
    struct kube_request patch = {.verb = KUBE_PATCH_MERGE,
                                 .ref = KUBE_REF("v1", "ConfigMap", f->space, "one"),
                                 .body = parse(f, "{\"data\":%s}", data)};
    return kube_do(call, f->client, &patch, NULL, &f->err);
}

static void succeed(struct fixture *f, bool done) {
    OK(done);
}

// Every event leads to the next change.
static enum kube_watch_next tell_story(void *data, struct call *call, const struct kube_event *event,
                                       struct err *err) {
    static const char *const names[] = {"found", "changed", "gone", "synced"};
    struct story *s = data;
    const char *x = event ? value_dig_string(event->object, "data", "x", NULL) : NULL;
    (void)err;
    if (!event)
        return KUBE_WATCH_ON;
    s->text = arena_printf(s->f->arena, "%s%s%s ", s->text, names[event->kind], x ? x : "");
    switch (s->step++) {
    case 0: return KUBE_WATCH_ON; // gone: it is not there at first
    case 1:
        succeed(s->f, kube_create(call, s->f->client, config_map(s->f, "one", "{\"x\":\"1\"}"), "t", NULL,
                                  &s->f->err));
        break;
    case 2: succeed(s->f, patch_data(s->f, call, "{\"x\":\"2\"}")); break;
    case 3: succeed(s->f, patch_data(s->f, call, "{\"x\":\"3\"}")); break;
    case 4:
        succeed(s->f, kube_delete(call, s->f->client, &KUBE_REF("v1", "ConfigMap", s->f->space, "one"),
                                  &s->f->err));
        break;
    default: return KUBE_WATCH_DONE;
    }
    return KUBE_WATCH_ON;
}

static void sees_every_change(void **state) {
    struct fixture *f = ready(state);
    struct story story = {f, "", 0};
    struct kube_watch_target target = {.ref = KUBE_REF("v1", "ConfigMap", f->space, "one")};
    struct call call = call_within(&f->call, 20000);
    OK(kube_watch(&call, f->client, &target, 1, 0, tell_story, &story, &f->err));
    assert_string_equal(story.text, "gone synced found1 changed2 changed3 gone3 ");
}

// The second watch is answered 410, the third breaks; between them a change happens that only a list can
// tell.
static struct http_fault break_watches(void *data, unsigned nth, const char *method, const char *url) {
    int *watches = data;
    (void)nth;
    (void)method;
    if (!strstr(url, "watch=true"))
        return (struct http_fault){0};
    switch ((*watches)++) {
    case 0: return (struct http_fault){.kind = HTTP_FAULT_STATUS, .status = 410, .body = "{}"};
    case 1: return (struct http_fault){.kind = HTTP_FAULT_RESET};
    case 2: return (struct http_fault){.kind = HTTP_FAULT_STATUS, .status = 503};
    case 3:
        return (struct http_fault){
            .kind = HTTP_FAULT_STATUS, .status = 200, .body = "{\"type\":\"ERROR\",\"object\":{}}\n"};
    case 4: return (struct http_fault){.kind = HTTP_FAULT_STATUS, .status = 200, .body = "{\"type\":\"ADD"};
    default: return (struct http_fault){0};
    }
}

static void survives_broken_streams(void **state) {
    struct fixture *f = ready(state);
    struct story story = {f, "", 0};
    int watches = 0;
    struct kube_watch_target target = {.ref = KUBE_REF("v1", "ConfigMap", f->space, "one")};
    struct call call = call_within(&f->call, 30000);
    http_client_set_faults(kube_client_http(f->client), break_watches, &watches);
    OK(kube_watch(&call, f->client, &target, 1, 0, tell_story, &story, &f->err));
    assert_string_equal(story.text, "gone synced found1 changed2 changed3 gone3 ");
    assert_true(watches > 5);
}

static void names_who_holds_it(void **state) {
    struct fixture *f = ready(state);
    struct kube_ref ref = KUBE_REF("v1", "ConfigMap", f->space, "held");
    struct value object =
        parse(f,
              "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"held\",\"namespace\":"
              "\"%s\",\"finalizers\":[\"example.com/hold\"]}}",
              f->space);
    OK(kube_create(&f->call, f->client, object, "t", NULL, &f->err));
    OK(kube_delete(&f->call, f->client, &ref, &f->err));
    struct call call = call_within(&f->call, 3000);
    assert_false(kube_wait_gone(&call, f->client, &ref, 1, &f->err));
    assert_non_null(strstr(f->err.msg, "held, held by finalizer example.com/hold"));
    struct kube_request let_go = {
        .verb = KUBE_PATCH_MERGE, .ref = ref, .body = parse(f, "{\"metadata\":{\"finalizers\":null}}")};
    OK(kube_do(&f->call, f->client, &let_go, NULL, &f->err));
    call = call_within(&f->call, 10000);
    OK(kube_wait_gone(&call, f->client, &ref, 1, &f->err));
}

// A role that may read one object and nothing else: no list, no watch.
static void polls_where_watching_is_forbidden(void **state) {
    struct fixture *f = ready(state);
    static const char *const texts[] = {
        "{\"apiVersion\":\"rbac.authorization.k8s.io/"
        "v1\",\"kind\":\"Role\",\"metadata\":{\"name\":\"r\",\"namespace\":\"%s\"},"
        "\"rules\":[{\"apiGroups\":[\"\"],\"resources\":[\"configmaps\"],\"verbs\":[\"get\"]}]}",
        "{\"apiVersion\":\"rbac.authorization.k8s.io/"
        "v1\",\"kind\":\"RoleBinding\",\"metadata\":{\"name\":\"r\",\"namespace\":"
        "\"%s\"},\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"Role\",\"name\":\"r\"},"
        "\"subjects\":[{"
        "\"kind\":\"User\",\"name\":\"reader\"}]}"};
    OK(kube_create(&f->call, f->client, parse(f, texts[0], f->space), "t", NULL, &f->err));
    OK(kube_create(&f->call, f->client, parse(f, texts[1], f->space), "t", NULL, &f->err));
    OK(kube_create(&f->call, f->client, config_map(f, "one", "{}"), "t", NULL, &f->err));
    struct kube_config reader = f->config;
    reader.login.impersonate.user = "reader";
    struct kube_client *client = kube_client_create(&reader, NULL);
    struct kube_ref ref = KUBE_REF("v1", "ConfigMap", f->space, "one");
    struct value out;
    for (int i = 0; i < 50 && !kube_find(&f->call, client, &ref, &out, &f->err); i++)
        usleep(50000); // the authorizer learns of the role a little later
    struct call call = call_within(&f->call, 3000);
    assert_false(kube_wait_gone(&call, client, &ref, 1, &f->err));
    assert_int_equal(f->err.kind, ERR_TIMEOUT);
    OK(kube_delete(&f->call, f->client, &ref, &f->err));
    call = call_within(&f->call, 10000);
    OK(kube_wait_gone(&call, client, &ref, 1, &f->err));
    kube_client_destroy(client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(waits_for_rollouts),
        TEST(explains_a_stuck_image),
        TEST(explains_a_crash_loop),
        TEST(a_crashing_pod_fails_its_set),
        TEST(explains_an_unschedulable_pod),
        TEST(explains_a_failed_job_at_once),
        TEST(stops_when_told),
        TEST(sees_every_change),
        TEST(survives_broken_streams),
        TEST(names_who_holds_it),
        TEST(polls_where_watching_is_forbidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
