// SPDX-License-Identifier: Apache-2.0
// What the client makes of answers, also of those that a healthy server does not give. Every request is
// answered by the fault hook of the http door: by method and a part of the URL, each row as often as it says.
#include "http/client.h"
#include "kube/ready.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STATUS(message, more) "{\"kind\":\"Status\",\"message\":\"" message "\"" more "}"
#define GROUPS(version)                                                                                      \
    "{\"kind\":\"APIGroupList\",\"groups\":[{\"versions\":[{\"groupVersion\":\"" version "\"}]}]}"
#define WIDGETS                                                                                              \
    "{\"resources\":[{\"name\":\"widgets\",\"kind\":\"Widget\",\"namespaced\":true},{\"name\":\"widgets/"    \
    "status\",\"kind\":"                                                                                     \
    "\"Widget\",\"namespaced\":true}]}"

struct row {
    const char *method, *url; // url: its end when it begins with '$', else a part
    int status;
    const char *body;
    int times; // 0: always
};

struct fixture {
    struct arena *arena;
    struct call call;
    struct err err;
    struct kube_config config;
    struct kube_client *client;
    const struct row *rows;
    int used[16];
    int asked;
};

static bool fits(const struct row *row, const char *method, const char *url) {
    size_t len = strlen(url), part = strlen(row->url) - 1;
    if (strcmp(row->method, method))
        return false;
    if (*row->url != '$')
        return strstr(url, row->url);
    return len >= part && !strcmp(url + len - part, row->url + 1);
}

static struct http_fault answer(void *data, unsigned nth, const char *method, const char *url) {
    struct fixture *f = data;
    (void)nth;
    f->asked++;
    for (int i = 0; f->rows && f->rows[i].method; i++)
        if (fits(&f->rows[i], method, url) && (!f->rows[i].times || f->used[i] < f->rows[i].times)) {
            f->used[i]++;
            return (struct http_fault){HTTP_FAULT_STATUS, 0, f->rows[i].status, f->rows[i].body, NULL};
        }
    return (struct http_fault){HTTP_FAULT_STATUS, 0, 418, url, NULL};
}

static int set_up(void **state) {
    struct arena *arena = arena_create();
    struct fixture *f = arena_alloc(arena, sizeof *f);
    f->arena = arena;
    f->call = call_in(arena);
    f->err = err_in(arena);
    f->config = (struct kube_config){.host = "https://api.test", .login.token = "hush"};
    f->client = kube_client_create(&f->config, NULL);
    http_client_set_faults(kube_client_http(f->client), answer, f);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    kube_client_destroy(f->client);
    arena_destroy(f->arena);
    return 0;
}

static void plays(struct fixture *f, const struct row *rows) {
    f->rows = rows;
    f->asked = 0;
    memset(f->used, 0, sizeof f->used);
    f->err = err_in(f->arena);
}

static const struct kube_ref secret = KUBE_REF("v1", "Secret", "ns", "x");
static const struct kube_ref widget = KUBE_REF("e.test/v1", "Widget", "ns", "x");

// Whatever was asked first, discovery or the object: whoever reads it learns where the address came from.
static void names_where_the_cluster_comes_from(void **state) {
    struct fixture *f = *state;
    static const struct {
        int status;
        const char *body, *words;
    } cases[] = {
        {401, STATUS("Unauthorized", ""),
         "The cluster comes from kubeconfig /x, context y, and so do the credentials"},
        {403, STATUS("User \\\"system:anonymous\\\" cannot get path", ""), "gives no credentials"},
    };
    f->config.source = "kubeconfig /x, context y";
    for (size_t i = 0; i < 4; i++) {
        const struct row rows[] = {{"GET", "", cases[i / 2].status, cases[i / 2].body, 0}, {0}};
        struct value out;
        plays(f, rows);
        assert_false(kube_get(&f->call, f->client, i % 2 ? &widget : &secret, &out, &f->err));
        assert_non_null(strstr(f->err.msg, cases[i / 2].words));
        assert_int_equal(f->asked, 1); // a failed discovery is not tried twice for one request
    }
}

