// SPDX-License-Identifier: Apache-2.0
#include "wandb/channel.h"

#include "files.h"

static void pins_what_has_a_version(void **state) {
    (void)state;
    static const struct {
        const char *chart, *pin;
    } cases[] = {
        {"null", "null"},
        {"{\"path\":\"/c.tgz\",\"version\":\"1.2.3\"}", "null"},
        {"{\"url\":\"https://c\",\"name\":\"n\"}", "null"},
        {"{\"url\":\"https://c\",\"name\":\"n\",\"version\":\"\"}", "null"},
        {"{\"url\":\"https://c\",\"name\":\"n\",\"version\":\"1.2.3\",\"debug\":false,\"username\":\"u\","
         "\"password\":\"pl4nted\"}",
         "{\"name\":\"n\",\"url\":\"https://c\",\"version\":\"1.2.3\"}"},
        {"{\"url\":\"https://u:pl4nted@c/p\",\"name\":\"n\",\"version\":\"1.2.3\"}",
         "{\"name\":\"n\",\"url\":\"https://c/p\",\"version\":\"1.2.3\"}"},
        {"{\"url\":\"https://c\",\"name\":\"n\",\"version\":\"1\",\"credentialSecret\":{\"name\":\"s\"}}",
         "{\"credentialSecret\":{\"name\":\"s\"},\"name\":\"n\",\"url\":\"https://c\",\"version\":\"1\"}"},
        {"{\"url\":\"oci://h/p/n\",\"version\":\"1.2.3\"}",
         "{\"url\":\"oci://h/p/n\",\"version\":\"1.2.3\"}"},
        {"{\"url\":\"oci://h/p/n:1.2.3\"}", "{\"url\":\"oci://h/p/n:1.2.3\"}"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(json_text(arena, channel_pin(arena, json(arena, cases[i].chart))), cases[i].pin);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(pins_what_has_a_version)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
