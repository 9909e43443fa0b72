// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void digests(void **state) {
    (void)state;
    static const struct {
        enum crypto_digest digest;
        const char *hex;
    } rows[] = {
        {CRYPTO_MD5, "900150983cd24fb0d6963f7d28e17f72"},
        {CRYPTO_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {CRYPTO_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {CRYPTO_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(crypto_digest_hex(arena, rows[i].digest, "abc", 3), rows[i].hex);
    assert_string_equal(crypto_digest_hex(arena, CRYPTO_SHA256, "", 0),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void checksums(void **state) {
    (void)state;
    assert_int_equal(crypto_adler32("", 0), 1);
    assert_int_equal(crypto_adler32("abc", 3), 38600999);
    assert_true(crypto_adler32("Wikipedia", 9) == 0x11e60398u);
}

// RFC 4231, test case 2.
static void keyed(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    static const char wanted[] = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    unsigned char out[32];
    crypto_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out);
    assert_string_equal(crypto_hex(arena, out, 32), wanted);
    assert_string_equal(crypto_fingerprint(arena, "Jefe", "what do ya want for nothing?", 28), wanted);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests),
        cmocka_unit_test(checksums),
        cmocka_unit_test(keyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
