// SPDX-License-Identifier: Apache-2.0
#include "http/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool add(struct arena *arena, struct headers *headers, const char *line) {
    return headers_add(arena, headers, line, strlen(line));
}

static void lines_become_headers(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct headers headers = {0};
    static const char *const rows[][2] = {
        {"content-type", "text/plain"}, {"x-empty", ""}, {"x-two", "a: b"}, {"", "no name"}};
    assert_true(add(arena, &headers, "HTTP/1.1 200 some: words\r\n"));
    assert_true(add(arena, &headers, "Content-Type: \t text/plain \r\n"));
    assert_true(add(arena, &headers, "X-Empty:\r\n"));
    assert_true(add(arena, &headers, "X-Two:a: b\r\n"));
    assert_true(add(arena, &headers, ":no name\r\n"));
    assert_true(add(arena, &headers, "no header\r\n"));
    assert_true(add(arena, &headers, "\r\n"));
    assert_int_equal(headers.count, sizeof rows / sizeof *rows);
    for (size_t i = 0; i < headers.count; i++) {
        assert_string_equal(headers.items[i].name, rows[i][0]);
        assert_string_equal(headers.items[i].value, rows[i][1]);
    }
}

// The shortest line that is a header, as often as the limit takes: what is kept is a multiple of what came.
static void memory_follows_what_came(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct headers headers = {0};
    size_t came = 0;
    for (size_t i = 0; i < 2; i++) {
        size_t until = i ? HEADERS_LIMIT : HEADERS_LIMIT / 16;
        for (; came + 4 <= until; came += 4)
            assert_true(add(arena, &headers, "a:\r\n"));
        assert_true(arena_used(arena) <= 32 * came);
    }
    assert_false(add(arena, &headers, "a:\r\n"));
    assert_int_equal(headers.count, HEADERS_LIMIT / 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_become_headers),
                                       cmocka_unit_test(memory_follows_what_came)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
