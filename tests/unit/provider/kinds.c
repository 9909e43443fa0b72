// SPDX-License-Identifier: Apache-2.0
// Whatever kind of thing stands in an answer of the API server where a text, a number, a list or an object is
// expected: reading, waiting, explaining and destroying end, in words that a person can read. Every part of
// every answer is replaced by each of a few others, one at a time.
#include "kinds.h"
#include "codec/base64.h"
#include "files.h"
#include "http/client.h"
#include "kube/ready.h"
#include "provider/config.h"
#include "provider/content.h"
#include "provider/instance_model.h"
#include "provider/operator_model.h"
#include "wandb/instance.h"
#include "wandb/operator_log.h"
#include "wandb/readiness.h"

#include <unistd.h>

enum { SOON_MS = 15 };

// ---- the answers ----

enum wrap { PLAIN, LEVEL, RELEASE, EVENT_LINE }; // what the document is put into

static const struct document {
    const char *path; // a part of the URL; the first that fits answers
    const char *text;
    enum wrap wrap;
} DOCUMENTS[] = {
    {"/weightsandbiases?watch",
     "{\"type\":\"MODIFIED\",\"object\":{\"apiVersion\":\"apps.wandb.com/v1\",\"kind\":\"WeightsAndBiases\","
     "\"metadata\":{\"name\":\"wandb\",\"namespace\":\"ns\",\"resourceVersion\":\"9\",\"finalizers\":[\"a\"]}"
     ","
     "\"status\":{\"phase\":\"Loading\"}}}",
     EVENT_LINE},
    {"/weightsandbiases",
     "{\"apiVersion\":\"apps.wandb.com/v1\",\"kind\":\"WeightsAndBiases\",\"metadata\":{\"name\":\"wandb\","
     "\"namespace\":\"ns\",\"uid\":\"u-1\",\"generation\":2,\"resourceVersion\":\"8\",\"labels\":{\"a\":"
     "\"b\"},"
     "\"annotations\":{\"terraform-provider-wandb/owner\":\"us\"},"
     "\"finalizers\":[\"finalizer.app.wandb.com\",\"other\"],\"managedFields\":[{\"manager\":"
     "\"terraform-provider-wandb\",\"operation\":\"Apply\",\"apiVersion\":\"apps.wandb.com/"
     "v1\",\"time\":\"2024"
     "\",\"fieldsV1\":{\"f:spec\":{\"f:values\":{\"f:global\":{\"f:host\":{}}}}}}]},\"spec\":{\"chart\":{"
     "\"url\":\"https://"
     "charts.example.com\",\"name\":\"c\",\"version\":\"1\"},\"values\":{\"global\":{\"host\":"
     "\"https://example.com\",\"license\":\"secret-license\"},\"list\":[{\"name\":\"x\"}]}},\"status\":{"
     "\"phase\":\"Invalid Config\",\"ready\":false,\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\","
     "\"reason\":\"r\",\"message\":\"m\"}],\"wandb\":{\"migration\":{\"version\":\"1\",\"ready\":true}}}}",
     PLAIN},
    {"/secrets/wandb-spec-user", "{\"values\":{\"global\":{\"host\":\"x\"}},\"chart\":{\"path\":\"/c\"}}",
     LEVEL},
    {"/secrets/wandb-latest-cached-release",
     "{\"values\":{\"global\":{\"n\":1}},\"chart\":{\"url\":\"oci://h/"
     "c\",\"version\":\"1\"},\"metadata\":{}}",
     LEVEL},
    {"/secrets/wandb-spec-active",
     "{\"values\":{\"global\":{\"host\":\"https://example.com\",\"operator\":{\"namespace\":\"wandb\"}}},"
     "\"chart\":{\"name\":\"c\",\"version\":\"1\"}}",
     LEVEL},
    {"/secrets",
     "{\"name\":\"wandb\",\"namespace\":\"ns\",\"version\":3,\"manifest\":\"---\\n# Source: "
     "a.yaml\\napiVersion: v1\\nkind: ConfigMap\\nmetadata:\\n  name: m\\ndata: {a: b}\\n---\\napiVersion: "
     "apps/v1\\nkind: Deployment\\nmetadata: {name: web}\\n\",\"config\":{\"a\":1},\"info\":{\"status\":"
     "\"deployed\",\"description\":\"d\",\"notes\":\"n\",\"first_deployed\":\"f\",\"last_deployed\":\"l\"},"
     "\"chart\":{\"metadata\":{\"name\":\"c\",\"version\":\"1\",\"appVersion\":\"2\"},\"values\":{},"
     "\"files\":[{"
     "\"name\":\"crds/a.yaml\",\"data\":"
     "\"YXBpVmVyc2lvbjogYXBpZXh0ZW5zaW9ucy5rOHMuaW8vdjEKa2luZDogQ3VzdG9tUmVzb3VyY2VEZWZpbml0aW9uCm1ldGFkYXRh"
     "OiB7bmFtZTogYX0K\"}]},\"hooks\":[{\"name\":\"h\",\"kind\":\"Job\",\"path\":\"p\",\"manifest\":\"{}\","
     "\"events\":[\"pre-delete\"],\"weight\":1,\"delete_policies\":[\"hook-failed\"]}]}",
     RELEASE},
    {"/events",
     "{\"kind\":\"EventList\",\"items\":[{\"metadata\":{\"name\":\"e\",\"namespace\":\"ns\"},\"type\":"
     "\"Warning\","
     "\"reason\":\"r\",\"message\":\"m\",\"count\":2,\"lastTimestamp\":\"2024\",\"series\":{"
     "\"lastObservedTime\":\"2025\"}},{\"metadata\":{\"name\":\"f\"},\"type\":\"Normal\"}]}",
     PLAIN},
    {"/log",
     "{\"level\":\"error\",\"ts\":\"2024\",\"msg\":\"Reconciler "
     "error\",\"name\":\"wandb\",\"namespace\":\"ns\","
     "\"reconcileID\":\"r\",\"error\":\"Invalid value: \\\"x\\\": no\"}",
     PLAIN},
    {"/pods",
     "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"5\",\"continue\":\"\"},\"items\":[{"
     "\"metadata\":{"
     "\"name\":\"wandb-manager\",\"namespace\":\"wandb\",\"creationTimestamp\":\"2024-01-01T00:00:00Z\"},"
     "\"status\":{\"phase\":\"Pending\",\"reason\":\"Evicted\",\"message\":\"m\",\"conditions\":[{\"type\":"
     "\"PodScheduled\",\"status\":\"False\",\"reason\":\"Unschedulable\",\"message\":\"m\"}],"
     "\"containerStatuses\":[{\"name\":\"manager\",\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\","
     "\"message\":\"m\"}},\"lastState\":{\"terminated\":{\"exitCode\":1,\"reason\":\"Error\",\"message\":\"m"
     "\"}}}]}}]}",
     PLAIN},
    {"/deployments/web",
     "{\"apiVersion\":\"apps/"
     "v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\",\"namespace\":\"ns\","
     "\"uid\":\"u\",\"generation\":1,\"labels\":{\"app.kubernetes.io/managed-by\":\"Helm\"},\"annotations\":{"
     "\"meta.helm.sh/release-name\":\"wandb\",\"meta.helm.sh/release-namespace\":\"ns\","
     "\"helm.sh/"
     "resource-policy\":\"x\"}},\"spec\":{\"replicas\":2,\"selector\":{\"matchLabels\":{\"a\":\"b\"},"
     "\"matchExpressions\":[{\"key\":\"k\",\"operator\":\"In\",\"values\":[\"v\"]}]},\"strategy\":{\"type\":"
     "\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":\"25%\",\"maxSurge\":1}}},\"status\":{"
     "\"replicas\":1,\"observedGeneration\":1,\"conditions\":[{\"type\":\"Progressing\",\"status\":\"True\","
     "\"reason\":\"r\",\"message\":\"m\"}]}}",
     PLAIN},
    {"/configmaps/m",
     "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\",\"namespace\":\"ns\","
     "\"uid\":\"u"
     "\"},\"data\":{\"a\":\"c\"}}",
     PLAIN},
    {"/apis/apps.wandb.com/v1",
     "{\"kind\":\"APIResourceList\",\"resources\":[{\"name\":\"weightsandbiases\",\"kind\":"
     "\"WeightsAndBiases\","
     "\"namespaced\":true}]}",
     PLAIN},
    {"/apis/apps.wandb.com/v2", NULL, PLAIN},
    {"/apis",
     "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"apps\",\"versions\":[{\"groupVersion\":\"apps/"
     "v1\"}]}]}",
     PLAIN},
};
enum { COUNT = sizeof DOCUMENTS / sizeof *DOCUMENTS };

