// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "start.h"

static void negotiates(void **state) {
    (void)state;
    static const struct {
        const char *offered;
        bool agreed;
    } rows[] = {
        {NULL, true},    {"", true},       {"6", true},  {"5,6", true}, {"6,5", true},
        {"4,x,6", true}, {",,6", true},    {"5", false}, {"66", false}, {"6x", false},
        {"x6", false},   {"56,65", false}, {",", false}, {"-6", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool agreed = !rows[i].agreed;
        assert_int_equal(handshake_negotiate(rows[i].offered, 6, &agreed), 6);
        if (agreed != rows[i].agreed)
            fail_msg("offered %s", rows[i].offered ? rows[i].offered : "nothing");
    }
}

static void writes_the_line(void **state) {
    (void)state;
    char line[128];
    unsetenv("PLUGIN_MULTIPLEX_GRPC");
    assert_true(handshake_line(line, sizeof line, 6, &(struct endpoint){"unix", "/tmp/s"}, "QUJD"));
    assert_string_equal(line, "1|6|unix|/tmp/s|grpc|QUJD");
    assert_true(handshake_line(line, sizeof line, 6, &(struct endpoint){"tcp", "127.0.0.1:10000"}, NULL));
    assert_string_equal(line, "1|6|tcp|127.0.0.1:10000|grpc|");
    setenv("PLUGIN_MULTIPLEX_GRPC", "", 1);
    assert_true(handshake_line(line, sizeof line, 6, &(struct endpoint){"unix", "/tmp/s"}, "QUJD"));
    assert_string_equal(line, "1|6|unix|/tmp/s|grpc|QUJD");
    setenv("PLUGIN_MULTIPLEX_GRPC", "true", 1);
    assert_true(handshake_line(line, sizeof line, 6, &(struct endpoint){"unix", "/tmp/s"}, "QUJD"));
    assert_string_equal(line, "1|6|unix|/tmp/s|grpc|QUJD|false");
    unsetenv("PLUGIN_MULTIPLEX_GRPC");
    assert_false(handshake_line(line, 10, 6, &(struct endpoint){"unix", "/tmp/s"}, "QUJD"));
}

static void writes_the_reattach_value(void **state) {
    (void)state;
    const struct shim_config config = {.address = "example.com/a/b", .protocol = 6};
    char line[512];
    assert_true(handshake_reattach(line, sizeof line, &config, &(struct endpoint){"unix", "/tmp/a \"b\\\n"}));
    assert_non_null(
        strstr(line, "{\"example.com/a/b\":{\"Protocol\":\"grpc\",\"ProtocolVersion\":6,\"Pid\":"));
    assert_non_null(strstr(
        line, "\"Test\":true,\"Addr\":{\"Network\":\"unix\",\"String\":\"/tmp/a \\\"b\\\\\\u000a\"}}}"));
    assert_false(handshake_reattach(line, 60, &config, &(struct endpoint){"unix", "/tmp/a"}));
}

static void keeps_socket_paths_short(void **state) {
    (void)state;
    char path[256], directory[128];
    assert_true(endpoint_path(path, sizeof path, "/tmp//", 0xabc));
    assert_string_equal(path, "/tmp/plugin0000000000000abc");
    assert_true(endpoint_path(path, sizeof path, "/", 1));
    assert_false(endpoint_path(path, sizeof path, "relative", 1));
    assert_false(endpoint_path(path, sizeof path, "", 1));
    memset(directory, 'd', sizeof directory);
    directory[0] = '/';
    for (size_t length = 80; length < 90;
         length++) { // 108 bytes with NUL hold 84 of directory and 23 of name
        directory[length] = 0;
        assert_int_equal(endpoint_path(path, sizeof path, directory, 1), length <= 84);
        directory[length] = 'd';
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(negotiates),
        cmocka_unit_test(writes_the_line),
        cmocka_unit_test(writes_the_reattach_value),
        cmocka_unit_test(keeps_socket_paths_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
