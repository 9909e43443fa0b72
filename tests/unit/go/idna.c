// SPDX-License-Identifier: Apache-2.0
#include "go/idna.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

// The names of RFC 3492 7.1 among them.
static void writes_names_for_the_network(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"example.com", "example.com"},
        {"", ""},
        {"EXAMPLE.com", "EXAMPLE.com"},
        {"bücher.example", "xn--bcher-kva.example"},
        {"a.BÜCHER.example", "a.xn--bcher-kva.example"},
        {"www.示例.com", "www.xn--fsq092h.com"},
        {"他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"},
        {"למההםפשוטלאמדבריםעברית", "xn--4dbcagdahymbxekheh6e0a7fei0b"},
        {"3年b組金八先生", "xn--3b-ww4c5e180e575a65lsy2b"},
        {"ひとつ屋根の下2", "xn--2-u9tlzr9756bt3uc0v"},
        {"broken\xff.com", "broken\xff.com"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(go_idna_ascii(arena, cases[i][0]), cases[i][1]);
}

static void leaves_what_is_too_long(void **state) {
    (void)state;
    char name[1024];
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i + 2 < sizeof name; i += 2)
        memcpy(name + i, "é", 3);
    assert_string_equal(go_idna_ascii(arena, name), name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_names_for_the_network),
        cmocka_unit_test(leaves_what_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
