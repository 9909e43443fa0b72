// SPDX-License-Identifier: Apache-2.0
// Digests take OpenSSL's plain functions: EVP would first set up the whole library (2 MB, longer than a small
// chart takes to render), and has no MD5 where the system's policy is FIPS, though sprig's md5sum protects
// nothing.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

// Before main, so that whatever uses OpenSSL first, libcurl perhaps, does not read the host's openssl.cnf:
// that may load engines and providers of the host's, or leave none. Here, because every executable has
// digests.
__attribute__((constructor)) static void ignore_configuration(void) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

#define ALGORITHM(name, context, size)                                                                       \
    static size_t run_##name(const void *data, size_t len, unsigned char *out) {                             \
        context state;                                                                                       \
        name##_Init(&state);                                                                                 \
        name##_Update(&state, data, len);                                                                    \
        name##_Final(out, &state);                                                                           \
        return size;                                                                                         \
    }

ALGORITHM(MD5, MD5_CTX, MD5_DIGEST_LENGTH)
ALGORITHM(SHA1, SHA_CTX, SHA_DIGEST_LENGTH)
ALGORITHM(SHA256, SHA256_CTX, SHA256_DIGEST_LENGTH)
ALGORITHM(SHA512, SHA512_CTX, SHA512_DIGEST_LENGTH)

size_t crypto_digest(enum crypto_digest digest, const void *data, size_t len, unsigned char out[64]) {
    switch (digest) {
    case CRYPTO_MD5: return run_MD5(data, len, out);
    case CRYPTO_SHA1: return run_SHA1(data, len, out);
    case CRYPTO_SHA512: return run_SHA512(data, len, out);
    default: return run_SHA256(data, len, out);
    }
}

const char *crypto_hex(struct arena *arena, const unsigned char *bytes, size_t len) {
    static const char digits[] = "0123456789abcdef";
    char *out = arena_alloc(arena, 2 * len + 1);
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    return out;
}

const char *crypto_digest_hex(struct arena *arena, enum crypto_digest digest, const void *data, size_t len) {
    unsigned char out[64];
    return crypto_hex(arena, out, crypto_digest(digest, data, len, out));
}

const char *crypto_content_digest(struct arena *arena, const void *data, size_t len) {
    return arena_printf(arena, "sha256:%s", crypto_digest_hex(arena, CRYPTO_SHA256, data, len));
}

uint32_t crypto_adler32(const void *data, size_t len) {
    uint32_t a = 1, b = 0;
    for (const unsigned char *byte = data; len--; byte++) {
        a = (a + *byte) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

void crypto_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                        unsigned char out[32]) {
    unsigned size = 32;
    if (!HMAC(EVP_sha256(), key, (int)key_len, data, len, out, &size))
        abort();
}

void crypto_random_bytes(void *out, size_t len) {
    char *at = out;
    while (len) {
        ssize_t got = getrandom(at, len, 0);
        if (got <= 0) {
            fputs("no random numbers\n", stderr);
            abort();
        }
        at += got;
        len -= (size_t)got;
    }
}

const char *crypto_fingerprint(struct arena *arena, const char *salt, const void *data, size_t len) {
    unsigned char out[32];
    crypto_hmac_sha256(salt, strlen(salt), data, len, out);
    return crypto_hex(arena, out, sizeof out);
}
