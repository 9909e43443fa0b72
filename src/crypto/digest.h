// SPDX-License-Identifier: Apache-2.0
// Digests, keyed hashes and random bytes.
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

enum crypto_digest { CRYPTO_MD5, CRYPTO_SHA1, CRYPTO_SHA256, CRYPTO_SHA512 };

// Writes the digest (at most 64 bytes) and returns its length.
size_t crypto_digest(enum crypto_digest digest, const void *data, size_t len, unsigned char out[64]);

// The digest as lower-case hex.
const char *crypto_digest_hex(struct arena *arena, enum crypto_digest digest, const void *data, size_t len);

// "sha256:<hex>", as charts and OCI content are named.
const char *crypto_content_digest(struct arena *arena, const void *data, size_t len);

uint32_t crypto_adler32(const void *data, size_t len);

void crypto_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len, unsigned char out[32]);

// Lower-case hex of any bytes.
const char *crypto_hex(struct arena *arena, const unsigned char *bytes, size_t len);

// From the system's generator; aborts when it has none.
void crypto_random_bytes(void *out, size_t len);

// What stands in for a secret where it must not be stored: HMAC-SHA256 under a salt, as hex.
const char *crypto_fingerprint(struct arena *arena, const char *salt, const void *data, size_t len);

#endif
