// SPDX-License-Identifier: Apache-2.0
#include "codec/archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct buf packed(struct arena *arena, const char *data, size_t len) {
    struct buf out;
    struct err err = err_in(arena);
    assert_true(gzip_encode(arena, data, len, &out, &err));
    return out;
}

// One tar entry with header, data and padding.
static void entry(struct buf *tar, char type, const char *name, const char *data, size_t len) {
    char header[512] = {0};
    snprintf(header, 100, "%s", name);
    snprintf(header + 100, 8, "%07o", 0644);
    snprintf(header + 124, 12, "%011zo", len);
    memset(header + 148, ' ', 8);
    header[156] = type;
    memcpy(header + 257,
           "ustar\0"
           "00",
           8);
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof header; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 8, "%06o", sum);
    buf_add(tar, header, sizeof header);
    buf_add(tar, data, len);
    buf_fill(tar, 0, (512 - len % 512) % 512);
}

static bool unpack(struct arena *arena, struct buf *tar, struct archive *out, struct err *err) {
    buf_fill(tar, 0, 1024);
    struct buf tgz = packed(arena, buf_text(tar), tar->len);
    return archive_read_tgz(arena, cursor_over(buf_text(&tgz), tgz.len), &(struct archive_limits){1000, 3000},
                            out, err);
}

static void gzip_round_trip(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct buf text, out;
    buf_init(&text, arena);
    for (int i = 0; i < 40000; i++)
        buf_printf(&text, "line %d\n", i);
    struct buf once = packed(arena, buf_text(&text), text.len);
    assert_true(gzip_decode(arena, once.ptr, once.len, text.len, &out, &err));
    assert_int_equal(out.len, text.len);
    assert_memory_equal(out.ptr, text.ptr, text.len);
    assert_false(gzip_decode(arena, once.ptr, once.len, text.len - 1, &out, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_false(gzip_decode(arena, once.ptr, once.len - 9, text.len, &out, &err));
    assert_string_equal(err.msg,
                        arena_printf(arena, "gzip: the data ends early, after %zu bytes", once.len - 9));
    assert_false(gzip_decode(arena, "plain text", 10, 100, &out, &err));
    assert_int_equal(err.kind, ERR_INVALID);
}

static void gzip_members_follow_each_other(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct buf out, both = packed(arena, "one ", 4), second = packed(arena, "two", 3);
    buf_add(&both, second.ptr, second.len);
    buf_fill(&both, 0, 10);
    assert_true(gzip_decode(arena, both.ptr, both.len, 100, &out, &err));
    assert_string_equal(buf_text(&out), "one two");
    buf_str(&both, "rubbish");
    assert_false(gzip_decode(arena, both.ptr, both.len, 100, &out, &err));
}

static void files_come_in_order(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct archive archive;
    struct buf tar;
    buf_init(&tar, arena);
    entry(&tar, 'g', "pax_global_header", "30 comment=0123456789012345678\n", 30);
    entry(&tar, '5', "chart/", "", 0);
    entry(&tar, '0', "chart/b", "bee", 3);
    entry(&tar, 'x', "PaxHeaders/x", "17 path=chart/\xc3\xa9\n", 17);
    entry(&tar, '0', "chart/x", "", 0);
    entry(&tar, 'L', "././@LongLink", "chart/long", 11);
    entry(&tar, 0, "chart/lo", "x", 1);
    if (!unpack(arena, &tar, &archive, &err))
        fail_msg("%s", err.msg);
    assert_int_equal(archive.count, 3);
    assert_string_equal(archive.files[0].name, "chart/b");
    assert_string_equal(archive.files[0].data, "bee");
    assert_string_equal(archive.files[1].name, "chart/\xc3\xa9");
    assert_int_equal(archive.files[1].len, 0);
    assert_string_equal(archive.files[2].name, "chart/long");
}

#define AGAIN "; pack it again with the file itself in its place (tar --dereference --hard-dereference)"

static void what_is_refused(void **state) {
    (void)state;
    static const struct {
        char type;
        size_t len;
        enum err_kind kind;
        const char *msg;
    } rows[] = {
        {'2', 0, ERR_UNSUPPORTED, "tar: \"f\" is a symbolic link: only files and folders are read" AGAIN},
        {'1', 0, ERR_UNSUPPORTED, "tar: \"f\" is a hard link: only files and folders are read" AGAIN},
        {'3', 0, ERR_UNSUPPORTED, "tar: \"f\" is a character device: only files and folders are read" AGAIN},
        {'0', 1001, ERR_LIMIT, "decompressed chart file \"f\" is larger than the maximum file size 1000"},
        {'0', 3001, ERR_LIMIT, "decompressed chart is larger than the maximum size 3000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        struct archive archive;
        struct buf tar;
        buf_init(&tar, arena);
        entry(&tar, rows[i].type, "f", arena_alloc(arena, rows[i].len + 1), rows[i].len);
        assert_false(unpack(arena, &tar, &archive, &err));
        assert_string_equal(err.msg, rows[i].msg);
        assert_int_equal(err.kind, rows[i].kind);
    }
}

static void damage_is_named(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct archive archive;
    struct buf tar;
    buf_init(&tar, arena);
    entry(&tar, '0', "f", "x", 1);
    tar.ptr[0] = 'g';
    assert_false(unpack(arena, &tar, &archive, &err));
    assert_string_equal(err.msg, "tar: the checksum does not fit in the header at byte 0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip_round_trip),     cmocka_unit_test(gzip_members_follow_each_other),
        cmocka_unit_test(files_come_in_order), cmocka_unit_test(what_is_refused),
        cmocka_unit_test(damage_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