static const char *bodies[COUNT]; // written between operations, read by the engine's thread

static struct http_fault answer(void *data, unsigned nth, const char *method, const char *url) {
    (void)data, (void)nth, (void)method;
    for (size_t i = 0; i < COUNT; i++)
        if (strstr(url, DOCUMENTS[i].path) && bodies[i])
            return (struct http_fault){.kind = HTTP_FAULT_STATUS, .status = 200, .body = bodies[i]};
    return (struct http_fault){.kind = HTTP_FAULT_STATUS,
                               .status = 404,
                               .body = "{\"kind\":\"Status\",\"reason\":\"NotFound\",\"message\":\"none\"}"};
}

static const char *in_base64(struct arena *arena, const char *text) {
    struct buf out;
    buf_init(&out, arena);
    base64_encode(&out, text, strlen(text));
    return buf_text(&out);
}

static const char *wrapped(struct arena *arena, enum wrap wrap, struct value document) {
    const char *text = json_text(arena, document);
    if (wrap == EVENT_LINE)
        return arena_printf(arena, "%s\n", text);
    if (wrap == RELEASE)
        return arena_printf(
            arena,
            "{\"kind\":\"SecretList\",\"items\":[{\"metadata\":{\"name\":\"sh.helm.release.v1."
            "wandb.v3\",\"namespace\":\"ns\"},\"data\":{\"release\":\"%s\"}}]}",
            in_base64(arena, in_base64(arena, text)));
    if (wrap == PLAIN)
        return text;
    struct buf out;
    buf_init(&out, arena);
    buf_str(&out, "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\",\"namespace\":\"ns\"},\"data\":{");
    for (size_t i = 0; i < value_len(document); i++) {
        const struct value_entry *entry = value_entry_at(document, i);
        buf_printf(&out, "%s\"%s\":\"%s\"", i ? "," : "", entry->key,
                   in_base64(arena, json_text(arena, entry->value)));
    }
    buf_str(&out, "}}");
    return buf_text(&out);
}

