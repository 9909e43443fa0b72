// SPDX-License-Identifier: Apache-2.0
// AutoMTLS: host and plugin each make a certificate for this one process; each trusts exactly the other's.
// The key lives in memory only. gRPC must be the build that uses OpenSSL: BoringSSL refuses the host's P-521
// certificate.
#include "start.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static void free_key(EVP_PKEY **key) {
    EVP_PKEY_free(*key);
}

static void free_certificate(X509 **certificate) {
    X509_free(*certificate);
}

static void free_bio(BIO **bio) {
    BIO_free(*bio);
}

#define CLEANUP(how) __attribute__((cleanup(how)))

// A Go client looks at these and nothing else: DNS:localhost, a positive serial, the times, serverAuth.
static bool extend(X509 *certificate) {
    static const struct {
        int nid;
        const char *value;
    } extensions[] = {
        {NID_subject_alt_name, "DNS:localhost"},
        {NID_key_usage, "critical,digitalSignature,keyCertSign"},
        {NID_ext_key_usage, "serverAuth,clientAuth"},
        {NID_basic_constraints, "critical,CA:TRUE"},
    };
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof extensions / sizeof *extensions; i++) {
        X509_EXTENSION *extension =
            X509V3_EXT_conf_nid(NULL, &context, extensions[i].nid, extensions[i].value);
        ok = extension && X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
    return ok;
}

static bool set_serial(X509 *certificate) {
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] = (bytes[0] & 0x7f) | 0x40; // positive, never zero
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return ok;
}

static bool set_name(X509 *certificate) {
    X509_NAME *name = X509_get_subject_name(certificate);
    return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"plugin", -1, -1, 0) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1,
                                      0) &&
           X509_set_issuer_name(certificate, name);
}

// Backdated by 30 s and good for 30 years, as the host's own: it never outlives the process anyway.
static X509 *make_certificate(EVP_PKEY *key) {
    const long year = 365 * 24 * 3600L;
    X509 *certificate = X509_new();
    if (certificate && X509_set_version(certificate, X509_VERSION_3) && set_serial(certificate) &&
        X509_gmtime_adj(X509_getm_notBefore(certificate), -30) &&
        X509_gmtime_adj(X509_getm_notAfter(certificate), 30 * year) && set_name(certificate) &&
        X509_set_pubkey(certificate, key) && extend(certificate) && X509_sign(certificate, key, EVP_sha256()))
        return certificate;
    X509_free(certificate);
    return NULL;
}

// The standard alphabet without padding; the host refuses '='.
static char *encode_der(X509 *certificate) {
    unsigned char *der = NULL;
    int size = i2d_X509(certificate, &der);
    char *text = size > 0 ? calloc((size_t)size / 3 + 1, 4 + 1) : NULL;
    if (text) {
        EVP_EncodeBlock((unsigned char *)text, der, size);
        text[strcspn(text, "=")] = 0;
    }
    OPENSSL_free(der);
    return text;
}

static bool is_certificate(const char *pem) {
    CLEANUP(free_bio) BIO *in = BIO_new_mem_buf(pem, -1);
    CLEANUP(free_certificate) X509 *certificate = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    return certificate;
}

// Each of the three objects owns the one before.
static grpc_server_credentials *make_credentials(const char *roots, const char *key,
                                                 const char *certificate) {
    grpc_ssl_pem_key_cert_pair pair = {key, certificate};
    grpc_ssl_server_certificate_config *config = grpc_ssl_server_certificate_config_create(roots, &pair, 1);
    grpc_ssl_server_credentials_options *options = grpc_ssl_server_credentials_create_options_using_config(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, config);
    return grpc_ssl_server_credentials_create_with_options(options);
}

static grpc_server_credentials *credentials_of(const char *roots, EVP_PKEY *key, X509 *certificate) {
    CLEANUP(free_bio) BIO *key_pem = BIO_new(BIO_s_secmem());
    CLEANUP(free_bio) BIO *certificate_pem = BIO_new(BIO_s_mem());
    if (!key_pem || !certificate_pem || !PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL) ||
        !PEM_write_bio_X509(certificate_pem, certificate) || BIO_write(key_pem, "", 1) != 1 ||
        BIO_write(certificate_pem, "", 1) != 1) // as C strings
        return NULL;
    char *key_text, *certificate_text;
    long key_size = BIO_get_mem_data(key_pem, &key_text);
    BIO_get_mem_data(certificate_pem, &certificate_text);
    grpc_server_credentials *credentials = make_credentials(roots, key_text, certificate_text);
    OPENSSL_cleanse(key_text, (size_t)key_size);
    return credentials;
}

grpc_server_credentials *tls_credentials(const char *client_pem, char **encoded) {
    *encoded = NULL;
    if (!is_certificate(client_pem)) {
        shim_log(SHIM_ERROR,
                 "PLUGIN_CLIENT_CERT is not a certificate in PEM form; it comes from the program that "
                 "starts this plugin",
                 NULL, 0);
        return NULL;
    }
    CLEANUP(free_key) EVP_PKEY *key = EVP_EC_gen("P-256");
    CLEANUP(free_certificate) X509 *certificate = key ? make_certificate(key) : NULL;
    *encoded = certificate ? encode_der(certificate) : NULL;
    grpc_server_credentials *credentials = *encoded ? credentials_of(client_pem, key, certificate) : NULL;
    if (!credentials)
        shim_log(SHIM_ERROR, "OpenSSL could not make a P-256 key and certificate for this process", NULL, 0);
    return credentials;
}
