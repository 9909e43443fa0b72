// SPDX-License-Identifier: Apache-2.0
// What becomes of an object's secrets, as a plan tells it: the computed attribute `secret_versions` (paths,
// never values), and warnings that name what stays though no configuration gives it, and what is lost.
#ifndef PROVIDER_SECRET_PLAN_H
#define PROVIDER_SECRET_PLAN_H

#include "provider/provider.h"
#include "provider/secrets.h"

#define SECRET_VERSIONS_DOC                                                                                  \
    "The secrets of the live object by their paths, those of write-only attributes and those that are "      \
    "kept, "                                                                                                 \
    "each with a number that goes up when its value changes. Never their values."

extern const struct type secret_versions_type; // map(number)

// What a configuration has of secrets.
struct secret_config {
    struct secrets given; // write-only values
    struct secret_claims claims;
};

struct secret_plan {
    bool changes;          // the write-only values are a reason to write
    struct value versions; // `secret_versions` as planned; unknown, or unknown at paths, where apply decides
    struct value counted;  // the same by what is known now
    struct secret_texts kept; // paths that stay though they are not given
};

// `plain`: what the prior state holds of the plain attribute, where removed secrets may have stood.
struct secret_plan secret_plan_of(struct arena *arena, const struct secret_config *config,
                                  const struct resource_state *prior, struct value plain);

// `secret_versions` after a write that left `note`: as planned, where the plan knew it. `counted`:
// secret_plan's, now that everything is known.
struct value secret_versions_written(struct arena *arena, struct value planned, struct value counted,
                                     struct value note);

// The same while reading: a kept secret whose value moved counts on.
struct value secret_versions_read(struct arena *arena, struct value before, const struct secrets_seen *seen);

// The paths alone.
struct secret_texts secret_paths_of(struct arena *arena, const struct secrets *secrets);

// How warnings name things.
struct secret_words {
    const char *object;     // "WeightsAndBiases/default/wandb"
    const char *prefix;     // of paths: "spec.", ""
    const char *attribute;  // that takes them: "secret_values_wo"
    const char *plain;      // where else a null lets them go: "spec"
    const char *license_at; // the path that license_wo takes, or NULL
    bool replaced;          // the object may be what a create is to replace: then they go with it
};

// Warns of what is kept; nothing when that is nothing.
void secret_plan_warn_kept(struct call *call, const struct secret_words *words,
                           const struct secret_texts *kept);

// Warns of what goes with an object that is to be replaced.
void secret_plan_warn_replaced(struct call *call, const struct secret_words *words,
                               const struct secret_texts *lost);

#endif