// ---- what is done with them ----

static struct provider *provider;
static struct kube_client *kube;

static struct resource_state state_of(struct call *call, const struct schema *schema, const char *more) {
    const char *text = arena_printf(call->arena, "{\"name\":\"wandb\",\"namespace\":\"ns\"%s}", more);
    struct value known = json(call->arena, text);
    return (struct resource_state){schema_defaults(call->arena, schema, known, known), value_null(),
                                   json(call->arena, "{\"owner\":\"us\",\"resource_version\":\"1\"}")};
}

static void read_instance(struct call *call, struct err *err) {
    struct resource_state state = state_of(call, &instance_schema,
                                           ",\"spec\":{\"values\":{\"global\":{\"host\":\"https://example.com"
                                           "\"}}},\"labels\":{\"a\":\"c\"},\"uid\":\"u-1\"");
    resource_instance.read(call, provider, &state, err);
}

static void import_instance(struct call *call, struct err *err) {
    struct resource_state state = state_of(call, &instance_schema, "");
    resource_instance.read(call, provider, &state, err);
}

static void destroy_instance(struct call *call, struct err *err) {
    struct resource_state state = state_of(call, &instance_schema, ",\"spec\":{\"values\":{}}");
    resource_instance.destroy(call, provider, &state, err);
}

static void wait_for_instance(struct call *call, struct err *err) {
    struct kube_ref ref = KUBE_REF(INSTANCE_V1, INSTANCE_KIND, "ns", "wandb");
    struct value live;
    if (instance_get(call, kube, &ref, &live, err) && !value_is_null(live))
        readiness_wait(call, kube, &live, &(struct readiness_goal){READINESS_READY, false}, err);
}

static void explain(struct call *call, struct err *err) {
    static const struct kube_ref refs[] = {KUBE_REF("apps/v1", "Deployment", "ns", "web"),
                                           KUBE_REF(INSTANCE_V1, INSTANCE_KIND, "ns", "wandb")};
    const struct kube_ref ref = KUBE_REF(INSTANCE_V1, INSTANCE_KIND, "ns", "wandb");
    for (size_t i = 0; i < 2; i++)
        err_set(err, ERR_INVALID, "%s", kube_explain(call, kube, &refs[i]));
    err_set(err, ERR_INVALID, "%s %s", err->msg, operator_log_about(call, kube, &ref, value_null()));
}

