// SPDX-License-Identifier: Apache-2.0
#include "kube/fields.h"

#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const char object_text[] =
    "{\"metadata\":{\"name\":\"x\",\"labels\":{\"a\":\"1\"},\"managedFields\":["
    "{\"manager\":\"wandb\",\"operation\":\"Apply\",\"time\":\"2026-01-01T00:00:00Z\",\"fieldsV1\":{"
    "\"f:metadata\":{\"f:labels\":{\"f:a\":{}}},"
    "\"f:spec\":{\"f:replicas\":{},\"f:values\":{\"f:host\":{},\"f:dotted.key\":{},\"f:list\":{},\"f:empty\":"
    "{}},"
    "\"f:containers\":{\"k:{\\\"name\\\":\\\"app\\\"}\":{\".\":{},\"f:image\":{},\"f:name\":{}},"
    "\"k:{\\\"name\\\":\\\"gone\\\"}\":{\".\":{},\"f:name\":{}}},"
    "\"f:finalizers\":{\"v:\\\"one\\\"\":{}},\"f:ports\":{\"k:{\\\"port\\\":80,\\\"protocol\\\":\\\"TCP\\\"}"
    "\":{\"f:name\":{}}}}}},"
    "{\"manager\":\"kubectl-edit\",\"operation\":\"Update\",\"time\":\"2026-02-01T00:00:00Z\",\"fieldsV1\":{"
    "\"f:spec\":{\"f:values\":{\"f:host\":{},\"f:empty\":{\"f:x\":{}}}}}},"
    "{\"manager\":\"wandb-operator\",\"operation\":\"Update\",\"subresource\":\"status\",\"fieldsV1\":{\"f:"
    "status\":{\"f:phase\":"
    "{}}}}]},"
    "\"spec\":{\"replicas\":1,\"values\":{\"host\":\"h\",\"dotted.key\":1,\"list\":[1,{\"a\":2}],\"empty\":{"
    "\"x\":1}},"
    "\"containers\":[{\"name\":\"side\",\"image\":\"s\"},{\"name\":\"app\",\"image\":\"i\"}],\"finalizers\":["
    "\"zero\",\"one\"],"
    "\"ports\":[{\"port\":80,\"protocol\":\"TCP\",\"name\":\"http\"}]},\"status\":{\"phase\":\"Ready\"}}";

static struct value object(struct arena *arena) {
    struct err err = err_in(arena);
    struct value out;
    assert_true(json_decode(arena, object_text, sizeof object_text - 1, &out, &err));
    return out;
}

static void tells_who_owns_a_path(void **state) {
    (void)state;
    static const struct {
        const char *path, *owners;
    } cases[] = {
        {"spec.replicas", "wandb "},
        {"spec.values.host", "kubectl-edit wandb "}, // newest first
        {"spec.values[\"dotted.key\"]", "wandb "},
        {"spec.values.list", "wandb "},
        {"spec.values.list[1].a", "wandb "}, // owned as a whole
        {"spec.values.empty.x", "kubectl-edit "},
        {"spec.values.empty", "kubectl-edit wandb "},
        {"spec.values.absent", ""},
        {"spec.values", "kubectl-edit wandb "},
        {"spec.containers[1].image", "wandb "},
        {"spec.containers[0].image", ""},
        {"spec.finalizers[1]", "wandb "},
        {"spec.finalizers[0]", ""},
        {"spec.ports[0].name", "wandb "},
        {"metadata.labels.a", "wandb "},
        {"status.phase", "wandb-operator "},
        {"not a [path", ""},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct kube_owners owners = kube_owners_at(arena, object(arena), cases[i].path);
        const char *text = "";
        for (size_t j = 0; j < owners.count; j++)
            text = arena_printf(arena, "%s%s ", text, owners.items[j].manager);
        if (strcmp(text, cases[i].owners))
            fail_msg("%s: %s, not %s", cases[i].path, text, cases[i].owners);
    }
    struct kube_owners owners = kube_owners_at(arena, object(arena), "status.phase");
    assert_string_equal(owners.items[0].subresource, "status");
    assert_string_equal(owners.items[0].operation, "Update");
    assert_null(owners.items[0].time);
}

