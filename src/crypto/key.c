// SPDX-License-Identifier: Apache-2.0
#include "crypto/key.h"

#include "crypto/x509.h"

#include <openssl/dsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

bool openssl_failed(const char *what, struct err *err) {
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return err_set(err, ERR_INVALID, "%s: %s", what, reason ? reason : "unknown reason");
}

const char *bio_text(struct arena *arena, BIO *bio) {
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    return arena_strndup(arena, len > 0 ? data : "", len > 0 ? (size_t)len : 0);
}

EVP_PKEY *key_new_rsa(int bits, struct err *err) {
    EVP_PKEY *key = EVP_RSA_gen((unsigned)bits);
    if (!key)
        openssl_failed("error generating rsa key", err);
    return key;
}

static void cleanup_openssl(void *pointer) {
    OPENSSL_free(*(void **)pointer);
}

// The kinds of PEM block that hold a key, and how a failure to read one begins.
static const struct {
    const char *name, *failure;
    int type;
} BLOCKS[] = {
    {"PRIVATE KEY", "decoding PEM as PKCS#8", EVP_PKEY_NONE},
    {"RSA PRIVATE KEY", "parsing RSA private key from PEM", EVP_PKEY_RSA},
    {"EC PRIVATE KEY", "parsing EC private key from PEM", EVP_PKEY_EC},
    {"DSA PRIVATE KEY", "parsing DSA private key from PEM", EVP_PKEY_DSA},
};

static EVP_PKEY *key_from_block(const char *name, const unsigned char *data, long len, struct err *err) {
    for (size_t i = 0; i < sizeof BLOCKS / sizeof *BLOCKS; i++) {
        if (strcmp(BLOCKS[i].name, name) != 0)
            continue;
        EVP_PKEY *key = BLOCKS[i].type == EVP_PKEY_NONE ? d2i_AutoPrivateKey(NULL, &data, len)
                                                        : d2i_PrivateKey(BLOCKS[i].type, NULL, &data, len);
        if (!key)
            openssl_failed(BLOCKS[i].failure, err);
        return key;
    }
    size_t ending = strlen(" PRIVATE KEY"), size = strlen(name);
    if (size < ending || strcmp(name + size - ending, " PRIVATE KEY") != 0)
        err_set(err, ERR_INVALID, "no private key data in PEM block of type %s", name);
    else
        err_set(err, ERR_INVALID, "invalid private key type %.*s", (int)(size - ending), name);
    return NULL;
}

EVP_PKEY *key_from_pem(const char *pem, struct err *err) {
    CLEANUP(cleanup_bio) BIO *bio = BIO_new_mem_buf(pem, -1);
    CLEANUP(cleanup_openssl) char *name = NULL;
    CLEANUP(cleanup_openssl) char *header = NULL;
    CLEANUP(cleanup_openssl) unsigned char *data = NULL;
    long len;
    if (!bio || !PEM_read_bio(bio, &name, &header, &data, &len)) {
        ERR_clear_error();
        err_set(err, ERR_INVALID, "no PEM data in input");
        return NULL;
    }
    return key_from_block(name, data, len, err);
}

const char *key_to_pem(struct arena *arena, EVP_PKEY *key, struct err *err) {
    CLEANUP(cleanup_bio) BIO *bio = BIO_new(BIO_s_mem());
    int type = EVP_PKEY_get_base_id(key);
    bool traditional = type == EVP_PKEY_RSA || type == EVP_PKEY_EC || type == EVP_PKEY_DSA;
    int ok = traditional ? PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL)
                         : PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    if (!ok) {
        openssl_failed("error pem-encoding key", err);
        return NULL;
    }
    return bio_text(arena, bio);
}

static void cleanup_pkey_context(EVP_PKEY_CTX **context) {
    EVP_PKEY_CTX_free(*context);
}

static EVP_PKEY *new_dsa(void) {
    CLEANUP(cleanup_pkey_context) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
    CLEANUP(cleanup_pkey) EVP_PKEY *parameters = NULL;
    if (EVP_PKEY_paramgen_init(context) <= 0 || EVP_PKEY_CTX_set_dsa_paramgen_bits(context, 2048) <= 0 ||
        EVP_PKEY_CTX_set_dsa_paramgen_q_bits(context, 256) <= 0 ||
        EVP_PKEY_paramgen(context, &parameters) <= 0)
        return NULL;
    CLEANUP(cleanup_pkey_context)
    EVP_PKEY_CTX *generator = EVP_PKEY_CTX_new_from_pkey(NULL, parameters, NULL);
    EVP_PKEY *key = NULL;
    return EVP_PKEY_keygen_init(generator) > 0 && EVP_PKEY_keygen(generator, &key) > 0 ? key : NULL;
}

static EVP_PKEY *new_rsa(void) {
    return EVP_RSA_gen(4096);
}

static EVP_PKEY *new_ecdsa(void) {
    return EVP_EC_gen("P-256");
}

static EVP_PKEY *new_ed25519(void) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

const char *crypto_private_key(struct arena *arena, const char *kind, struct err *err) {
    static const struct {
        const char *kind;
        EVP_PKEY *(*create)(void);
    } KINDS[] = {
        {"", new_rsa}, {"rsa", new_rsa}, {"ecdsa", new_ecdsa}, {"ed25519", new_ed25519}, {"dsa", new_dsa}};
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (strcmp(KINDS[i].kind, kind) != 0)
            continue;
        CLEANUP(cleanup_pkey) EVP_PKEY *key = KINDS[i].create();
        if (key)
            return key_to_pem(arena, key, err);
        openssl_failed("failed to generate private key", err);
        return NULL;
    }
    err_set(err, ERR_INVALID, "Unknown type %s", kind);
    return NULL;
}