static void wait_for_objects(struct call *call, struct err *err) {
    static const struct kube_ref refs[] = {KUBE_REF("apps/v1", "Deployment", "ns", "web"),
                                           KUBE_REF("v1", "ConfigMap", "ns", "m")};
    for (enum kube_rules rules = KUBE_RULES_KSTATUS; rules <= KUBE_RULES_HELM3; rules++) {
        struct kube_wait wait = {.rules = rules};
        kube_wait_ready(call, kube, refs, 2, &wait, err);
    }
}

static void read_operator(struct call *call, struct err *err) {
    struct resource_state state = state_of(call, &operator_schema, ",\"revision\":3,\"status\":\"deployed\"");
    resource_operator.read(call, provider, &state, err);
}

static void import_operator(struct call *call, struct err *err) {
    struct resource_state state = state_of(call, &operator_schema, "");
    resource_operator.read(call, provider, &state, err);
}

static void destroy_operator(struct call *call, struct err *err) {
    struct resource_state state = state_of(call, &operator_schema, "");
    resource_operator.destroy(call, provider, &state, err);
}

typedef void operation(struct call *call, struct err *err);

static operation *const OPERATIONS[] = {read_instance,     import_instance,  destroy_instance,
                                        wait_for_instance, explain,          wait_for_objects,
                                        read_operator,     destroy_operator, NULL};

// Its notes take hashes, which take their time: tried on the objects alone.
static operation *const IMPORTS[] = {import_operator, NULL};

static void check_words(const char *words, const char *body) {
    if (words && strstr(words, "(null)"))
        fail_msg("%s\nsays: %s", body, words);
}

static void run_all(operation *const *operations, const char *body) {
    for (size_t i = 0; operations[i]; i++) {
        SCRATCH_ARENA(arena);
        struct call call = call_in(arena);
        struct err err = err_in(arena);
        call.hidden = hidden_create(arena);
        call.deadline = call_now() + SOON_MS;
        kube_client_forget(kube);
        operations[i](&call, &err);
        check_words(err.msg, body);
        for (const struct notice *notice = call.notices; notice; notice = notice->next)
            check_words(notice->detail, body);
    }
}

static void run_changed(operation *const *operations, struct arena *lasting, size_t i) {
    const char *whole = bodies[i];
    struct value document = whole ? json(lasting, DOCUMENTS[i].text) : value_null();
    for (size_t part = 1; whole && part < parts(document); part++)
        for (size_t other = 0; other < OTHER_COUNT; other++) {
            SCRATCH_ARENA(arena);
            size_t number = part;
            struct value changed = replaced(arena, document, &number, json(arena, OTHERS[other]));
            bodies[i] = wrapped(arena, DOCUMENTS[i].wrap, changed);
            run_all(operations, bodies[i]);
        }
    bodies[i] = whole;
}

static void answer_as_they_are(struct arena *lasting) {
    for (size_t i = 0; i < COUNT; i++)
        bodies[i] =
            DOCUMENTS[i].text ? wrapped(lasting, DOCUMENTS[i].wrap, json(lasting, DOCUMENTS[i].text)) : NULL;
}

static void any_kind_anywhere(void **state) {
    (void)state;
    SCRATCH_ARENA(lasting);
    answer_as_they_are(lasting);
    run_all(OPERATIONS, "as they are");
    for (size_t i = 0; i < COUNT; i++)
        run_changed(OPERATIONS, lasting, i);
}

static void any_kind_in_what_is_imported(void **state) {
    (void)state;
    SCRATCH_ARENA(lasting);
    answer_as_they_are(lasting);
    run_all(IMPORTS, "as they are");
    for (size_t i = 0; i < COUNT; i++)
        if (!strncmp(DOCUMENTS[i].path, "/configmaps", 11) || !strncmp(DOCUMENTS[i].path, "/deployments", 12))
            run_changed(IMPORTS, lasting, i);
}

static int configure(void **state) {
    static struct arena *arena;
    arena = arena_create();
    *state = arena;
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    provider = provider_configure(
        &call, json(arena, "{\"kubernetes\":{\"host\":\"http://127.0.0.1:1\",\"token\":\"t\"}}"), "1.15.0",
        &err);
    kube = provider ? provider_kube(&call, provider, &err) : NULL;
    if (kube)
        http_client_set_faults(kube_client_http(kube), answer, NULL);
    return kube ? 0 : 1;
}

static int release(void **state) {
    provider_release(provider);
    arena_destroy(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_kind_anywhere),
                                       cmocka_unit_test(any_kind_in_what_is_imported)};
    return cmocka_run_group_tests(tests, configure, release);
}
