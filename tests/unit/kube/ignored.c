// SPDX-License-Identifier: Apache-2.0
#include "kube/ignored.h"

#include "files.h"

#include <string.h>

static struct kube_ignored parsed(struct arena *arena, const char *pattern) {
    struct kube_ignored out;
    struct err err = err_in(arena);
    struct value text = value_string_ref(pattern);
    if (!kube_ignored_parse(arena, "ignore_drift", value_list(arena, &text, 1), &out, &err))
        fail_msg("%s: %s", pattern, err.msg);
    return out;
}

static void refuses_what_is_no_pattern(void **state) {
    static const struct {
        const char *pattern, *why;
    } cases[] = {
        {"", "it names no object"},
        {"Deployment spec.replicas", "it names no object"},
        {"/app spec.replicas", "it names no object"},
        {"Deployment/ spec.replicas", "it names no object"},
        {"Deployment//app spec.replicas", "it names no object"},
        {"Deployment/a/b/c spec.replicas", "it names no object"},
        {".apps/app spec.replicas", "it names no object"},
        {"Deployment/app", "the path is missing"},
        {"Deployment/app  ", "the path is missing"},
        {"Deployment/app spec..replicas", "is not a path at byte 4"},
        {"Deployment/app spec.a b[", "is not a path"},
        {"Deployment/app [0]", "must begin with the name of a field"},
        {"Deployment/app *", "must begin with the name of a field"},
        {"Deployment/app [*].a", "must begin with the name of a field"},
        {"Deployment/app metadata", "only labels and annotations are compared"},
        {"Deployment/app metadata.name", "only labels and annotations are compared"},
        {"Deployment/app metadata.*", "only labels and annotations are compared"},
        {"Deployment/app status.replicas", "not one that is compared"},
        {"Deployment/app kind", "not one that is compared"},
    };
    (void)state;
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value patterns[] = {value_unknown(), value_string_ref(cases[i].pattern)};
        struct kube_ignored out;
        struct err err = err_in(arena);
        assert_false(kube_ignored_parse(arena, "ignore_drift", value_list(arena, patterns, 2), &out, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_string_equal(err.path, "ignore_drift[1]");
        if (!strstr(err.msg, cases[i].why))
            fail_msg("\"%s\" is missing from: %s", cases[i].why, err.msg);
    }
}

static void speaks_of_objects(void **state) {
    static const struct {
        const char *pattern, *object, *api_version; // NULL: by its name as text
        bool speaks;
    } cases[] = {
        {"Deployment/app spec", "Deployment/ns/app", "apps/v1", true},
        {"Deployment/ns/app spec", "Deployment/ns/app", "apps/v1", true},
        {"Deployment/other/app spec", "Deployment/ns/app", "apps/v1", false},
        {"Deployment/other spec", "Deployment/ns/app", "apps/v1", false},
        {"StatefulSet/app spec", "Deployment/ns/app", "apps/v1", false},
        {"*/* spec", "Deployment/ns/app", "apps/v1", true},
        {"*Set/wandb-* spec", "StatefulSet/ns/wandb-mysql", "apps/v1", true},
        {"*Set/wandb-* spec", "Deployment/ns/wandb-app", "apps/v1", false},
        {"Ingress.networking.k8s.io/app spec", "Ingress/ns/app", "networking.k8s.io/v1", true},
        {"Ingress.extensions/app spec", "Ingress/ns/app", "networking.k8s.io/v1", false},
        {"Secret.v1/app data", "Secret/ns/app", "v1", false},
        {"ClusterRole/app rules", "ClusterRole/app", "rbac.authorization.k8s.io/v1", true},
        {"ClusterRole/ns/app rules", "ClusterRole/app", "rbac.authorization.k8s.io/v1", false},
        {"Ingress.networking.k8s.io/app spec", "Ingress/ns/app", NULL, true},
        {"Ingress.networking.k8s.io/app spec", "Ingress.extensions/ns/app", NULL, false},
        {"ClusterRole/app rules", "ClusterRole/app", NULL, true},
        {"Deployment/app spec", "wandb", NULL, false},
    };
    (void)state;
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char kind[64], space[64] = "", name[64];
        struct kube_ignored all = parsed(arena, cases[i].pattern), of;
        if (cases[i].api_version) {
            if (sscanf(cases[i].object, "%63[^/]/%63[^/]/%63s", kind, space, name) != 3) {
                assert_int_equal(sscanf(cases[i].object, "%63[^/]/%63s", kind, name), 2);
                space[0] = 0;
            }
            of = kube_ignored_of(arena, &all,
                                 &KUBE_REF(cases[i].api_version, kind, *space ? space : NULL, name));
        } else {
            of = kube_ignored_named(arena, &all, cases[i].object);
        }
        if (of.count != cases[i].speaks)
            fail_msg("%s and %s", cases[i].pattern, cases[i].object);
    }
}

