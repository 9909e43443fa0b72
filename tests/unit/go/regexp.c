// SPDX-License-Identifier: Apache-2.0
// The handle and its cache; the language is held to Go's by golden/template/cases/regex.yaml.
#include "go/regexp.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void groups_are_found_by_number_and_name(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    const char *pattern = "(?P<key>\\w+)=(?<value>\\w+)?", *text = "  a=1 b=";
    REGEXP regex = regexp_open(pattern, strlen(pattern), &err);
    struct regexp_span groups[4];
    assert_non_null(regex);
    assert_int_equal(regexp_group_count(regex), 3);
    assert_int_equal(regexp_group_number(regex, "key", 3), 1);
    assert_int_equal(regexp_group_number(regex, "value", 5), 2);
    assert_int_equal(regexp_group_number(regex, "nope", 4), -1);
    assert_true(regexp_find(regex, cursor_of(text), 0, groups, 4));
    assert_int_equal(groups[1].start, 2);
    assert_int_equal(groups[2].end, 5);
    assert_int_equal(groups[3].start, -1);
    assert_true(regexp_find(regex, cursor_of(text), 5, groups, 4));
    assert_int_equal(groups[0].start, 6);
    assert_int_equal(groups[2].start, -1); // took no part
    assert_false(regexp_find(regex, cursor_of(text), 8, groups, 4));
}

static void a_replacement_stops_at_its_limit(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct buf out;
    REGEXP regex = regexp_open("a", 1, &err);
    const struct regexp_replacement oo = {cursor_of("oo"), true};
    buf_init(&out, arena);
    assert_true(regexp_replace(regex, &out, cursor_of("banana"), oo, 100));
    assert_string_equal(buf_text(&out), "boonoonoo");
    assert_false(regexp_replace(regex, &out, cursor_of("banana"), oo, 4));
}

// More patterns than the cache holds, from several threads at once.
static void *use_many(void *failed) {
    SCRATCH_ARENA(arena);
    for (int i = 0; i < 600; i++) {
        struct err err = err_in(arena);
        const char *text = arena_printf(arena, "x%d", i);
        REGEXP regex = regexp_open(text, strlen(text), &err);
        if (!regex || !regexp_find(regex, cursor_of(text), 0, NULL, 0))
            *(bool *)failed = true;
    }
    return NULL;
}

static void the_cache_is_shared_by_threads(void **state) {
    (void)state;
    pthread_t threads[4];
    bool failed[4] = {false};
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_many, &failed[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_false(failed[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_found_by_number_and_name),
        cmocka_unit_test(a_replacement_stops_at_its_limit),
        cmocka_unit_test(the_cache_is_shared_by_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
