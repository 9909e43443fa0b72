// SPDX-License-Identifier: Apache-2.0
// Against golden files made by Go's encoding/base64 and base32 (tests/golden/codec/generate).
#include "codec/base64.h"
#include "files.h"

#include <string.h>

typedef bool decode(struct buf *out, const char *text, size_t len, struct err *err);

static void check(const char *name, decode *decode_text) {
    SCRATCH_ARENA(arena);
    struct value pairs = read_json(arena, arena_printf(arena, "%s/golden/codec/%s", TESTS_DIR, name));
    size_t wrong = 0;
    for (size_t i = 0; i < value_len(pairs); i++) {
        struct value pair = value_at(pairs, i), in = value_get(pair, "in");
        const char *error = value_get_string(value_get(pair, "error")),
                   *wanted = value_get_string(value_get(pair, "out"));
        struct err err = err_in(arena);
        struct buf out, hex;
        buf_init(&out, arena);
        buf_init(&hex, arena);
        bool ok = decode_text(&out, value_get_string(in), value_len(in), &err);
        for (size_t j = 0; j < out.len; j++)
            buf_printf(&hex, "%02x", (unsigned char)out.ptr[j]);
        if (ok == !error && !strcmp(ok ? buf_text(&hex) : err.msg, ok ? (wanted ? wanted : "") : error))
            continue;
        if (wrong++ < 20)
            print_message("%s: wanted %s, got %s\n", json_text(arena, in), error ? error : wanted,
                          ok ? buf_text(&hex) : err.msg);
    }
    assert_int_equal(wrong, 0);
}

static void base64(void **state) {
    (void)state;
    check("base64.json", base64_decode);
}

static void base32(void **state) {
    (void)state;
    check("base32.json", base32_decode);
}

static void round_trips(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    unsigned char data[60];
    for (size_t len = 0; len < sizeof data; len++) {
        data[len] = (unsigned char)(len * 37 + 11);
        struct buf text, back;
        buf_init(&text, arena);
        buf_init(&back, arena);
        base64_encode(&text, data, len);
        assert_int_equal(text.len, (len + 2) / 3 * 4);
        assert_true(base64_decode(&back, buf_text(&text), text.len, &err));
        buf_init(&text, arena);
        base32_encode(&text, data, len);
        assert_true(base32_decode(&back, buf_text(&text), text.len, &err));
        assert_int_equal(back.len, 2 * len);
        if (len) {
            assert_memory_equal(back.ptr, data, len);
            assert_memory_equal(back.ptr + len, data, len);
        }
    }
}

static void url_alphabet_without_padding(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct buf out;
    buf_init(&out, arena);
    assert_true(base64url_decode(&out, "-_8", 3, &err));
    assert_true(base64url_decode(&out, "YQ==", 4, &err));
    assert_memory_equal(buf_text(&out),
                        "\xfb\xff"
                        "a",
                        3);
    assert_false(base64url_decode(&out, "+/8", 3, &err));
    assert_false(base64url_decode(&out, "a", 1, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64),
        cmocka_unit_test(base32),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(url_alphabet_without_padding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
