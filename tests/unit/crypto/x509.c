// SPDX-License-Identifier: Apache-2.0
#include "crypto/x509.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static void count_up(void *user, void *out, size_t len) {
    for (unsigned char *byte = out; len--; byte++)
        *byte = (*(unsigned char *)user)++;
}

static unsigned char counter;
static const struct crypto_random counting = {count_up, &counter};

// What `openssl x509 -text` says.
static const char *printed(struct arena *arena, const char *pem) {
    BIO *in = BIO_new_mem_buf(pem, -1), *out = BIO_new(BIO_s_mem());
    X509 *cert = PEM_read_bio_X509(in, NULL, NULL, NULL);
    assert_non_null(cert);
    X509_print_ex(out, cert, XN_FLAG_ONELINE, X509_FLAG_NO_PUBKEY | X509_FLAG_NO_SIGDUMP);
    char *text;
    long len = BIO_get_mem_data(out, &text);
    const char *copy = arena_strndup(arena, text, (size_t)len);
    X509_free(cert);
    BIO_free(in);
    BIO_free(out);
    return copy;
}

static bool verifies(const char *cert_pem, const char *ca_pem) {
    BIO *a = BIO_new_mem_buf(cert_pem, -1), *b = BIO_new_mem_buf(ca_pem, -1);
    X509 *cert = PEM_read_bio_X509(a, NULL, NULL, NULL), *ca = PEM_read_bio_X509(b, NULL, NULL, NULL);
    bool ok = X509_verify(cert, X509_get0_pubkey(ca)) == 1 && X509_check_issued(ca, cert) == X509_V_OK;
    X509_free(cert);
    X509_free(ca);
    BIO_free(a);
    BIO_free(b);
    return ok;
}

static void keys_of_every_kind(void **state) {
    (void)state;
    static const char *const kinds[][2] = {{"ecdsa", "-----BEGIN EC PRIVATE KEY-----\n"},
                                           {"ed25519", "-----BEGIN PRIVATE KEY-----\n"},
                                           {"rsa", "-----BEGIN RSA PRIVATE KEY-----\n"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        const char *pem = crypto_private_key(arena, kinds[i][0], &err);
        assert_non_null(pem);
        assert_int_equal(strncmp(pem, kinds[i][1], strlen(kinds[i][1])), 0);
        struct crypto_certificate_request request = {
            .common_name = "x", .days = 1, .is_ca = true, .key = pem};
        struct crypto_certificate cert;
        if (!crypto_certificate_create(arena, &counting, &request, &cert, &err))
            fail_msg("%s: %s", kinds[i][0], err.msg);
        assert_string_equal(cert.key, pem);
        assert_true(verifies(cert.cert, cert.cert));
        assert_true(crypto_certificate_check(cert.cert, cert.key, &err));
    }
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    assert_null(crypto_private_key(arena, "rot13", &err));
    assert_string_equal(err.msg, "Unknown type rot13");
}

static void certificates_hold_what_sprig_puts_in(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    counter = 1;
    struct crypto_certificate ca, leaf;
    struct crypto_certificate_request request = {
        .common_name = "My CA", .days = 365, .now = 1700000000, .is_ca = true};
    request.key = crypto_private_key(arena, "ed25519", &err);
    assert_true(crypto_certificate_create(arena, &counting, &request, &ca, &err));
    const char *text = printed(arena, ca.cert);
    assert_non_null(strstr(text, "01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10"));
    assert_non_null(strstr(text, "Not Before: Nov 14 22:13:20 2023 GMT"));
    assert_non_null(strstr(text, "Not After : Nov 13 22:13:20 2024 GMT"));
    assert_non_null(strstr(text, "Digital Signature, Key Encipherment, Certificate Sign"));
    assert_non_null(strstr(text, "CA:TRUE"));

    static const char *const ips[] = {"10.0.0.1", "::1", "::ffff:10.0.0.2"}, *const dns[] = {"a.example",
                                                                                             "*.b,c"};
    request = (struct crypto_certificate_request){
        .common_name =
            "*.svc.a-name-that-is-longer-than-the-sixty-four-characters-that-x520-allows-it.example",
        .ips = ips,
        .ip_count = 3,
        .dns_names = dns,
        .dns_count = 2,
        .days = 1,
        .signer = &ca,
    };
    assert_true(crypto_certificate_create(arena, &counting, &request, &leaf, &err));
    text = printed(arena, leaf.cert);
    assert_non_null(strstr(text, "Issuer: CN = My CA"));
    assert_non_null(strstr(text, "x520-allows-it.example"));
    assert_non_null(strstr(text, "DNS:a.example, DNS:*.b,c, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1, "
                                 "IP Address:10.0.0.2"));
    assert_non_null(strstr(text, "TLS Web Server Authentication, TLS Web Client Authentication"));
    assert_non_null(strstr(text, "CA:FALSE"));
    assert_non_null(strstr(text, "X509v3 Authority Key Identifier"));
    assert_true(verifies(leaf.cert, ca.cert));
    assert_non_null(strstr(leaf.key, "-----BEGIN RSA PRIVATE KEY-----"));
}

static void errors_are_sprigs(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    const char *key = crypto_private_key(arena, "ed25519", &err),
               *other = crypto_private_key(arena, "ed25519", &err);
    struct crypto_certificate ca, leaf;
    static const char *const ips[] = {"10.0.0"};
    struct crypto_certificate_request request = {.common_name = "x", .days = 1, .is_ca = true, .key = key};
    assert_true(crypto_certificate_create(arena, &counting, &request, &ca, &err));

    struct crypto_certificate_request bad = request;
    bad.key = "no key";
    assert_false(crypto_certificate_create(arena, &counting, &bad, &leaf, &err));
    assert_string_equal(err.msg, "parsing private key: no PEM data in input");
    bad.key = ca.cert;
    assert_false(crypto_certificate_create(arena, &counting, &bad, &leaf, &err));
    assert_string_equal(err.msg, "parsing private key: no private key data in PEM block of type CERTIFICATE");
    bad = request;
    bad.ips = ips;
    bad.ip_count = 1;
    assert_false(crypto_certificate_create(arena, &counting, &bad, &leaf, &err));
    assert_string_equal(err.msg, "error parsing ip: 10.0.0");
    struct crypto_certificate mixed = {ca.cert, other}, none = {"", key};
    bad = request;
    bad.signer = &mixed;
    assert_false(crypto_certificate_create(arena, &counting, &bad, &leaf, &err));
    assert_non_null(strstr(err.msg, "provided PrivateKey doesn't match parent's PublicKey"));
    bad.signer = &none;
    assert_false(crypto_certificate_create(arena, &counting, &bad, &leaf, &err));
    assert_string_equal(err.msg, "unable to decode certificate");
    assert_false(crypto_certificate_check(ca.cert, "x", &err));
    assert_string_equal(err.msg, "error parsing private key: no PEM data in input");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_every_kind),
        cmocka_unit_test(certificates_hold_what_sprig_puts_in),
        cmocka_unit_test(errors_are_sprigs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
