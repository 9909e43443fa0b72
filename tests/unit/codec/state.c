// SPDX-License-Identifier: Apache-2.0
#include "codec/state.h"

#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct value from_json(struct arena *arena, const char *text) {
    struct value v;
    struct err err = err_in(arena);
    if (!json_decode(arena, text, strlen(text), &v, &err))
        fail_msg("%s: %s", text, err.msg);
    return v;
}

static void conforms(void **state) {
    (void)state;
    static const struct {
        const char *json, *type, *wanted;
    } rows[] = {
        {"null", "\"string\"", "null"},
        {"12", "\"string\"", "\"12\""},
        {"1e3", "\"string\"", "\"1000\""},
        {"true", "\"string\"", "\"true\""},
        {"\"12345678901234567890\"", "\"number\"", "12345678901234567890"},
        {"\"true\"", "\"bool\"", "true"},
        {"\"0\"", "\"bool\"", "false"},
        {"{\"a\":\"1\",\"gone\":2}", "[\"object\",{\"a\":\"number\",\"b\":\"string\"}]",
         "{\"a\":1,\"b\":null}"},
        {"[{\"a\":1}]", "[\"set\",[\"object\",{\"a\":\"string\"}]]", "[{\"a\":\"1\"}]"},
        {"{\"k\":[\"1\"]}", "[\"map\",[\"list\",\"number\"]]", "{\"k\":[1]}"},
        {"[\"x\",1]", "[\"tuple\",[\"string\",\"string\"]]", "[\"x\",\"1\"]"},
        {"{\"value\":{\"a\":[1,\"2\"]},\"type\":[\"object\",{\"a\":[\"tuple\",[\"number\",\"string\"]]}]}",
         "\"dynamic\"", "{\"a\":[1,\"2\"]}"},
        {"{\"type\":\"string\",\"value\":null}", "\"dynamic\"", "null"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        struct value v;
        const struct type *type = type_from_value(arena, from_json(arena, rows[i].type), &err);
        if (!state_conform(arena, from_json(arena, rows[i].json), type, &v, &err))
            fail_msg("%s: %s", rows[i].json, err.msg);
        assert_string_equal(json_text(arena, v), rows[i].wanted);
    }
}

static void what_does_not_conform(void **state) {
    (void)state;
    static const struct {
        const char *json, *type, *path, *msg;
    } rows[] = {
        {"[1]", "\"string\"", "", "the stored state holds a list where a string is needed"},
        {"{\"a\":{\"b\":\"x\"}}", "[\"object\",{\"a\":[\"map\",\"number\"]}]", "a.b",
         "the stored state holds a string where a number is needed"},
        {"[true,\"maybe\"]", "[\"list\",\"bool\"]", "[1]",
         "the stored state holds a string where a bool is needed"},
        {"[1]", "[\"tuple\",[\"number\",\"number\"]]", "",
         "the stored state holds 1 elements where 2 are needed"},
        {"{\"a\":1}", "\"dynamic\"", "",
         "the stored state holds a map where an object of \"type\" and \"value\" is needed"},
        {"[]", "[\"map\",\"string\"]", "", "the stored state holds a list where a map is needed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        struct value v;
        const struct type *type = type_from_value(arena, from_json(arena, rows[i].type), &err);
        assert_false(state_conform(arena, from_json(arena, rows[i].json), type, &v, &err));
        assert_string_equal(err.msg, rows[i].msg);
        assert_string_equal(err.path, rows[i].path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conforms),
        cmocka_unit_test(what_does_not_conform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
