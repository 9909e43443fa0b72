// SPDX-License-Identifier: Apache-2.0
// The grammar of --set; expectations were taken from helm 3.20.1.
#include "codec/json.h"
#include "helm/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct row {
    enum helm_input_kind kind;
    const char *text;
    const char *json; // NULL: fails
    const char *error;
};

static const struct row rows[] = {
    {HELM_INPUT_SET, "a=1,b=x,c=true,d=null,e=", "{\"a\":1,\"b\":\"x\",\"c\":true,\"d\":null,\"e\":\"\"}",
     NULL},
    {HELM_INPUT_SET, "a.b.c=1,a.b.d=2", "{\"a\":{\"b\":{\"c\":1,\"d\":2}}}", NULL},
    {HELM_INPUT_SET, "a={1,x,true}", "{\"a\":[1,\"x\",true]}", NULL},
    {HELM_INPUT_SET, "a[0]=x,a[2]=y", "{\"a\":[\"x\",null,\"y\"]}", NULL},
    {HELM_INPUT_SET, "a[1].b=1,a[0].c=2", "{\"a\":[{\"c\":2},{\"b\":1}]}", NULL},
    {HELM_INPUT_SET, "a[0][1]=z", "{\"a\":[[null,\"z\"]]}", NULL},
    {HELM_INPUT_SET, "a\\.b=1,c=x\\,y", "{\"a.b\":1,\"c\":\"x,y\"}", NULL},
    {HELM_INPUT_SET, "a=007,b=0,c=-3,d=1.5,e=1e3,f=+5",
     "{\"a\":\"007\",\"b\":0,\"c\":-3,\"d\":\"1.5\",\"e\":\"1e3\",\"f\":5}", NULL},
    {HELM_INPUT_SET, "a=9223372036854775807,b=9223372036854775808",
     "{\"a\":9223372036854775807,\"b\":\"9223372036854775808\"}", NULL},
    {HELM_INPUT_SET, "a=True,b=FALSE,c=Null", "{\"a\":true,\"b\":false,\"c\":null}", NULL},
    {HELM_INPUT_SET, "a", NULL, "key \"a\" has no value"},
    {HELM_INPUT_SET, "a,b=1", NULL, "key \"a\" has no value (cannot end with ,)"},
    {HELM_INPUT_SET, "a.b", NULL, "key \"b\" has no value"},
    {HELM_INPUT_SET, "a={1,2", NULL, "list must terminate with '}'"},
    {HELM_INPUT_SET, "a[x]=1", NULL, "error parsing index: strconv.Atoi: parsing \"x\": invalid syntax"},
    {HELM_INPUT_SET, "a[-1]=1", NULL, "negative -1 index not allowed"},
    {HELM_INPUT_SET, "a[65537]=1", NULL, "index of 65537 is greater than maximum supported index of 65536"},
    {HELM_INPUT_SET, "a[0]b=1", NULL, "unexpected data at end of array index: ['b']"},
    {HELM_INPUT_SET, "a=1,a.b=2", NULL,
     "unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}"},
    {HELM_INPUT_SET, "", "{}", NULL},
    {HELM_INPUT_SET_STRING, "a=1,b=true", "{\"a\":\"1\",\"b\":\"true\"}", NULL},
    {HELM_INPUT_SET_JSON, "a={\"x\":[1,2]},b=null,c=\"q\"", "{\"a\":{\"x\":[1,2]},\"b\":null,\"c\":\"q\"}",
     NULL},
    {HELM_INPUT_SET_JSON, "a[1]={\"x\":1}", "{\"a\":[null,{\"x\":1}]}", NULL},
    {HELM_INPUT_SET_LITERAL, "a.b=1,c={x}", "{\"a\":{\"b\":\"1,c={x}\"}}", NULL},
};

static void grammar(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        struct value tree = value_null();
        bool fine = helm_values_set(arena, rows[i].kind, rows[i].text, &tree, &err);
        assert_int_equal(fine, rows[i].json != NULL);
        if (fine)
            assert_string_equal(json_text(arena, tree), rows[i].json);
        else
            assert_string_equal(err.msg, rows[i].error);
    }
}

static void nesting_is_bounded(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value tree = value_null();
    struct buf text;
    buf_init(&text, arena);
    for (int i = 0; i < 31; i++)
        buf_str(&text, "a.");
    buf_str(&text, "b=1");
    assert_false(helm_values_set(arena, HELM_INPUT_SET, buf_text(&text), &tree, &err));
    assert_string_equal(err.msg,
                        "value name nested level is greater than maximum supported nested level of 30");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(grammar), cmocka_unit_test(nesting_is_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
