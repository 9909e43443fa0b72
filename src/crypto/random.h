// SPDX-License-Identifier: Apache-2.0
// Where randomness comes from: a source that tests can replace to be exact.
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include <stddef.h>

struct crypto_random {
    void (*fill)(void *user, void *out, size_t len);
    void *user;
};

// The system's generator.
extern const struct crypto_random crypto_random_system;

#endif
