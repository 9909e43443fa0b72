// SPDX-License-Identifier: Apache-2.0
// What the reads of this process saw, for the plans that follow them in it. Terraform reads and plans in one
// process, and when it applies it plans once more in another, which reads nothing: what a plan says about
// something that was read is said once. A plan without a refresh has nothing of its own to say of it.
#ifndef PROVIDER_SIGHTINGS_H
#define PROVIDER_SIGHTINGS_H

#include "provider/provider.h"
#include "wandb/readiness.h"

struct sighting {
    enum readiness reached;
    const char *missing;    // of an instance, what keeps it from the next step; NULL when it is ready
    const char *unmeasured; // why that could not be looked at, or NULL
};

// Notes what was seen of an object ("WeightsAndBiases/team-a/a"); NULL for nothing but that it was read.
void sightings_note(struct provider *provider, const char *object, const struct sighting *sighting);

// Takes the last note of it out. False, and nothing seen, when there is none.
bool sightings_take(struct provider *provider, struct arena *arena, const char *object, struct sighting *out);

#endif