// A plugin beside a token is not run: what was refused is not sent once more, and is not called the plugin's.
static void asks_again_only_what_makes_the_credential(void **state) {
    struct fixture *f = *state;
    static const struct kube_exec exec = {.api_version = "client.authentication.k8s.io/v1",
                                          .command = "false"};
    const struct row rows[] = {{"GET", "", 401, STATUS("Unauthorized", ""), 0}, {0}};
    struct value out;
    f->config.source = "kubeconfig /x, context y";
    f->config.login.exec = &exec;
    plays(f, rows);
    assert_false(kube_get(&f->call, f->client, &secret, &out, &f->err));
    assert_non_null(strstr(f->err.msg, "context y, and so do the credentials"));
    assert_int_equal(f->asked, 1);
}

// One answer to GET of a Secret, and what it must mean.
static void gives_answers_their_meaning(void **state) {
    struct fixture *f = *state;
    static const struct {
        int status;
        const char *body;
        enum err_kind kind;
        const char *words;
    } cases[] = {
        {404, STATUS("secrets \\\"x\\\" not found", ",\"reason\":\"NotFound\""), ERR_NOT_FOUND,
         "get Secret/ns/x: not found"},
        {404, "<html>no such page</html>", ERR_UNAVAILABLE, "no such page"}, // confirms nothing
        {404, "", ERR_UNAVAILABLE, "no text"},
        {404, "{\"message\":\"no Route matched\"}", ERR_UNAVAILABLE, "no Route"},
        {401, STATUS("Unauthorized", ""), ERR_UNAUTHORIZED, "does not accept the credentials"},
        {403, STATUS("User \\\"u\\\" cannot get resource \\\"secrets\\\" in the namespace \\\"ns\\\"", ""),
         ERR_FORBIDDEN, "get Secret/ns/x: forbidden (HTTP 403): User \"u\" cannot get resource \"secrets\""},
        {403,
         STATUS(
             "pods \\\"x\\\" is forbidden: User \\\"u\\\" cannot get resource \\\"pods/log\\\" in API group "
             "\\\"\\\" in the namespace \\\"ns\\\"",
             ""),
         ERR_FORBIDDEN,
         "in the namespace \"ns\"\n\nThe rule that is missing, for a Role in namespace ns:\n\n  - apiGroups: "
         "[\"\"]\n    resources: [\"pods/log\"]\n    verbs: [\"get\"]"},
        {403,
         STATUS("crds is forbidden: User \\\"u\\\" cannot list resource \\\"crds\\\" in API group "
                "\\\"e.test\\\" at "
                "the cluster scope",
                ""),
         ERR_FORBIDDEN,
         "for a ClusterRole:\n\n  - apiGroups: [\"e.test\"]\n    resources: [\"crds\"]\n    verbs: "
         "[\"list\"]"},
        {403, STATUS("forbidden: User \\\"u\\\" cannot get path \\\"/version\\\"", ""), ERR_FORBIDDEN,
         "for a ClusterRole:\n\n  - nonResourceURLs: [\"/version\"]\n    verbs: [\"get\"]"},
        {403,
         STATUS("roles \\\"x\\\" is forbidden: user \\\"u\\\" (groups=[\\\"g\\\"]) is attempting to grant",
                ""),
         ERR_FORBIDDEN, "forbidden (HTTP 403)"},
        {403, STATUS("pods \\\"x\\\" is forbidden: exceeded quota: q", ""), ERR_REFUSED,
         "the server refuses the object (HTTP 403): pods"},
        {403,
         STATUS("secrets \\\"x\\\" is forbidden: unable to create new content in namespace ns because it is "
                "being "
                "terminated",
                ",\"details\":{\"causes\":[{\"reason\":\"NamespaceTerminating\",\"field\":\"metadata."
                "namespace\"}]}"),
         ERR_REFUSED, "because it is being terminated. Wait until it is gone"},
        {403, "Forbidden", ERR_FORBIDDEN, "forbidden (HTTP 403): Forbidden"}, // a gateway's
        {500, STATUS("admission webhook \\\"w\\\" denied the request: no", ""), ERR_REFUSED,
         "the server refuses the object (HTTP 500)"},
        {403, STATUS("admission webhook \\\"w\\\" denied the request: no", ""), ERR_REFUSED,
         "denied the request"},
        {404, STATUS("admission webhook \\\"w\\\" denied the request: no", ""), ERR_REFUSED,
         "denied the request"},
        {403,
         STATUS("secrets \\\"x\\\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied "
                "request: no",
                ""),
         ERR_REFUSED, "ValidatingAdmissionPolicy"},
        {400, STATUS("bad", ""), ERR_REFUSED, "the server calls the request bad"},
        {409, STATUS("gone on", ",\"reason\":\"Conflict\""), ERR_CONFLICT, "gone on"},
        {422, STATUS("is invalid: spec.x: Required value", ""), ERR_REFUSED, "spec.x: Required value"},
        {404, STATUS("namespaces \\\"ns\\\" not found", ",\"details\":{\"kind\":\"namespaces\"}"),
         ERR_NOT_FOUND, "not found. Create it first"},
        {410, STATUS("too old resource version", ",\"reason\":\"Expired\""), ERR_CONFLICT, "too old"},
        {418, "", ERR_REFUSED, "HTTP 418"},
        {304, "", ERR_INTERNAL, "HTTP 304"},
        {500, STATUS("boom", ""), ERR_UNAVAILABLE, "boom"},
        {500, STATUS("failed to create typed patch object: .x: field not declared", ""), ERR_REFUSED,
         "the server refuses the object (HTTP 500): failed"},
        {500, STATUS("etcdserver: request is too large", ""), ERR_LIMIT, "larger than the server stores"},
        {200, "<html>login</html>", ERR_UNAVAILABLE, "is this a Kubernetes API server?"},
        {200, "[]", ERR_UNAVAILABLE, "list"},
        {200, "", ERR_UNAVAILABLE, "not JSON"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct row rows[] = {
            {"GET", "/api/v1/namespaces/ns/secrets/x", cases[i].status, cases[i].body, 0}, {0}};
        struct value out;
        plays(f, rows);
        assert_false(kube_get(&f->call, f->client, &secret, &out, &f->err));
        assert_int_equal(f->err.kind, cases[i].kind);
        if (!strstr(f->err.msg, cases[i].words))
            fail_msg("%s", f->err.msg);
        assert_null(strstr(f->err.msg, "hush"));
        if (f->asked != 1)
            fail_msg("%d requests: %s", f->asked, f->err.msg);
        assert_int_equal(kube_find(&f->call, f->client, &secret, &out, &f->err),
                         cases[i].kind == ERR_NOT_FOUND);
    }
}

static void names_every_conflicting_manager(void **state) {
    struct fixture *f = *state;
    const struct row rows[] = {
        {"PATCH", "secrets/x?fieldManager=me&force=false", 409,
         STATUS(
             "Apply failed with 2 conflicts",
             ",\"details\":{\"causes\":[{\"reason\":\"FieldManagerConflict\",\"message\":\"conflict with "
             "\\\"kubectl-edit\\\" "
             "using v1\",\"field\":\".data.a\"},{\"reason\":\"FieldManagerConflict\",\"message\":\"conflict "
             "with \\\"other\\\" "
             "with subresource\",\"field\":\".data.b\"}]}"),
         0},
        {0}};
    struct kube_request request = {.verb = KUBE_APPLY, .ref = secret, .manager = "me"};
    plays(f, rows);
    assert_false(kube_do(&f->call, f->client, &request, NULL, &f->err));
    assert_int_equal(f->err.kind, ERR_CONFLICT);
    assert_string_equal(
        f->err.msg, "apply Secret/ns/x: conflict: data.a is managed by \"kubectl-edit\", data.b is managed "
                    "by \"other\"");
}

static void is_patient_with_starting_webhooks(void **state) {
    struct fixture *f = *state;
    const struct row rows[] = {
        {"POST", "$/secrets", 500, STATUS("failed calling webhook \\\"w\\\": connection refused", ""), 2},
        {"POST", "$/secrets", 201, "{\"kind\":\"Secret\"}", 0},
        {0}};
    struct kube_request request = {.verb = KUBE_CREATE, .ref = secret};
    plays(f, rows);
    assert_true(kube_do(&f->call, f->client, &request, NULL, &f->err));
    assert_int_equal(f->asked, 3);
}

static void only_the_server_confirms_that_a_kind_is_absent(void **state) {
    struct fixture *f = *state;
    struct kube_answer out;
    struct value object;
    struct kube_request get = {.verb = KUBE_GET, .ref = widget};
    const struct row absent[] = {{"GET", "$/apis/e.test/v1", 404, "404 page not found", 0},
                                 {"GET", "$/apis", 200, GROUPS("apps/v1"), 0},
                                 {0}};
    plays(f, absent);
    assert_false(kube_do(&f->call, f->client, &get, &out, &f->err));
    assert_int_equal(f->err.kind, ERR_NOT_FOUND);
    assert_string_equal(out.reason, "NoKindMatch");
    assert_true(kube_find(&f->call, f->client, &widget, &object, &f->err));
    assert_int_equal(f->asked, 2); // remembered for a moment
    const struct row proxy[] = {{"GET", "/apis", 404, "404 page not found", 0}, {0}};
    kube_client_forget(f->client);
    plays(f, proxy);
    assert_false(kube_find(&f->call, f->client, &widget, &object, &f->err));
    assert_int_equal(f->err.kind, ERR_UNAVAILABLE);
    const struct row other[] = {{"GET", "$/apis/e.test/v1", 404, "404 page not found", 0},
                                {"GET", "$/apis", 200, "{\"kind\":\"Welcome\"}", 0},
                                {0}};
    kube_client_forget(f->client);
    plays(f, other);
    assert_false(kube_find(&f->call, f->client, &widget, &object, &f->err));
    assert_int_equal(f->err.kind, ERR_UNAVAILABLE);
    const struct row down[] = {{"GET", "/apis/e.test/v1", 403, STATUS("no", ""), 0}, {0}};
    kube_client_forget(f->client);
    plays(f, down);
    assert_false(kube_find(&f->call, f->client, &widget, &object, &f->err));
    assert_int_equal(f->err.kind, ERR_FORBIDDEN);
}

// Discovered, then its CRD is deleted: the object's 404 is a web server's, until discovery agrees.
static void notices_that_a_kind_went_away(void **state) {
    struct fixture *f = *state;
    struct value object;
    const struct row rows[] = {{"GET", "/widgets/x", 404, "404 page not found", 0},
                               {"GET", "$/apis/e.test/v1", 200, WIDGETS, 2},
                               {"GET", "$/apis/e.test/v1", 404, "404 page not found", 0},
                               {"GET", "$/apis", 200, GROUPS("apps/v1"), 0},
                               {0}};
    plays(f, rows);
    assert_true(kube_find(&f->call, f->client, &widget, &object, &f->err));
    assert_true(value_is_null(object));
    assert_int_equal(f->used[0], 2);
}

static void discovers_each_version_once(void **state) {
    struct fixture *f = *state;
    const struct row rows[] = {{"GET", "/widgets/x", 200, "{\"kind\":\"Widget\"}", 0},
                               {"GET", "$/apis/e.test/v1", 200, WIDGETS, 0},
                               {0}};
    struct kube_request requests[5];
    struct kube_answer answers[5];
    for (int i = 0; i < 5; i++)
        requests[i] = (struct kube_request){.verb = KUBE_GET, .ref = widget};
    plays(f, rows);
    assert_true(kube_do_many(&f->call, f->client, requests, 5, answers, &f->err));
    assert_int_equal(f->asked, 6);
    assert_true(kube_do_many(&f->call, f->client, requests, 5, answers, &f->err));
    assert_int_equal(f->asked, 11);
    struct kube_resource resource;
    assert_true(kube_resolve(&f->call, f->client, "e.test/v1", "Widget", &resource, &f->err));
    assert_string_equal(resource.plural, "widgets");
    assert_true(resource.namespaced);
}

static void lists_to_the_end(void **state) {
    struct fixture *f = *state;
    static const char page1[] = "{\"metadata\":{\"resourceVersion\":\"5\",\"continue\":\"t/"
                                "1\"},\"items\":[{\"metadata\":{\"name\":\"a\"}}]}";
    static const char page2[] =
        "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[{\"metadata\":{\"name\":\"b\"}}]}";
    const struct row rows[] = {{"GET", "secrets?limit=500&continue=t%2F1", 410, STATUS("too old", ""), 1},
                               {"GET", "secrets?limit=500&continue=t%2F1", 200, page2, 0},
                               {"GET", "secrets?limit=500", 200, page1, 0},
                               {0}};
    struct kube_request request = {.verb = KUBE_LIST, .ref = KUBE_REF("v1", "Secret", "ns", NULL)};
    struct kube_answer out;
    plays(f, rows);
    assert_true(kube_do(&f->call, f->client, &request, &out, &f->err));
    assert_int_equal(value_len(out.object), 2);
    assert_string_equal(value_dig_string(value_at(out.object, 1), "metadata", "name", NULL), "b");
    assert_string_equal(value_dig_string(value_at(out.object, 1), "apiVersion", NULL), "v1");
    assert_string_equal(out.resource_version, "5");
    assert_int_equal(f->asked, 4);
}

static void asks_old_servers_group_by_group(void **state) {
    struct fixture *f = *state;
    const struct row rows[] = {
        {"GET", "$/api", 200, "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}", 0},
        {"GET", "$/api/v1", 200,
         "{\"resources\":[{\"name\":\"pods\",\"kind\":\"Pod\"},{\"name\":\"pods/log\",\"kind\":\"Pod\"}]}",
         0},
        {"GET", "$/apis", 200,
         "{\"kind\":\"APIGroupList\",\"groups\":[{\"versions\":[{\"groupVersion\":\"e.test/"
         "v1\"},{\"groupVersion\":"
         "\"down.test/v1\"}]}]}",
         0},
        {"GET", "$/apis/e.test/v1", 200, WIDGETS, 0},
        {"GET", "$/apis/down.test/v1", 404, "", 0},
        {0}};
    static const char *const expected[] = {"down.test/v1", "e.test/v1", "e.test/v1/Widget", "v1", "v1/Pod"};
    const char *const *versions;
    size_t count;
    plays(f, rows);
    assert_true(kube_api_versions(&f->call, f->client, &versions, &count, &f->err));
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(versions[i], expected[i]);
}

static void leaves_out_what_is_stale(void **state) {
    struct fixture *f = *state;
    const struct row rows[] = {{"GET", "$/api", 200,
                                "{\"items\":[{\"versions\":[{\"version\":\"v1\",\"freshness\":\"Current\","
                                "\"resources\":[{\"responseKind\":"
                                "{\"kind\":\"Pod\"}}]}]}]}",
                                0},
                               {"GET", "$/apis", 200,
                                "{\"items\":[{\"metadata\":{\"name\":\"down.test\"},\"versions\":[{"
                                "\"version\":\"v1\",\"freshness\":\"Stale\","
                                "\"resources\":[{\"responseKind\":{\"kind\":\"Thing\"}}]}]},{\"metadata\":{"
                                "\"name\":\"half.test\"},\"versions\":"
                                "[{\"version\":\"v2\",\"freshness\":\"Stale\"},{\"version\":\"v1\","
                                "\"resources\":[{\"responseKind\":{\"kind\":"
                                "\"Half\"}}]}]}]}",
                                0},
                               {0}};
    static const char *const expected[] = {"half.test/v1", "half.test/v1/Half", "v1", "v1/Pod"};
    const char *const *versions;
    size_t count;
    plays(f, rows);
    assert_true(kube_api_versions(&f->call, f->client, &versions, &count, &f->err));
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(versions[i], expected[i]);
}

// With the log, which simulated pods do not have.
static void explains_a_failed_job(void **state) {
    struct fixture *f = *state;
    const struct row rows[] = {
        {"GET", "$/jobs/migrate", 200,
         "{\"kind\":\"Job\",\"spec\":{\"selector\":{\"matchLabels\":{\"job\":\"m\"},\"matchExpressions\":[{"
         "\"key\":\"a\","
         "\"operator\":\"In\",\"values\":[\"x\",\"y\"]},{\"key\":\"b\",\"operator\":\"DoesNotExist\"}]}},"
         "\"status\":{"
         "\"conditions\":[{\"type\":\"Failed\",\"status\":\"True\",\"reason\":\"BackoffLimitExceeded\","
         "\"message\":\"m\"}]}}",
         0},
        {"GET", "involvedObject.kind%3DJob", 200, "{\"items\":[]}", 0},
        {"GET", "pods?limit=500&labelSelector=job%3Dm%2Ca%20in%20%28x%2Cy%29%2C%21b", 200,
         "{\"items\":[{\"metadata\":{\"name\":\"p\",\"namespace\":\"ns\"},\"status\":{\"phase\":\"Failed\","
         "\"containerStatuses\":[{\"name\":\"main\",\"state\":{\"terminated\":{\"exitCode\":3,\"reason\":"
         "\"Error\"}}}]}}]}",
         0},
        {"GET", "involvedObject.kind%3DPod", 200,
         "{\"items\":[{\"metadata\":{\"name\":\"e1\"},\"type\":\"Normal\",\"reason\":\"Pulled\",\"message\":"
         "\"x\"},{\"metadata\":{\"name\":\"e2\"},\"type\":\"Warning\","
         "\"reason\":"
         "\"BackOff\",\"count\":4,\"message\":\"restarting\"}]}",
         0},
        {"GET", "$/pods/p/log?tailLines=10&container=main", 200, "one\ntwo: table exists\n", 0},
        {0}};
    plays(f, rows);
    const char *text = kube_explain(&f->call, f->client, &KUBE_REF("batch/v1", "Job", "ns", "migrate"));
    assert_string_equal(text, "Failed is True: BackoffLimitExceeded: m\n"
                              "Pod p is Failed\n"
                              "  container main ended with exit code 3 (Error)\n"
                              "    last lines of its log:\n"
                              "      one\n"
                              "      two: table exists\n"
                              "  event BackOff (4 times): restarting");
    plays(f, NULL); // nothing can be read: nothing is said
    assert_string_equal(kube_explain(&f->call, f->client, &widget), "");
}

static void refuses_what_has_no_address(void **state) {
    struct fixture *f = *state;
    static const struct {
        struct kube_ref ref;
        const char *words;
    } cases[] = {
        {KUBE_REF("v1", "Secret", NULL, "x"), "a namespace is needed"},
        {KUBE_REF("v1", "Secret", "ns", ""), "a name is needed"},
        {KUBE_REF(NULL, "Secret", "ns", "x"), "apiVersion"},
        {KUBE_REF("v1", NULL, "ns", "x"), "kind"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value out;
        plays(f, NULL);
        assert_false(kube_get(&f->call, f->client, &cases[i].ref, &out, &f->err));
        assert_int_equal(f->err.kind, ERR_INVALID);
        assert_non_null(strstr(f->err.msg, cases[i].words));
        assert_int_equal(f->asked, 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(names_where_the_cluster_comes_from),
        TEST(asks_again_only_what_makes_the_credential),
        TEST(gives_answers_their_meaning),
        TEST(names_every_conflicting_manager),
        TEST(is_patient_with_starting_webhooks),
        TEST(only_the_server_confirms_that_a_kind_is_absent),
        TEST(notices_that_a_kind_went_away),
        TEST(discovers_each_version_once),
        TEST(lists_to_the_end),
        TEST(asks_old_servers_group_by_group),
        TEST(leaves_out_what_is_stale),
        TEST(explains_a_failed_job),
        TEST(refuses_what_has_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
