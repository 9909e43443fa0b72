// SPDX-License-Identifier: Apache-2.0
// Password hashes and password-keyed encryption, as sprig has them.
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "crypto/random.h"

#include <stdint.h>

// "$2a$10$…" for cost 10. ERR_INVALID with golang.org/x/crypto's words beyond 72 bytes; NULL then.
const char *crypto_bcrypt(struct arena *arena, const struct crypto_random *random, unsigned cost,
                          const char *password, struct err *err);

// True when `password` has the bcrypt hash.
bool crypto_bcrypt_check(const char *hash, const char *password);

// What stands in for a secret where it is stored and others may read it: PBKDF2-HMAC-SHA512 of `data` under a
// salt (any text), as hex. Slow on purpose (60000 rounds, some 40 ms), so that short secrets take long to
// guess; the same everywhere.
const char *crypto_slow_fingerprint(struct arena *arena, const char *salt, const void *data, size_t len);

// Where a derived password is used: by whom, the how many-th it is there, and of which kind: maximum, long,
// medium, short, basic or pin.
struct crypto_site {
    const char *name, *user;
    uint32_t counter;
    const char *kind;
};

// The Master Password algorithm (scrypt, then a template of characters): the same inputs give the
// same text. ERR_INVALID and NULL where there is no such kind.
const char *crypto_derive_password(struct arena *arena, const char *password, const struct crypto_site *site,
                                   struct err *err);

// AES-256-CBC under the password's first 32 bytes, zero padded: 16 bytes of random
// initialisation vector, then the text with PKCS#7 padding. Appends bytes, not base64.
bool crypto_aes_encrypt(struct buf *out, const struct crypto_random *random, const char *password,
                        struct cursor text, struct err *err);

// The reverse. ERR_INVALID where the length or the padding is impossible (then in the words of Go, whose
// slice of the text would not fit).
bool crypto_aes_decrypt(struct buf *out, const char *password, const void *data, size_t len, struct err *err);

#endif
