// SPDX-License-Identifier: Apache-2.0
#include "crypto/password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void zeros(void *user, void *out, size_t len) {
    (void)user;
    memset(out, 0, len);
}

static const struct crypto_random zero = {zeros, NULL};

static void bcrypt(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    const char *hash = crypto_bcrypt(arena, &zero, 10, "secret", &err);
    assert_int_equal(strlen(hash), 60);
    assert_int_equal(strncmp(hash, "$2a$10$......................", 29), 0);
    assert_true(crypto_bcrypt_check(hash, "secret"));
    assert_false(crypto_bcrypt_check(hash, "Secret"));
    // made by golang.org/x/crypto/bcrypt
    static const char gos[] = "$2a$05$1yxVm6DcF4rCTylzGckVJ.97XLM4729bXBqmMtp6AMWEJ3CIfU/KK";
    assert_true(crypto_bcrypt_check(gos, "p\xc3\xa4ss"));
    char longest[74];
    memset(longest, 'x', 73);
    longest[73] = 0;
    assert_null(crypto_bcrypt(arena, &zero, 10, longest, &err));
    assert_string_equal(err.msg, "bcrypt: password length exceeds 72 bytes");
    assert_non_null(crypto_bcrypt(arena, &zero, 4, longest + 1, &err));
}

static void derived_passwords(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"long", "ZedaFaxcZaso9*"}, {"maximum", "pf4zS1LjCg&LjhsZ7T2~"},
        {"medium", "ZedJuz8$"},     {"basic", "pIS54PLs"},
        {"short", "Zed5"},          {"pin", "6685"},
    };
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(
            crypto_derive_password(arena, "password",
                                   &(struct crypto_site){"example.com", "user", 1, rows[i][0]}, &err),
            rows[i][1]);
    assert_null(crypto_derive_password(arena, "", &(struct crypto_site){"", "", 1, "none"}, &err));
    assert_string_equal(err.msg, "cannot find password template none");
}

static void aes(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    for (size_t len = 1; len < 70; len++) {
        struct buf text, secret, back;
        buf_init(&text, arena);
        buf_fill(&text, 'a', len);
        buf_init(&secret, arena);
        buf_init(&back, arena);
        assert_true(crypto_aes_encrypt(&secret, &zero, "secretkey", cursor_over(text.ptr, len), &err));
        assert_int_equal(secret.len, 16 + (len / 16 + 1) * 16);
        assert_true(crypto_aes_decrypt(&back, "secretkey", secret.ptr, secret.len, &err));
        assert_string_equal(buf_text(&back), buf_text(&text));
    }
    struct buf back;
    buf_init(&back, arena);
    assert_false(crypto_aes_decrypt(&back, "secretkey", "short", 5, &err));
    static const char sprigs[] = "\xdf\x4b\x44\x7e\x1b\x89\x49\x54\x61\xa4\x6f\x7b\x5c\x2b\x96\x83"
                                 "\x3d\xa8\x92\x3e\xcb\xf2\xf4\x35\xb3\xa5\x7d\xcd\x55\x0f\x78\x34";
    assert_true(crypto_aes_decrypt(&back, "secretkey", sprigs, 32, &err));
    assert_string_equal(buf_text(&back), "plaintext");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bcrypt),
        cmocka_unit_test(derived_passwords),
        cmocka_unit_test(aes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
