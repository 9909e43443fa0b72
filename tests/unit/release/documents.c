// SPDX-License-Identifier: Apache-2.0
// What documents hold, and what they say about being deleted.
#include "codec/yaml.h"
#include "release/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct value read(struct arena *arena, const char *text) {
    struct err err = err_in(arena);
    struct value document;
    assert_true(yaml_decode(arena, text, strlen(text), YAML_NUMBERS_EXACT, &document, &err));
    return document;
}

// "ConfigMap a, ServiceAccount b", or the error.
static const char *held(struct arena *arena, const char *text) {
    struct objects objects = {0};
    struct err err = err_in(arena);
    struct buf out;
    buf_init(&out, arena);
    if (!documents_add(arena, read(arena, text), &objects, &err))
        return err.msg;
    for (size_t i = 0; i < objects.count; i++) {
        struct kube_ref ref = kube_ref_of(objects.items[i]);
        buf_printf(&out, "%s%s %s %s", i ? ", " : "", ref.api_version, ref.kind, ref.name);
    }
    return buf_text(&out);
}

static const struct {
    const char *text, *held;
} rows[] = {
    {"", ""},
    {"# only this", ""},
    {"null", ""},
    {"~ # none", ""},
    {"---\n---\n", ""},
    {"{apiVersion: v1, kind: A, metadata: {name: a}}", "v1 A a"},
    {"{}", "no Kubernetes object: apiVersion, kind and metadata.name are missing"},
    {"foo: bar", "no Kubernetes object: apiVersion, kind and metadata.name are missing"},
    {"{kind: A}", "no Kubernetes object: apiVersion and metadata.name are missing"},
    {"{apiVersion: '', kind: A, metadata: {name: a}}", "no Kubernetes object: apiVersion is missing"},
    {"{apiVersion: 1, kind: [A], metadata: a}",
     "no Kubernetes object: apiVersion, kind and metadata.name are missing"},
    {"{apiVersion: v1, kind: A, metadata: {generateName: a}}",
     "no Kubernetes object: metadata.name is missing"},
    {"{apiVersion: v1, kind: List, items: []}", ""},
    {"{apiVersion: x/v1, kind: List, items: [{apiVersion: v1, kind: A, metadata: {name: a}}, {apiVersion: "
     "v2, "
     "kind: B, metadata: {name: b}}]}",
     "v1 A a, v2 B b"},
    {"{apiVersion: v1, kind: AList, items: [{metadata: {name: a}}, {apiVersion: v2, kind: B, metadata: "
     "{name: "
     "b}}]}",
     "v1 A a, v2 B b"},
    {"{apiVersion: v1, kind: A, metadata: {name: x}, items: [{apiVersion: v1, kind: B, metadata: {name: "
     "b}}]}",
     "v1 B b"},
    {"{apiVersion: v1, kind: AList, items: [{kind: A, metadata: {name: a}}]}",
     "items[0]: no Kubernetes object: apiVersion is missing"},
    {"{apiVersion: v1, kind: AList, items: [{metadata: {name: a}}, null]}",
     "items[1]: no Kubernetes object: apiVersion, kind and metadata.name are missing"},
    {"{apiVersion: v1, kind: List, items: [{metadata: {name: a}}]}",
     "items[0]: no Kubernetes object: apiVersion and kind are missing"},
    {"{apiVersion: v1, kind: List, items: [text]}",
     "items[0]: no Kubernetes object: apiVersion, kind and metadata.name are missing"},
    {"{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: []}]}",
     "items[0]: a list within a list, which helm does not take"},
    {"{kind: List, items: []}", "no Kubernetes object: apiVersion is missing"},
    {"{apiVersion: v1, items: []}", "no Kubernetes object: kind is missing"},
    {"{apiVersion: v1, kind: List}", "its items (kind List) must be a list of objects, found none"},
    {"{apiVersion: v1, kind: A, items: null}", "its items (kind A) must be a list of objects, found null"},
    {"{apiVersion: v1, kind: List, items: {a: b}}",
     "its items (kind List) must be a list of objects, found map"},
};

static void documents_hold(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        assert_string_equal(held(arena, rows[i].text), rows[i].held);
    }
}

// As Go's strings.ToLower and TrimSpace make the word; the Kelvin sign is a letter k.
static const struct {
    const char *annotations;
    enum release_policy policy;
} policies[] = {
    {"{}", RELEASE_POLICY_NONE},
    {"{helm.sh/hook: keep}", RELEASE_POLICY_NONE},
    {"{helm.sh/resource-policy: keep}", RELEASE_POLICY_KEEP},
    {"{helm.sh/resource-policy: Keep}", RELEASE_POLICY_KEEP},
    {"{helm.sh/resource-policy: KEEP}", RELEASE_POLICY_KEEP},
    {"{helm.sh/resource-policy: ' keep '}", RELEASE_POLICY_KEEP},
    {"{helm.sh/resource-policy: \"\\tkEEp\\r\\n\"}", RELEASE_POLICY_KEEP},
    {"{helm.sh/resource-policy: \"\\u00a0keep\\u2003\"}", RELEASE_POLICY_KEEP},
    {"{helm.sh/resource-policy: \"\\u212aeep\"}", RELEASE_POLICY_KEEP},
    {"{helm.sh/resource-policy: keep!}", RELEASE_POLICY_OTHER},
    {"{helm.sh/resource-policy: 'k eep'}", RELEASE_POLICY_OTHER},
    {"{helm.sh/resource-policy: 'keep,keep'}", RELEASE_POLICY_OTHER},
    {"{helm.sh/resource-policy: delete}", RELEASE_POLICY_OTHER},
    {"{helm.sh/resource-policy: ''}", RELEASE_POLICY_OTHER},
    {"{helm.sh/resource-policy: null}", RELEASE_POLICY_OTHER},
    {"{helm.sh/resource-policy: true}", RELEASE_POLICY_OTHER},
    {"{Helm.sh/resource-policy: keep}", RELEASE_POLICY_NONE},
};

static void resource_policies(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        SCRATCH_ARENA(arena);
        struct value object =
            read(arena, arena_printf(arena, "metadata: {annotations: %s}", policies[i].annotations));
        assert_int_equal(policy_of(arena, object), policies[i].policy);
    }
    SCRATCH_ARENA(arena);
    assert_int_equal(policy_of(arena, value_null()), RELEASE_POLICY_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(documents_hold), cmocka_unit_test(resource_policies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
