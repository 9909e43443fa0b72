// SPDX-License-Identifier: Apache-2.0
// "certificates\0key": what is given for TLS, and what charts' functions make of the same.
#include "crypto/identity.h"
#include "crypto/x509.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void zero(void *user, void *out, size_t len) {
    (void)user;
    memset(out, 0, len);
}

// A refusal says why, and quotes nothing of what it was given.
static void explained(bool done, const struct err *err) {
    if (!done && (err->kind == ERR_NONE || !err->msg || !*err->msg || strstr(err->msg, "MHcCAQEEI")))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    const char *cert = arena_strndup(arena, (const char *)data, size);
    size_t len = strlen(cert);
    const char *key =
        arena_strndup(arena, len < size ? (const char *)data + len + 1 : "", len < size ? size - len - 1 : 0);
    crypto_check *const checks[] = {crypto_authorities_check, crypto_certificate_usable, crypto_key_usable};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        explained(checks[i](cert, &err), &err);
        explained(checks[i](key, &err), &err);
    }
    bool fits = crypto_key_fits(cert, key, &err);
    explained(fits, &err);
    if (fits && (!crypto_certificate_usable(cert, &err) || !crypto_key_usable(key, &err)))
        abort();
    explained(crypto_certificate_check(cert, key, &err), &err);
    struct crypto_certificate signer = {cert, key}, made;
    struct crypto_certificate_request request = {
        .common_name = "x", .days = 1, .key = key, .signer = &signer};
    explained(crypto_certificate_create(arena, &(struct crypto_random){zero, NULL}, &request, &made, &err),
              &err);
    return 0;
}
