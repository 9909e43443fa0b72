// SPDX-License-Identifier: Apache-2.0
// What becomes of an object that the server refuses to apply: the requests that follow, by the http door's
// faults, which answer each method as often as a row says.
#include "helm/chart.h"
#include "http/client.h"
#include "release/write.h"

#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STATUS(code, message, more)                                                                          \
    "{\"kind\":\"Status\",\"code\":" code ",\"message\":\"" message "\"" more "}"
#define UNTYPED                                                                                              \
    STATUS(                                                                                                  \
        "500",                                                                                               \
        "failed to create typed patch object (ns/a; apps/v1, Kind=Deployment): errors:\\n  .spec.replica: "  \
        "field not declared in schema\\n  .spec.template.env: duplicate entries for key "                    \
        "[name=\\\"MODE\\\"]",                                                                               \
        "")
#define INVALID(field)                                                                                       \
    STATUS("422", "invalid", ",\"reason\":\"Invalid\",\"details\":{\"causes\":[{\"field\":\"" field "\"}]}")
#define CONFLICT STATUS("409", "modified", ",\"reason\":\"Conflict\"")
#define ABSENT STATUS("404", "not found", ",\"reason\":\"NotFound\"")
#define LIVE                                                                                                 \
    "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"a\",\"namespace\":\"ns\"," \
    "\"resourceVersion\":\"7\"},\"spec\":{\"strategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{}}}}"
#define WRITTEN                                                                                              \
    "{\"apiVersion\":\"apps/"                                                                                \
    "v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"a\",\"namespace\":\"ns\"}}"

struct answer {
    const char *method;
    int status;
    const char *body;
};

struct row {
    const char *name;
    enum helm_profile profile;
    const char *uid;             // that the manifest gives; NULL for none
    struct answer answers[8];    // in this order, and no more
    const char *warning, *error; // a part of it; NULL for none
};

#define APPLY_REFUSED                                                                                        \
    { "PATCH", 422, INVALID("spec.strategy.rollingUpdate") }

static const struct row rows[] = {
    {"their half goes in one update, then ours is applied",
     HELM_4,
     NULL,
     {APPLY_REFUSED, {"GET", 200, LIVE}, {"PUT", 200, WRITTEN}, {"PATCH", 200, WRITTEN}},
     NULL,
     NULL},
    {"it changed meanwhile",
     HELM_3,
     NULL,
     {APPLY_REFUSED,
      {"GET", 200, LIVE},
      {"PUT", 409, CONFLICT},
      {"GET", 200, LIVE},
      {"PUT", 200, WRITTEN},
      {"PATCH", 200, WRITTEN}},
     NULL,
     NULL},
    {"it does not help",
     HELM_3,
     NULL,
     {APPLY_REFUSED, {"GET", 200, LIVE}, {"PUT", 422, INVALID("spec.selector")}, {"GET", 200, LIVE}},
     NULL,
     "apply Deployment/ns/a: the server refuses the object"},
    {"there is nothing to take away",
     HELM_3,
     NULL,
     {APPLY_REFUSED, {"GET", 404, ABSENT}},
     NULL,
     "the server refuses the object"},
    {"helm 3 creates what has no typed form",
     HELM_3,
     NULL,
     {{"PATCH", 500, UNTYPED}, {"GET", 404, ABSENT}, {"POST", 201, WRITTEN}},
     ".spec.replica: field not declared in schema; .spec.template.env: duplicate entries for key "
     "[name=\"MODE\"]. With profile",
     NULL},
    {"helm 3 updates what has no typed form",
     HELM_3,
     NULL,
     {{"PATCH", 500, UNTYPED},
      {"GET", 200, LIVE},
      {"PUT", 409, CONFLICT},
      {"GET", 200, LIVE},
      {"PUT", 200, WRITTEN}},
     "does not apply Deployment/ns/a",
     NULL},
    {"helm 4 refuses it", HELM_4, NULL, {{"PATCH", 500, UNTYPED}}, NULL, "set profile = \"3\""},
    {"helm 3 leaves out what only the server writes",
     HELM_3,
     "u",
     {{"PATCH", 409, CONFLICT}, {"PATCH", 200, WRITTEN}},
     "metadata.uid may only be written by the server",
     NULL},
    {"helm 4 refuses that, too",
     HELM_4,
     "u",
     {{"PATCH", 409, CONFLICT}, {"PATCH", 200, WRITTEN}},
     NULL,
     "metadata.uid may only be written by the server. helm 4"},
    {"it was not the matter",
     HELM_3,
     "u",
     {{"PATCH", 422, INVALID("spec.x")}, {"PATCH", 422, INVALID("spec.x")}, {"GET", 404, ABSENT}},
     NULL,
     "the server refuses the object"},
    {"what is forbidden stays so",
     HELM_3,
     NULL,
     {{"PATCH", 403, STATUS("403", "no", "")}},
     NULL,
     "forbidden"},
};