static void leads_to_places(void **state) {
    static const struct {
        const char *pattern, *path;
        enum kube_ignored_extent extent;
    } cases[] = {
        {"A/a spec.replicas", "spec.replicas", KUBE_IGNORED_WHOLLY},
        {"A/a spec.replicas", "spec", KUBE_IGNORED_BELOW},
        {"A/a spec.replicas", "spec.other", KUBE_IGNORED_NOT},
        {"A/a spec.replicas", "data", KUBE_IGNORED_NOT},
        {"A/a spec.values", "spec.values.a.b[0]", KUBE_IGNORED_WHOLLY},
        {"A/a spec.list[1]", "spec.list[1].x", KUBE_IGNORED_WHOLLY},
        {"A/a spec.list[1]", "spec.list[0]", KUBE_IGNORED_NOT},
        {"A/a spec.list[*].x", "spec.list[7].x", KUBE_IGNORED_WHOLLY},
        {"A/a spec.list[*].x", "spec.list[7].y", KUBE_IGNORED_NOT},
        {"A/a spec.list[*].x", "spec.list", KUBE_IGNORED_BELOW},
        {"A/a spec.*.x", "spec.any.x", KUBE_IGNORED_WHOLLY},
        {"A/a metadata.annotations[\"example.com/*\"]", "metadata.annotations[\"example.com/a\"]",
         KUBE_IGNORED_WHOLLY},
        {"A/a metadata.annotations[\"example.com/*\"]", "metadata.annotations.other", KUBE_IGNORED_NOT},
        {"A/a metadata.labels[\"a[*]\"]", "metadata.labels[0]", KUBE_IGNORED_NOT},
    };
    (void)state;
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct kube_ignored ignored = parsed(arena, cases[i].pattern);
        if (kube_ignored_at(arena, &ignored, cases[i].path) != cases[i].extent)
            fail_msg("%s at %s", cases[i].pattern, cases[i].path);
    }
    assert_int_equal(kube_ignored_at(arena, NULL, "spec"), KUBE_IGNORED_NOT);
}

