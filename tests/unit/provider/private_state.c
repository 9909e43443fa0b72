// SPDX-License-Identifier: Apache-2.0
#include "provider/private_state.h"

#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

// What becomes of the notes: as JSON, or "!" and a part of the error; and how many warnings there are.
static const struct {
    const char *notes, *wanted;
    size_t warnings;
} rows[] = {
    {"", "null", 0},
    {"{}", "{}", 0},
    {"{\"owner\":\"ab\",\"secrets\":{\"hashes\":{\"a\":\"1\"},\"salt\":\"s\"}}",
     "{\"owner\":\"ab\",\"secrets\":{\"hashes\":{\"a\":\"1\"},\"salt\":\"s\"}}", 0},
    {"{\"baseline\":{\"known\":{\"a\":\"1\"},\"salt\":\"s\"},\"resource_version\":\"7\",\"revision\":3}",
     "{\"baseline\":{\"known\":{\"a\":\"1\"},\"salt\":\"s\"},\"resource_version\":\"7\",\"revision\":3}", 0},
    {"{\"baseline\":[{\"found\":\"1\",\"path\":\"a\"}]}", "{\"baseline\":[{\"found\":\"1\",\"path\":\"a\"}]}",
     0},
    {"{\"baseline\":{\"Pod/a/b\":{\"known\":{},\"salt\":\"s\"},\"Pod/a/c\":[]}}",
     "{\"baseline\":{\"Pod/a/b\":{\"known\":{},\"salt\":\"s\"},\"Pod/a/c\":[]}}", 0},
    {"{\"secrets\":{\"hashes\":{},\"kept\":[\"a\"],\"salt\":\"s\"}}",
     "{\"secrets\":{\"hashes\":{},\"kept\":[\"a\"],\"salt\":\"s\"}}", 0},
    {"{\"secrets\":null,\"baseline\":null,\"owner\":null}",
     "{\"baseline\":null,\"owner\":null,\"secrets\":null}", 0},
    {"{\"of_a_later_version\":[1,{}]}", "{\"of_a_later_version\":[1,{}]}", 0},

    {"{\"baseline\":7,\"revision\":1}", "{\"revision\":1}", 1},
    {"{\"baseline\":[\"x\"]}", "{}", 1},
    {"{\"baseline\":{\"a\":1}}", "{}", 1},
    {"{\"baseline\":{\"known\":{\"a\":1},\"salt\":\"s\"},\"resource_version\":7,\"revision\":\"3\"}", "{}",
     3},

    {"{\"progress\":[],\"seen\":1,\"waited\":\"ready\",\"written\":true}", "{}", 4},

    {"7", "!it holds a number", 0},
    {"[]", "!it holds a list", 0},
    {"\"owner\"", "!it holds a string", 0},
    {"{\"owner\":\"ab\"", "!it is not JSON", 0},
    {"{\"owner\":1}", "!its note \"owner\" is not a text", 0},
    {"{\"imported_from\":{}}", "!its note \"imported_from\" is not a text", 0},
    {"{\"secrets\":\"x\"}", "!its note \"secrets\" is not", 0},
    {"{\"secrets\":{\"hashes\":[\"x\"],\"salt\":\"s\"}}", "!its note \"secrets\" is not", 0},
    {"{\"secrets\":{\"hashes\":{\"a\":1},\"salt\":\"s\"}}", "!its note \"secrets\" is not", 0},
    {"{\"secrets\":{\"hashes\":{\"a\":\"1\"}}}", "!its note \"secrets\" is not", 0},
    {"{\"secrets\":{\"hashes\":{},\"salt\":\"\"}}", "!its note \"secrets\" is not", 0},
    {"{\"secrets\":{\"hashes\":{},\"salt\":5}}", "!its note \"secrets\" is not", 0},
    {"{\"secrets\":{\"hashes\":{},\"kept\":[1],\"salt\":\"s\"}}", "!its note \"secrets\" is not", 0},
    {"{\"secrets\":{\"hashes\":{},\"kept\":{},\"salt\":\"s\"}}", "!its note \"secrets\" is not", 0},
};

static size_t count_warnings(const struct call *call) {
    size_t count = 0;
    for (const struct notice *notice = call->notices; notice; notice = notice->next)
        count++;
    return count;
}

static void every_layout(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct call call = call_in(arena);
        struct err err = err_in(arena);
        struct value notes;
        bool read = private_state_decode(&call, rows[i].notes, strlen(rows[i].notes), &notes, &err);
        bool wanted = *rows[i].wanted != '!';
        if (read != wanted)
            fail_msg("%s: %s", rows[i].notes, read ? "was read" : err.msg);
        if (read)
            assert_string_equal(json_text(arena, notes), rows[i].wanted);
        else if (!strstr(err.msg, rows[i].wanted + 1) || !strstr(err.msg, "import it again"))
            fail_msg("%s: %s", rows[i].notes, err.msg);
        assert_int_equal(count_warnings(&call), rows[i].warnings);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_layout)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