static void lists_what_a_manager_owns(void **state) {
    (void)state;
    static const char *const expected[] = {"metadata.labels.a",       "spec.containers[1].image",
                                           "spec.containers[1].name", "spec.finalizers[1]",
                                           "spec.ports[0].name",      "spec.replicas",
                                           "spec.values.empty",       "spec.values.host",
                                           "spec.values.list",        "spec.values[\"dotted.key\"]"};
    SCRATCH_ARENA(arena);
    struct kube_paths paths = kube_fields_of(arena, object(arena), "wandb", NULL, NULL);
    assert_int_equal(paths.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < paths.count; i++)
        assert_string_equal(paths.items[i], expected[i]);
    assert_int_equal(kube_fields_of(arena, object(arena), "wandb", "Update", NULL).count, 0);
    assert_int_equal(kube_fields_of(arena, object(arena), "wandb-operator", NULL, "status").count, 1);
    assert_int_equal(kube_fields_of(arena, object(arena), "wandb-operator", NULL, "").count, 0);
    assert_true(kube_is_manager(object(arena), "kubectl-edit"));
    assert_false(kube_is_manager(object(arena), "helm"));
    assert_int_equal(kube_owners_at(arena, value_null(), "spec").count, 0);
}

// A spec of tens of thousands of members that all drifted is asked for each of them.
static void stays_quick_in_a_large_object(void **state) {
    (void)state;
    enum { COUNT = 20000, LONG = 300 };
    SCRATCH_ARENA(arena);
    struct value_entry *fields = arena_array(arena, COUNT + 1, sizeof *fields);
    for (size_t i = 0; i < COUNT; i++)
        fields[i] = (struct value_entry){arena_printf(arena, "f:key%05zu", i), value_map(arena, NULL, 0)};
    fields[COUNT] = (struct value_entry){arena_printf(arena, "f:%0*d", LONG, 7), value_map(arena, NULL, 0)};
    struct value spec = value_map(arena, fields, COUNT + 1);
    struct value_entry entry[] = {{"fieldsV1", value_map(arena, (struct value_entry[]){{"f:spec", spec}}, 1)},
                                  {"manager", value_string_ref("me")}};
    struct value entries = value_append(arena, value_list(arena, NULL, 0), value_map(arena, entry, 2));
    struct value metadata = value_map(arena, (struct value_entry[]){{"managedFields", entries}}, 1);
    struct value large = value_map(arena, (struct value_entry[]){{"metadata", metadata}}, 1);
    clock_t began = clock();
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(kube_owners_at(arena, large, arena_printf(arena, "spec.key%05zu", i)).count, 1);
    assert_int_equal(kube_owners_at(arena, large, arena_printf(arena, "spec[\"%0*d\"]", LONG, 7)).count, 1);
    assert_true((double)(clock() - began) / CLOCKS_PER_SEC < 1); // 0.05; 3.5 when all are gone through
}

static void extracts_what_is_owned(void **state) {
    static const struct {
        const char *manager, *path, *wanted;
    } cases[] = {
        {"wandb", "metadata", "{\"labels\":{\"a\":\"1\"}}"},
        {"wandb", "spec.values", "{\"dotted.key\":1,\"empty\":{},\"host\":\"h\",\"list\":[1,{\"a\":2}]}"},
        {"wandb", "spec.containers", "[{\"image\":\"i\",\"name\":\"app\"}]"},
        {"wandb", "spec.finalizers", "[\"one\"]"},
        {"kubectl-edit", "spec", "{\"values\":{\"empty\":{\"x\":1},\"host\":\"h\"}}"},
        {"wandb-operator", "", "{}"}, // of a subresource
        {"nobody", "", "{}"},
    };
    (void)state;
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = err_in(arena);
        const struct path_step *steps;
        size_t count;
        struct value part;
        assert_true(path_parse(arena, cases[i].path, &steps, &count, &err));
        assert_true(
            path_get(kube_fields_extract(arena, object(arena), cases[i].manager), steps, count, &part));
        assert_string_equal(json_text(arena, part), cases[i].wanted);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_who_owns_a_path),
        cmocka_unit_test(extracts_what_is_owned),
        cmocka_unit_test(lists_what_a_manager_owns),
        cmocka_unit_test(stays_quick_in_a_large_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