static void takes_what_is_there(void **state) {
    static const struct {
        const char *path, *object, *from, *taken;
    } cases[] = {
        {"spec.a", "{'spec':{'a':1,'b':1}}", "{'spec':{'a':2,'b':2}}", "{'spec':{'a':2,'b':1}}"},
        {"spec.a", "{'spec':{'a':1,'b':1}}", "{'spec':{}}", "{'spec':{'b':1}}"},
        {"spec.a", "{'spec':{'b':1}}", "{'spec':{'a':{'x':[1]}}}", "{'spec':{'a':{'x':[1]},'b':1}}"},
        {"spec.a.b", "{'spec':{'c':1}}", "{'spec':{'a':{'b':2,'d':3}}}", "{'spec':{'a':{'b':2},'c':1}}"},
        {"spec.a.b", "{'spec':{'a':{'b':1}}}", "{'spec':{}}", "{'spec':{}}"},
        {"spec.a.b", "{'spec':{'a':{'b':1}}}", "{'spec':{'a':{}}}", "{'spec':{'a':{}}}"},
        {"spec.a.b", "{'spec':{'a':1}}", "{'spec':{'a':{'b':2}}}", "{'spec':{'a':1}}"},
        {"spec.a.b", "{'spec':{'a':{'b':1}}}", "{'spec':{'a':1}}", "{'spec':{}}"},
        {"spec.l[*].i", "{'spec':{'l':[{'name':'a','i':1},{'name':'b','i':1}]}}",
         "{'spec':{'l':[{'name':'b','i':2},{'name':'x','i':9}]}}",
         "{'spec':{'l':[{'name':'a'},{'i':2,'name':'b'}]}}"},
        {"spec.l[1]", "{'spec':{'l':[1,2,3]}}", "{'spec':{'l':[7,8]}}", "{'spec':{'l':[1,8,3]}}"},
        {"spec.l[1]", "{'spec':{'l':[1,2,3]}}", "{'spec':{'l':[7]}}", "{'spec':{'l':[1,3]}}"},
        {"spec.l", "{'spec':{'l':[1,2,3]}}", "{'spec':{'l':[7]}}", "{'spec':{'l':[7]}}"},
        {"spec", "{'spec':{'a':1}}", "{}", "{}"},
        {"metadata.annotations[\"x/*\"]", "{'metadata':{'annotations':{'x/a':'1','y':'1'},'name':'n'}}",
         "{'metadata':{'annotations':{'x/b':'2','z':'2'},'name':'m'}}",
         "{'metadata':{'annotations':{'x/b':'2','y':'1'},'name':'n'}}"},
    };
    (void)state;
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct kube_ignored ignored = parsed(arena, arena_printf(arena, "A/a %s", cases[i].path));
        struct value taken = kube_ignored_take(arena, &ignored, json_quoted(arena, cases[i].object),
                                               json_quoted(arena, cases[i].from));
        assert_string_equal(json_text(arena, taken), json_text(arena, json_quoted(arena, cases[i].taken)));
    }
}

// What is ours there is said as it is now, what is another's is not said, and what is not there yet is made.
static void leaves_each_owner_his(void **state) {
    static const char MANIFEST[] =
        "{'kind':'Deployment','spec':{'l':[{'a':1,'b':1}],'paused':true,'replicas':1,'size':'small'}}";
    static const char LIVE[] =
        "{'kind':'Deployment','metadata':{'managedFields':["
        "{'manager':'us','operation':'Apply','fieldsV1':{'f:spec':{'f:replicas':{},'f:paused':{}}}},"
        "{'manager':'them','operation':'Update','fieldsV1':{'f:spec':{'f:l':{},'f:size':{}}}}]},"
        "'spec':{'l':[{'a':2,'b':2}],'paused':false,'replicas':3,'size':'large'}}";
    (void)state;
    SCRATCH_ARENA(arena);
    struct value patterns[] = {value_string_ref("Deployment/app spec.replicas"),
                               value_string_ref("Deployment/app spec.size"),
                               value_string_ref("Deployment/app spec.l[*].b")};
    struct kube_ignored ignored;
    struct err err = err_in(arena);
    struct value manifest = json_quoted(arena, MANIFEST);
    assert_true(kube_ignored_parse(arena, "ignore_drift", value_list(arena, patterns, 3), &ignored, &err));
    struct value left = kube_ignored_left(arena, &ignored, manifest, json_quoted(arena, LIVE), "us");
    assert_string_equal(
        json_text(arena, left),
        "{\"kind\":\"Deployment\",\"spec\":{\"l\":[{\"a\":1,\"b\":2}],\"paused\":true,\"replicas\":3}}");
    assert_true(value_equal(kube_ignored_left(arena, &ignored, manifest, value_null(), "us"), manifest));
    assert_true(
        value_equal(kube_ignored_left(arena, NULL, manifest, json_quoted(arena, LIVE), "us"), manifest));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_pattern),
        cmocka_unit_test(speaks_of_objects),
        cmocka_unit_test(leads_to_places),
        cmocka_unit_test(takes_what_is_there),
        cmocka_unit_test(leaves_each_owner_his),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
