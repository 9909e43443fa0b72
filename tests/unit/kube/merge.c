// SPDX-License-Identifier: Apache-2.0
// An update that is merged here: rows of the manifest before, the manifest, the object, what the server said.
#include "kube/merge.h"

#include "files.h"

#include <stdlib.h>
#include <string.h>

#define FIELDS(manager, more, set)                                                                           \
    "'managedFields':[{'manager':'" manager "','operation':'Update'" more ",'fieldsV1':" set "}]"
#define POD(containers) "{'spec':{'containers':[" containers "]}}"
#define KEYED_ENV                                                                                            \
    "{'f:spec':{'f:containers':{'k:{\\\"name\\\":\\\"c\\\"}':{'f:env':{'k:{\\\"name\\\":\\\"A\\\"}':{"       \
    "'f:valueFrom':{}}}}}}}"

struct row {
    const char *name, *original, *wanted, *live, *causes, *merged;
    size_t taken;
};

// The live object's managedFields stay in what is sent; `merged` leaves them out.
static const struct row rows[] = {
    {"a variable that became a reference", POD("{'name':'c','env':[{'name':'A','value':'x'}]}"),
     POD("{'name':'c','env':[{'name':'A','value':'x'}]}"),
     "{'metadata':{" FIELDS("kubectl-patch", "", KEYED_ENV) "},'spec':{'containers':[{'name':'c','tty':true,"
                                                            "'env':[{'name':'B','value':'theirs'},{'name':'A'"
                                                            ",'value':'x','valueFrom':{'fieldRef':{}}}]}]}}",
     "[{'field':'spec.containers[0].env[1].valueFrom'}]",
     POD("{'name':'c','tty':true,'env':[{'name':'A','value':'x'},{'name':'B','value':'theirs'}]}"), 1},
    {"a default beside Recreate", "{'spec':{'replicas':1}}", "{'spec':{'strategy':{'type':'Recreate'}}}",
     "{'spec':{'replicas':1,'strategy':{'type':'RollingUpdate','rollingUpdate':{'maxSurge':1}}}}",
     "[{'field':'spec.strategy.rollingUpdate'}]", "{'spec':{'strategy':{'type':'Recreate'}}}", 2},
    {"conversion, in the words of the internal version", "null",
     "{'spec':{'conversion':{'strategy':'None'},'group':'a'}}",
     "{'spec':{'conversion':{'strategy':'Webhook','webhook':{'clientConfig':{'caBundle':'x'}}},'scope':'s'}}",
     "[{'field':'spec.conversion.webhookClientConfig'}]",
     "{'spec':{'conversion':{'strategy':'None'},'group':'a','scope':'s'}}", 1},
    {"the server names our half", "null", "{'spec':{'probe':{'exec':{'command':['true']}}}}",
     "{'spec':{'probe':{'tcpSocket':{'port':1},'periodSeconds':10}}}", "[{'field':'spec.probe.exec'}]",
     "{'spec':{'probe':{'exec':{'command':['true']}}}}", 2},
    {"the server names the map itself", "null", "{'spec':{'one':{'a':1}}}", "{'spec':{'one':{'b':1},'c':2}}",
     "[{'field':'spec.one'}]", "{'spec':{'one':{'a':1}}}", 2},
    {"a controller's field stays", "null", "{'spec':{'mode':'a'}}",
     "{'metadata':{" FIELDS("kube-controller-manager", ",'subresource':'scale'",
                            "{'f:spec':{'f:replicas':{}}}") "},'spec':{'replicas':4,'other':1}}",
     "[{'field':'spec.mode'}]", "{'spec':{'mode':'a','replicas':4}}", 1},
    {"nothing of the metadata goes for a cause", "null", "{'metadata':{'name':'a'}}",
     "{'metadata':{'name':'a','uid':'u','labels':{'x':'y'}}}", "[{'field':'metadata.name'},{'field':''}]",
     "{'metadata':{'name':'a','uid':'u','labels':{'x':'y'}}}", 0},
    {"what the chart drops goes, whoever changed it",
     "{'metadata':{'labels':{'a':'1'}},'data':{'a':'1','b':'2'}}",
     "{'metadata':{'labels':{}},'data':{'b':'2'}}",
     "{'metadata':{'labels':{'a':'9','z':'9'}},'data':{'a':'9','b':'9','c':'9'}}", "[]",
     "{'metadata':{'labels':{'z':'9'}},'data':{'b':'2','c':'9'}}", 2},
    {"two entries of one key", "null",
     POD("{'name':'c','env':[{'name':'A','value':'1'},{'name':'A','value':'2'}]}"),
     "{'metadata':{" FIELDS("helm", "", KEYED_ENV) "},'spec':{'containers':[{'name':'c','env':[{'name':'A',"
                                                   "'value':'3'},{'name':'A','value':'4'}]}]}}",
     "[]", POD("{'name':'c','env':[{'name':'A','value':'1'},{'name':'A','value':'2'}]}"), 0},
    {"a list that is one value", "null", "{'spec':{'args':['a']}}", "{'spec':{'args':['b','c']}}", "[]",
     "{'spec':{'args':['a']}}", 0},
    {"a set of values", "{'metadata':{'finalizers':['old']}}", "{'metadata':{'finalizers':['ours']}}",
     "{'metadata':{" FIELDS(
         "x", "",
         "{'f:metadata':{'f:finalizers':{'v:\\\"theirs\\\"':{}}}}") ","
                                                                    "'finalizers':['theirs','old']}}",
     "[]", "{'metadata':{'finalizers':['ours','theirs']}}", 1},
    {"an explicit null", "null", "{'spec':{'a':null}}", "{'spec':{'a':1,'b':2}}", "[]", "{'spec':{'b':2}}",
     0},
    {"what only the server writes", "{'metadata':{'uid':'1','resourceVersion':'1'}}",
     "{'metadata':{'uid':'2','generation':7}}", "{'metadata':{'uid':'3','resourceVersion':'9'}}", "[]",
     "{'metadata':{'uid':'3','resourceVersion':'9'}}", 0},
};

static struct value without_fields(struct arena *arena, struct value object) {
    struct value metadata = value_without(arena, value_get(object, "metadata"), "managedFields");
    return value_len(metadata) ? value_with(arena, object, "metadata", metadata)
                               : value_without(arena, object, "metadata");
}

static void merges(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        size_t taken;
        struct kube_merge merge = {json_quoted(arena, rows[i].original), json_quoted(arena, rows[i].wanted),
                                   json_quoted(arena, rows[i].live), json_quoted(arena, rows[i].causes)};
        struct value merged = without_fields(arena, kube_merged(arena, &merge, &taken));
        struct value expected = json_quoted(arena, rows[i].merged);
        if (!value_equal(merged, expected))
            fail_msg("%s: %s", rows[i].name, json_text(arena, merged));
        if (taken != rows[i].taken)
            fail_msg("%s: took %zu", rows[i].name, taken);
    }
}

static void names_what_only_the_server_writes(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value manifest =
        json_quoted(arena, "{'metadata':{'name':'a','uid':'u','creationTimestamp':null,'managedFields':[]}}");
    assert_string_equal(kube_server_fields_text(arena, manifest), "metadata.managedFields and metadata.uid");
    struct value left = kube_without_server_fields(arena, manifest);
    assert_string_equal(json_text(arena, left), "{\"metadata\":{\"name\":\"a\"}}");
    assert_null(kube_server_fields_text(arena, left));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges),
        cmocka_unit_test(names_what_only_the_server_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
