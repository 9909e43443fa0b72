// SPDX-License-Identifier: Apache-2.0
// Shared inside src/provider only.
#ifndef PROVIDER_PRIVATE_H
#define PROVIDER_PRIVATE_H

#include "provider/config.h"

#include <pthread.h>
#include <stdatomic.h>

struct provider {
    struct arena *arena;
    atomic_int holders;
    bool configured;
    struct value config; // to tell what is unknown
    const char *user_agent;
    struct provider_settings settings;
    pthread_mutex_t lock; // guards the making of the client
    struct kube_client *client;
};

// Everything decoded, with defaults filled in. Unknown values leave NULL.
bool provider_settings_decode(struct arena *arena, struct value config, struct provider_settings *out,
                              struct err *err);

#endif