struct server {
    const struct row *row;
    size_t asked;
};

static struct http_fault answer(void *data, unsigned nth, const char *method, const char *url) {
    struct server *server = data;
    const struct answer *next = &server->row->answers[server->asked];
    (void)nth;
    server->asked++;
    if (!next->method || strcmp(next->method, method) != 0) {
        printf("%s: request %zu is %s %s\n", server->row->name, server->asked, method, url);
        return (struct http_fault){HTTP_FAULT_STATUS, 0, 418, "unexpected", NULL};
    }
    return (struct http_fault){HTTP_FAULT_STATUS, 0, next->status, next->body, NULL};
}

static struct value manifest(struct arena *arena, const char *uid) {
    struct err err = err_in(arena);
    struct value out;
    const char *text =
        arena_printf(arena,
                     "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"a\","
                     "\"namespace\":\"ns\"%s%s%s},\"spec\":{\"strategy\":{\"type\":\"Recreate\"}}}",
                     uid ? ",\"uid\":\"" : "", uid ? uid : "", uid ? "\"" : "");
    assert_true(json_decode(arena, text, strlen(text), &out, &err));
    return out;
}

static void check(const struct row *row) {
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct kube_config config = {.host = "https://api.test", .login.token = "hush"};
    struct kube_client *kube = kube_client_create(&config, NULL);
    struct server server = {row, 0};
    struct helm_chart chart = {.profile = row->profile};
    struct release_spec spec = {.chart = &chart};
    struct run run = {.call = &call, .kube = kube, .spec = &spec, .manager = "ours"};
    struct release_object object = {.object = manifest(arena, row->uid)};
    size_t expected = 0;
    object.ref = kube_ref_of(object.object);
    http_client_set_faults(kube_client_http(kube), answer, &server);
    bool done = apply_batch(&run, &object, 1, &err);
    kube_client_destroy(kube);
    while (row->answers[expected].method)
        expected++;
    if (done == (row->error != NULL) || server.asked != expected)
        fail_msg("%s: %s, %zu requests", row->name, done ? "done" : err.msg, server.asked);
    if (row->error && !strstr(err.msg, row->error))
        fail_msg("%s: %s", row->name, err.msg);
    if (!row->warning != !call.notices || (row->warning && !strstr(call.notices->detail, row->warning)))
        fail_msg("%s: warned \"%s\"", row->name, call.notices ? call.notices->detail : "");
}

static void writes_in_another_way(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i]);
}

// A label that the chart drops, whoever changed it, goes; one that others added, stays.
static void takes_what_was_dropped(void **state) {
    static const struct row row = {.name = "dropped", .answers = {{"PATCH", 200, WRITTEN}}};
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct kube_config config = {.host = "https://api.test"};
    struct kube_client *kube = kube_client_create(&config, NULL);
    struct server server = {&row, 0};
    struct value_entry label[] = {{"a", value_string_ref("x")}};
    struct value_entry labels[] = {{"labels", value_map(arena, label, 1)}};
    struct value bare = manifest(arena, NULL),
                 labelled = value_with(arena, bare, "metadata", value_map(arena, labels, 1));
    struct release_object old = {.object = labelled, .ref = kube_ref_of(bare)};
    struct run run = {.call = &call, .kube = kube, .manager = "ours", .old = {&old, 1}};
    struct write write = {.object = {.object = bare, .ref = kube_ref_of(bare)}};
    http_client_set_faults(kube_client_http(kube), answer, &server);
    write.answer.object = bare;
    assert_true(take_dropped(&run, &write, &err));
    assert_int_equal(server.asked, 0); // it is gone
    write.answer.object = labelled;
    assert_true(take_dropped(&run, &write, &err));
    assert_int_equal(server.asked, 1);
    write.object.object = labelled;
    assert_true(take_dropped(&run, &write, &err));
    assert_int_equal(server.asked, 1); // the chart has it
    kube_client_destroy(kube);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_in_another_way),
        cmocka_unit_test(takes_what_was_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
