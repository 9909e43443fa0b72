// SPDX-License-Identifier: Apache-2.0
// What the resources refuse of a configuration before any cluster is asked: the attribute, what was found,
// what is allowed.
#include "codec/json.h"
#include "provider/provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct input {
    const char *type, *config;
    const char *path, *words; // NULL: accepted
};

#define OPERATOR "wandb_operator"
#define INSTANCE "wandb_instance"
#define TEN "aaaaaaaaaa"

static const struct input inputs[] = {
    {OPERATOR, "{\"name\":\"" TEN TEN TEN TEN TEN "abc\"}", NULL, NULL},
    {OPERATOR, "{\"name\":\"" TEN TEN TEN TEN TEN "abcd\"}", "name", "at most 53 characters; found 54"},
    {OPERATOR, "{\"name\":\"Op_1\"}", "name", "found \"Op_1\""},
    {OPERATOR, "{\"max_history\":0}", NULL, NULL},
    {OPERATOR, "{\"max_history\":-1}", "max_history", "found -1"},
    {OPERATOR, "{\"max_history\":1.5}", "max_history", "whole number; found 1.5"},
    {OPERATOR, "{\"repository\":\"\"}", NULL, NULL},
    {OPERATOR, "{\"repository\":\"oci://ghcr.io/x\"}", NULL, NULL},
    {OPERATOR, "{\"repository\":\"charts.wandb.ai\"}", "repository", "found \"charts.wandb.ai\""},
    {OPERATOR, "{\"repository\":\"file:///x\"}", "repository", "https://, http:// or oci://"},
    {OPERATOR, "{\"repository\":\"me:hush@host/x\"}", "repository", "not shown"},
    {OPERATOR, "{\"version\":\"latest\"}", "version", "\"latest\" is neither"},
    {OPERATOR, "{\"values_yaml\":[\"a: 1\",\"\",null]}", NULL, NULL},
    {OPERATOR, "{\"values_yaml\":[\"a: 1\",\"a: [1\"]}", "values_yaml[1]", "did not find expected"},
    {OPERATOR, "{\"values_yaml\":[\"- a\"]}", "values_yaml[0]", "a map of chart values"},
    {OPERATOR, "{\"values\":\"x\"}", "values", "found a string"},
    {OPERATOR, "{\"timeouts\":{\"create\":\"10\"}}", "timeouts.create", "found \"10\""},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{}}", NULL, NULL},
    {INSTANCE, "{\"name\":\"w\",\"spec\":[1]}", "spec", "found a list"},
    {INSTANCE, "{\"name\":\"w\"}", "spec", "is required"},
    {INSTANCE, "{\"name\":\"" TEN TEN TEN TEN TEN "abc\",\"spec\":{}}", NULL, NULL},
    {INSTANCE, "{\"name\":\"" TEN TEN TEN TEN TEN "abcd\",\"spec\":{}}", "name",
     "54 characters long; at most 53"},
    {INSTANCE,
     "{\"name\":\"" TEN TEN TEN TEN TEN TEN "abc\",\"spec\":{},\"api_version\":\"apps.wandb.com/v2\"}", NULL,
     NULL},
    {INSTANCE,
     "{\"name\":\"" TEN TEN TEN TEN TEN TEN ".abc\",\"spec\":{},\"api_version\":\"apps.wandb.com/v2\"}",
     "name", "64 characters long; at most 63"},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{\"chart\":{},\"values\":{\"global\":{}}}}", NULL, NULL},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{\"value\":{}}}", "spec.value", "members chart and values"},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{\"size\":\"dev\"},\"api_version\":\"apps.wandb.com/v2\"}", NULL,
     NULL},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{\"chart\":null}}", "spec.chart",
     "found null. Leave it out, or write {}"},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{\"values\":[]}}", "spec.values", "must be an object, found list"},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{\"values\":{\"a\":[1,{\"b\":1e400}]}}}", "spec.values.a[1].b",
     "JSON's readers cannot hold"},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{\"values\":{\"a\":-1e309}}}", "spec.values.a", "1.7e308"},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{\"values\":{\"a\":[1e308,1e-400]}}}", NULL, NULL},
    {OPERATOR, "{\"values\":{\"a\":1e400}}", "values.a", "JSON's readers cannot hold"},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{},\"labels\":{\"a\":\"\",\"example.com/b_C.d\":\"v-1_x.Y\"}}", NULL,
     NULL},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{},\"labels\":{\"a\":\"no blanks\"}}", "labels.a",
     "is \"no blanks\""},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{},\"labels\":{\"a\":\"-x\"}}", "labels.a", "a label is at most 63"},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{},\"labels\":{\"a\":\"" TEN TEN TEN TEN TEN TEN "abcd\"}}",
     "labels.a", "at most 63"},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{},\"labels\":{\"a b\":\"x\"}}", "labels", "has the key \"a b\""},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{},\"labels\":{\"Example.com/a\":\"x\"}}", "labels", "has the key"},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{},\"labels\":{\"/a\":\"x\"}}", "labels", "has the key"},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{},\"labels\":{\"a/b/c\":\"x\"}}", "labels", "has the key"},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{},\"annotations\":{\"Example.com/a\":\"any text: at all\"}}", NULL,
     NULL},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{},\"annotations\":{\"a b\":\"x\"}}", "annotations", "has the key"},
    {INSTANCE, "{\"name\":\"W\",\"spec\":{}}", "name", "found \"W\""},
    {INSTANCE, "{\"name\":\"w\",\"spec\":{},\"wait_for\":\"Ready\"}", "wait_for",
     "\"ready\", \"accepted\", \"none\""},
};

static const struct resource_impl *resource(const char *type) {
    const struct resource_impl *const *impl = provider_content.resources;
    while (strcmp((*impl)->schema->name, type))
        impl++;
    return *impl;
}

// As ValidateResourceConfig does it: the table's rules first, the resource's own where they hold.
static struct err refusal(struct call *call, const struct input *input) {
    const struct resource_impl *impl = resource(input->type);
    struct err err = err_in(call->arena);
    struct value config;
    if (!json_decode(call->arena, input->config, strlen(input->config), &config, &err))
        fail_msg("%s", err.msg);
    struct schema_problems problems = schema_validate(call->arena, impl->schema, config, true);
    if (problems.count)
        return problems.items[0];
    impl->validate(call, NULL, config, &err);
    return err;
}

static void refusals_name_the_attribute_and_what_was_found(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        SCRATCH_ARENA(arena);
        struct call call = call_in(arena);
        struct err err = refusal(&call, &inputs[i]);
        if (!inputs[i].words) {
            assert_string_equal(err.kind ? err.msg : "", "");
            continue;
        }
        assert_int_equal(err.kind, ERR_INVALID);
        assert_string_equal(err.path, inputs[i].path);
        if (!strstr(err.msg, inputs[i].words))
            fail_msg("%s: %s", inputs[i].config, err.msg);
        assert_null(strstr(err.msg, "hush"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(refusals_name_the_attribute_and_what_was_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
