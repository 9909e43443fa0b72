// SPDX-License-Identifier: Apache-2.0
// A certificate with its key, made anew for a test, so that no key is kept among the sources.
#ifndef TESTS_UNIT_PAIR_H
#define TESTS_UNIT_PAIR_H

#include "crypto/x509.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// `kind` as crypto_private_key.
static inline struct crypto_certificate make_pair(struct arena *arena, const char *kind) {
    struct err err = err_in(arena);
    struct crypto_certificate out;
    struct crypto_certificate_request request = {
        .common_name = "somebody", .days = 1, .key = crypto_private_key(arena, kind, &err)};
    if (!request.key || !crypto_certificate_create(arena, &crypto_random_system, &request, &out, &err))
        fail_msg("%s", err.msg);
    return out;
}

#endif
