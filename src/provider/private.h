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
    pthread_mutex_t lock; // guards what follows, and the arena once it is configured
    struct kube_client *client;
    struct sighting_note *sightings;
    struct rollouts *rollouts; // made with the provider, has a lock of its own
};

// Everything decoded, with defaults filled in. Unknown values leave NULL.
bool provider_settings_decode(struct arena *arena, struct value config, struct provider_settings *out,
                              struct err *err);

#endif
