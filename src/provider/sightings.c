// SPDX-License-Identifier: Apache-2.0
#include "provider/sightings.h"

#include "provider/private.h"

#include <string.h>

struct sighting_note {
    struct sighting_note *next;
    const char *object;
    struct sighting sighting;
    bool taken;
};

static struct sighting copy(struct arena *arena, const struct sighting *from) {
    return (struct sighting){from->reached, arena_strdup(arena, from->missing),
                             arena_strdup(arena, from->unmeasured)};
}

static struct sighting_note *find(const struct provider *provider, const char *object) {
    struct sighting_note *note = provider->sightings;
    while (note && strcmp(note->object, object) != 0)
        note = note->next;
    return note;
}

void sightings_note(struct provider *provider, const char *object, const struct sighting *sighting) {
    static const struct sighting NOTHING;
    pthread_mutex_lock(&provider->lock);
    struct sighting_note *note = find(provider, object);
    if (!note) {
        note = arena_alloc(provider->arena, sizeof *note);
        *note = (struct sighting_note){.next = provider->sightings,
                                       .object = arena_strdup(provider->arena, object)};
        provider->sightings = note;
    }
    note->taken = false;
    note->sighting = copy(provider->arena, sighting ? sighting : &NOTHING);
    pthread_mutex_unlock(&provider->lock);
}

bool sightings_take(struct provider *provider, struct arena *arena, const char *object,
                    struct sighting *out) {
    *out = (struct sighting){.reached = READINESS_NONE};
    pthread_mutex_lock(&provider->lock);
    struct sighting_note *note = find(provider, object);
    bool found = note && !note->taken;
    if (found) {
        *out = copy(arena, &note->sighting);
        note->taken = true;
    }
    pthread_mutex_unlock(&provider->lock);
    return found;
}
