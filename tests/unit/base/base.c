// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"
#include "base/call.h"
#include "base/utf8.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void arena_hands_out_zeroed_aligned_blocks(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *block = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)block % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(block[i], 0);
        memset(block, 0xff, size);
    }
    assert_null(arena_strdup(arena, NULL));
    assert_string_equal(arena_strndup(arena, "abc", 2), "ab");
    assert_string_equal(arena_printf(arena, "%s-%d", "x", 7), "x-7");
}

static void arena_grows_in_place_where_it_can(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    char *first = arena_alloc(arena, 16);
    memcpy(first, "0123456789abcde", 16);
    assert_ptr_equal(arena_grow(arena, first, 16, 64), first);
    arena_alloc(arena, 1);
    char *moved = arena_grow(arena, first, 64, 128);
    assert_ptr_not_equal(moved, first);
    assert_string_equal(moved, "0123456789abcde");
    assert_non_null(arena_grow(arena, NULL, 0, 8));
}

static void arena_releases_after_a_mark(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    char *kept = arena_strdup(arena, "kept");
    struct arena_mark mark = arena_mark(arena);
    size_t used = arena_used(arena);
    for (int i = 0; i < 100; i++)
        arena_alloc(arena, 10000);
    arena_release(arena, mark);
    assert_int_equal(arena_used(arena), used);
    assert_string_equal(kept, "kept");
    unsigned char *again = arena_alloc(arena, 10000);
    for (size_t i = 0; i < 10000; i++)
        assert_int_equal(again[i], 0);
}

static void buf_grows_and_cuts(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct buf buf;
    buf_init(&buf, arena);
    assert_string_equal(buf_text(&buf), "");
    buf_truncate(&buf, 0);
    for (int i = 0; i < 1000; i++)
        buf_printf(&buf, "%d,", i % 10);
    assert_int_equal(buf.len, 2000);
    buf_truncate(&buf, 4);
    buf_truncate(&buf, 9);
    buf_fill(&buf, 'x', 3);
    buf_add(&buf, NULL, 0);
    buf_char(&buf, 0);
    assert_string_equal(buf_text(&buf), "0,1,xxx");
    assert_int_equal(buf.len, 8);
}

static void errors_wrap(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    assert_false(err_at(&err, "a.b", "is %s", "wrong"));
    assert_false(err_wrap(&err, "reading %d", 7));
    assert_string_equal(err.msg, "reading 7: is wrong");
    assert_string_equal(err.path, "a.b");
    assert_int_equal(err.kind, ERR_INVALID);
    assert_false(err_set(&err, ERR_LIMIT, "x"));
    assert_null(err.path);
    assert_string_equal(err_kind_name(ERR_LIMIT), "limit exceeded");
}

static void calls_end(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct call call = call_in(arena);
    atomic_bool stop = false;
    call.stop[1] = &stop;
    assert_true(call_alive(&call, &err) && call_left(&call) == INT_MAX);
    struct call within = call_within(&call, 0);
    assert_false(call_alive(&within, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    within = call_within(&call, 60000);
    assert_true(call_left(&within) > 50000);
    struct call inner = call_within(&within, 120000);
    assert_true(call_left(&inner) <= 60000);
    stop = true;
    assert_false(call_sleep(&within, 10000, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
}

static void notices_join_in_order(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    call_warn(&call, subject_of("A/a"), "One:", "%d", 1);
    struct call within = call_within(&call, 1000), none = call_within(&call, 1000);
    call_warn(&within, subject_at("A/a", "b"), "Two:", "2");
    call_warn(&within, subject_many("A/a", 3, "path"), "Three in", "3");
    call_join(&call, &none);
    call_join(&call, &within);
    call.about = "A/a";
    call_warn(&call, subject_many(call_part(&call, "part %d", 4), 1, "path"), "Four in", "4");
    static const char *const wanted[] = {"One: A/a", "Two: A/a", "Three in A/a: 3 paths",
                                         "Four in part 4 of A/a: 1 path"};
    size_t i = 0;
    for (const struct notice *notice = call.notices; notice; notice = notice->next)
        assert_string_equal(notice->summary, wanted[i++]);
    assert_int_equal(i, 4);
}

static void utf8_as_go_reads_it(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t width;
        uint32_t rune;
    } rows[] = {
        {"a", 1, 'a'},
        {"\xc3\xa9", 2, 0xe9},
        {"\xe2\x82\xac", 3, 0x20ac},
        {"\xf0\x9f\x98\x80", 4, 0x1f600},
        {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
        {"\xef\xbf\xbd", 3, 0xfffd},
        {"\xc0\x80", 1, 0xfffd},
        {"\xe0\x80\x80", 1, 0xfffd},
        {"\xed\xa0\x80", 1, 0xfffd},
        {"\xf4\x90\x80\x80", 1, 0xfffd},
        {"\xff", 1, 0xfffd},
        {"\x80", 1, 0xfffd},
        {"\xc3", 1, 0xfffd},
        {"\xe2\x82", 1, 0xfffd},
        {"\xc3(", 1, 0xfffd},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t rune;
        assert_int_equal(utf8_decode(rows[i].text, strlen(rows[i].text), &rune), rows[i].width);
        assert_int_equal(rune, rows[i].rune);
        char out[4];
        bool broken = rows[i].width == 1 && rows[i].rune == 0xfffd;
        assert_int_equal(utf8_is_broken(rune, rows[i].width), broken);
        if (!broken) {
            assert_int_equal(utf8_put(rune, out), rows[i].width);
            assert_memory_equal(out, rows[i].text, rows[i].width);
        }
    }
    uint32_t rune;
    assert_int_equal(utf8_decode("", 0, &rune), 0);
    char out[4];
    assert_int_equal(utf8_put(0xd800, out), 3);
    assert_memory_equal(out, "\xef\xbf\xbd", 3);
    assert_int_equal(utf8_valid_prefix("ab\xc3\xa9\xff", 5), 4);
    assert_int_equal(utf8_valid_prefix("", 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_hands_out_zeroed_aligned_blocks),
        cmocka_unit_test(arena_grows_in_place_where_it_can),
        cmocka_unit_test(arena_releases_after_a_mark),
        cmocka_unit_test(buf_grows_and_cuts),
        cmocka_unit_test(errors_wrap),
        cmocka_unit_test(calls_end),
        cmocka_unit_test(notices_join_in_order),
        cmocka_unit_test(utf8_as_go_reads_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
