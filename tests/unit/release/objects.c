// SPDX-License-Identifier: Apache-2.0
// Where the objects of a stored release are when the server no longer serves the version that it names.
#include "http/client.h"
#include "release/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *end, *body;
    int status;
} SERVED[] = {
    {"/apis",
     "{\"kind\":\"APIGroupList\",\"groups\":["
     "{\"name\":\"autoscaling\",\"versions\":[{\"groupVersion\":\"autoscaling/v2\"}]},"
     "{\"name\":\"networking.k8s.io\",\"versions\":[{\"groupVersion\":\"networking.k8s.io/v1\"}]},"
     "{\"name\":\"policy\",\"versions\":[{\"groupVersion\":\"policy/v1\"}]},"
     "{\"name\":\"e.test\",\"preferredVersion\":{\"groupVersion\":\"e.test/v2\"},\"versions\":"
     "[{\"groupVersion\":\"e.test/v1\"},{\"groupVersion\":\"e.test/v2\"}]}]}",
     200},
    {"/apis/e.test/v1", "{\"resources\":[{\"name\":\"widgets\",\"kind\":\"Widget\",\"namespaced\":false}]}",
     200},
    {"/apis/e.test/v2", "{\"resources\":[{\"name\":\"gadgets\",\"kind\":\"Gadget\",\"namespaced\":true}]}",
     200},
    {"/apis/policy/v1", "{\"resources\":[]}", 200},
};

static struct http_fault answer(void *data, unsigned nth, const char *method, const char *url) {
    (void)data, (void)nth, (void)method;
    for (size_t i = 0; i < sizeof SERVED / sizeof *SERVED; i++)
        if (!strcmp(url + strlen("https://api.test"), SERVED[i].end))
            return (struct http_fault){HTTP_FAULT_STATUS, 0, SERVED[i].status, SERVED[i].body, NULL};
    return (struct http_fault){HTTP_FAULT_STATUS, 0, 404, "404 page not found", NULL};
}

static const struct row {
    const char *api_version, *kind;
    const char *found; // NULL: it is not served
    const char *namespace;
    const char *refusal; // of a chart that says it now; the first two are tried
} rows[] = {
    {"autoscaling/v2beta2", "HorizontalPodAutoscaler", "autoscaling/v2", "ns",
     "HorizontalPodAutoscaler \"a\": HorizontalPodAutoscaler is served as autoscaling/v2 now"},
    {"extensions/v1beta1", "Ingress", "networking.k8s.io/v1", "ns", "is served as networking.k8s.io/v1 now"},
    {"extensions/v1beta1", "Deployment", NULL, "ns", NULL}, // this server has no group apps
    {"policy/v1beta1", "PodSecurityPolicy", NULL, "ns", NULL},
    {"e.test/v1alpha1", "Widget", "e.test/v1", NULL, NULL},
    {"e.test/v1", "Gadget", "e.test/v2", "ns", NULL},
    {"gone.test/v1", "Widget", NULL, "ns", NULL},
    {"v2", "ConfigMap", NULL, "ns", NULL},
    {"v1", "ConfigMap", "v1", "ns", NULL},
};

// The one object of a release's manifest, as the row has it.
static bool parse(struct arena *arena, const struct row *row, bool strict, struct release_objects *out,
                  struct err *err) {
    struct call call = call_in(arena);
    struct kube_config config = {.host = "https://api.test"};
    struct kube_client *kube = kube_client_create(&config, NULL);
    struct release release = {.name = "app", .namespace = "ns"};
    release.manifest = arena_printf(arena, "---\napiVersion: %s\nkind: %s\nmetadata: {name: a}\n",
                                    row->api_version, row->kind);
    http_client_set_faults(kube_client_http(kube), answer, NULL);
    bool parsed = objects_parse(&call, kube, &release, strict, out, err);
    kube_client_destroy(kube);
    return parsed;
}

static void finds_objects_where_they_are(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        struct release_objects objects;
        if (!parse(arena, &rows[i], false, &objects, &err))
            fail_msg("%s %s: %s", rows[i].api_version, rows[i].kind, err.msg);
        const struct release_object *object = &objects.items[0];
        const char *version = rows[i].found ? rows[i].found : rows[i].api_version;
        assert_int_equal(object->unserved, !rows[i].found);
        assert_string_equal(object->ref.api_version, version);
        assert_string_equal(value_dig_string(object->object, "apiVersion", NULL), version);
        assert_string_equal(object->ref.namespace ? object->ref.namespace : "",
                            rows[i].namespace ? rows[i].namespace : "");
    }
}

static void refuses_a_chart_that_is_too_old(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) { // each waits until discovery has had its time
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        struct release_objects objects;
        assert_false(parse(arena, &rows[i], true, &objects, &err));
        if (!strstr(err.msg, rows[i].refusal))
            fail_msg("%s", err.msg);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_objects_where_they_are),
        cmocka_unit_test(refuses_a_chart_that_is_too_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
