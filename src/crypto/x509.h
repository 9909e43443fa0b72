// SPDX-License-Identifier: Apache-2.0
// Keys and certificates in PEM, with the contents that sprig's functions give them.
#ifndef CRYPTO_X509_H
#define CRYPTO_X509_H

#include "base/err.h"
#include "crypto/random.h"

#include <stdint.h>

struct crypto_certificate {
    const char *cert; // PEM
    const char *key;  // PEM: PKCS#1, SEC 1 or PKCS#8 by kind of key
};

struct crypto_certificate_request {
    const char *common_name;
    const char *const *ips; // texts
    size_t ip_count;
    const char *const *dns_names;
    size_t dns_count;
    int64_t days;                            // of validity from `now`
    int64_t now;                             // seconds since 1970
    bool is_ca;                              // may sign certificates
    const char *key;                         // PEM; NULL for a new 2048-bit RSA key
    const struct crypto_certificate *signer; // NULL for self-signed
};

// genCA, genSelfSignedCert, genSignedCert and their WithKey forms. The serial number is 128 bits
// from `random`; new keys come from OpenSSL's own generator. Errors in sprig's words.
bool crypto_certificate_create(struct arena *arena, const struct crypto_random *random,
                               const struct crypto_certificate_request *request,
                               struct crypto_certificate *out, struct err *err);

// A new private key: "rsa" or "" (4096 bits), "ecdsa" (P-256), "ed25519", "dsa" (2048/256; takes
// minutes, as in sprig). NULL with "Unknown type …" for any other.
const char *crypto_private_key(struct arena *arena, const char *kind, struct err *err);

// buildCustomCert's checks: `cert` holds a certificate and `key` a private key, both PEM.
bool crypto_certificate_check(const char *cert, const char *key, struct err *err);

#endif
