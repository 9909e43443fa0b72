// SPDX-License-Identifier: Apache-2.0
// Shared inside src/crypto: private keys as OpenSSL handles and as PEM.
#ifndef CRYPTO_KEY_H
#define CRYPTO_KEY_H

#include "base/cleanup.h"
#include "base/err.h"

#include <openssl/bio.h>
#include <openssl/evp.h>

static inline void cleanup_pkey(EVP_PKEY **key) {
    EVP_PKEY_free(*key);
}

static inline void cleanup_bio(BIO **bio) {
    BIO_free_all(*bio);
}

// A new RSA key; NULL when OpenSSL can't make one.
EVP_PKEY *key_new_rsa(int bits, struct err *err);

// Reads the first PEM block, which has to be an unencrypted private key. The caller frees it.
EVP_PKEY *key_from_pem(const char *pem, struct err *err);

// PKCS#1 for RSA, SEC 1 for EC, OpenSSL's own form for DSA, PKCS#8 for the rest.
const char *key_to_pem(struct arena *arena, EVP_PKEY *key, struct err *err);

// What a memory BIO holds, in the arena.
const char *bio_text(struct arena *arena, BIO *bio);

// Fails with OpenSSL's latest reason after `what`.
bool openssl_failed(const char *what, struct err *err);

#endif
