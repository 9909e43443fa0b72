// SPDX-License-Identifier: Apache-2.0
// What is given for TLS, in every form that people have it in.
#include "crypto/identity.h"

#include "pair.h"

#include <openssl/pem.h>
#include <string.h>

struct fixture {
    struct arena *arena;
    struct crypto_certificate pair, other;
    EVP_PKEY *key;
};

static EVP_PKEY *key_of(const char *pem) {
    BIO *in = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
    BIO_free(in);
    return key;
}

static int set_up(void **state) {
    struct arena *arena = arena_create();
    struct fixture *f = arena_alloc(arena, sizeof *f);
    *f = (struct fixture){
        .arena = arena, .pair = make_pair(arena, "ecdsa"), .other = make_pair(arena, "ecdsa")};
    f->key = key_of(f->pair.key);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    EVP_PKEY_free(f->key);
    arena_destroy(f->arena);
    return 0;
}

enum form { PKCS8, PKCS8_ENCRYPTED, TRADITIONAL_ENCRYPTED, DER };

static const char *written(struct fixture *f, enum form form) {
    BIO *out = BIO_new(BIO_s_mem());
    unsigned char *pass = (unsigned char *)"hush-hush";
    char *text;
    switch (form) {
    case PKCS8: PEM_write_bio_PrivateKey(out, f->key, NULL, NULL, 0, NULL, NULL); break;
    case PKCS8_ENCRYPTED:
        PEM_write_bio_PKCS8PrivateKey(out, f->key, EVP_aes_256_cbc(), (char *)pass, 9, NULL, NULL);
        break;
    case TRADITIONAL_ENCRYPTED:
        PEM_write_bio_PrivateKey_traditional(out, f->key, EVP_aes_256_cbc(), pass, 9, NULL, NULL);
        break;
    case DER: i2d_PrivateKey_bio(out, f->key); break;
    }
    long len = BIO_get_mem_data(out, &text);
    const char *copy = arena_strndup(f->arena, text, (size_t)len);
    BIO_free(out);
    return copy;
}

static void takes_keys_of_every_form(void **state) {
    struct fixture *f = *state;
    const char *const kinds[] = {"ecdsa", "rsa", "ed25519"};
    struct err err = err_in(f->arena);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct crypto_certificate pair = make_pair(f->arena, kinds[i]);
        if (!crypto_key_usable(pair.key, &err) || !crypto_certificate_usable(pair.cert, &err) ||
            !crypto_authorities_check(pair.cert, &err) || !crypto_key_fits(pair.cert, pair.key, &err))
            fail_msg("%s: %s", kinds[i], err.msg);
    }
    const char *with_parameters = arena_printf(
        f->arena, "notes\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n%s%s",
        f->pair.key, f->pair.cert);
    assert_true(crypto_key_fits(f->pair.cert, with_parameters, &err));
    assert_true(crypto_key_fits(arena_printf(f->arena, "%s%s", f->pair.cert, f->other.cert),
                                written(f, PKCS8), &err));
    assert_true(
        crypto_authorities_check(
            arena_printf(f->arena, "# roots\n-----BEGIN CERTIFICATE-----\nbad\n-----END CERTIFICATE-----\n%s",
                         f->pair.cert),
            &err) == false); // damaged before the first that can be read
}

struct refusal {
    crypto_check *check;
    const char *text, *words;
};

static void refuses(const struct refusal *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        if (cases[i].check(cases[i].text, &err) || err.kind != ERR_INVALID)
            fail_msg("case %zu is taken", i);
        if (!strstr(err.msg, cases[i].words) || strstr(err.msg, "hush") || strstr(err.msg, "aHVza"))
            fail_msg("case %zu: %s", i, err.msg);
    }
}

static void says_what_is_wrong_with_a_key(void **state) {
    struct fixture *f = *state;
    const char *cut = arena_strndup(f->arena, f->pair.key, strlen(f->pair.key) / 2);
    const struct refusal cases[] = {
        {crypto_key_usable, written(f, PKCS8_ENCRYPTED), "is encrypted, and there is nobody here to ask"},
        {crypto_key_usable, written(f, TRADITIONAL_ENCRYPTED),
         "is encrypted, and there is nobody here to ask"},
        {crypto_key_usable, written(f, DER), "is binary (DER)"},
        {crypto_key_usable, "", "is empty"},
        {crypto_key_usable, "hush", "is not PEM"},
        {crypto_key_usable, "aHVzaA==", "base64decode()"},
        {crypto_key_usable, f->pair.cert, "is PEM of something else"},
        {crypto_key_usable, cut, "cut off or damaged"},
        {crypto_key_usable, "-----BEGIN PRIVATE KEY-----\naHVzaA==\n-----END PRIVATE KEY-----\n",
         "cannot be read"},
        {crypto_key_usable, "-----BEGIN PRIVATE KEY-----\nhush!\n-----END PRIVATE KEY-----\n", "damaged"},
        {crypto_key_usable, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", "damaged"},
        {crypto_key_usable,
         "-----BEGIN OPENSSH PRIVATE KEY-----\naHVzaA==\n-----END OPENSSH PRIVATE KEY-----\n",
         "cannot be read"},
    };
    refuses(cases, sizeof cases / sizeof *cases);
}

static void says_what_is_wrong_with_certificates(void **state) {
    struct fixture *f = *state;
    static const char BAD[] = "-----BEGIN CERTIFICATE-----\naHVzaA==\n-----END CERTIFICATE-----\n";
    const struct refusal cases[] = {
        {crypto_certificate_usable, "", "is empty"},
        {crypto_authorities_check, "", "is empty"},
        {crypto_certificate_usable, BAD, "cannot be read"},
        {crypto_authorities_check, BAD, "cannot be read"},
        {crypto_certificate_usable, f->pair.key, "is PEM of something else"},
        {crypto_authorities_check, "aHVzaA==", "base64decode()"},
        {crypto_authorities_check, "hush", "is not PEM"},
        {crypto_certificate_usable, "0\x82\x01", "openssl x509 -inform DER"},
    };
    struct err err = err_in(f->arena);
    refuses(cases, sizeof cases / sizeof *cases);
    assert_false(crypto_key_fits(f->pair.cert, f->other.key, &err));
    assert_non_null(strstr(err.msg, "is not the key of the client certificate"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(takes_keys_of_every_form),
        TEST(says_what_is_wrong_with_a_key),
        TEST(says_what_is_wrong_with_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
