// SPDX-License-Identifier: Apache-2.0
// Shared by the files of src/wandb/legacy*.c only.
#ifndef WANDB_LEGACY_PRIVATE_H
#define WANDB_LEGACY_PRIVATE_H

#include "wandb/legacy.h"

// One environment variable as the kubelet gives it to the old container.
struct legacy_variable {
    const char *name;
    const char *text; // NULL when it can't be told from the objects: then `why` says so, or `source` is set
    struct value source; // valueFrom of a field of the pod, which any pod can have; else null
    const char *why;
    bool secret; // it comes from a Secret, or is made of one that does
};

struct legacy_environment {
    struct legacy_variable *items; // in the order of definition, each name once
    size_t count;
};

// The environment of a container: envFrom, then env with its $(NAME) filled in. Variables from keys that are
// optional and absent are not there.
struct legacy_environment legacy_environment_of(struct arena *arena, const struct legacy_objects *objects,
                                                struct value container);

// The variable, or NULL.
const struct legacy_variable *legacy_variable_of(const struct legacy_environment *environment,
                                                 const char *name);

// A mapping under way.
struct legacy_mapping {
    struct arena *arena;
    const struct legacy_objects *objects;
    struct value container, pod; // pod: spec of the pod template
    struct legacy_environment environment;
    struct value values, secrets, unmapped, notes;
    bool blocked;
};

// Where a value goes: keys from the root, NULL at the end.
#define LEGACY_AT(...)                                                                                       \
    (const char *const[]) {                                                                                  \
        __VA_ARGS__, NULL                                                                                    \
    }

void legacy_put(struct legacy_mapping *mapping, const char *const *keys, struct value value);
void legacy_put_text(struct legacy_mapping *mapping, const char *const *keys, const char *text);
void legacy_put_secret(struct legacy_mapping *mapping, const char *const *keys, const char *text);

// Something that the values do not say. What blocks keeps the new pods from the old data, or from starting.
enum legacy_weight { LEGACY_BLOCKS, LEGACY_MINOR };
void legacy_unmapped(struct legacy_mapping *mapping, enum legacy_weight weight, const char *what,
                     const char *why, const char *todo);
void legacy_note(struct legacy_mapping *mapping, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Whether the chart, which writes a text into YAML without quotes or between plain ones, gets it through.
bool legacy_fits_bare(struct arena *arena, const char *text);
bool legacy_fits_quoted(const char *text);

// Rows for the three addresses. `variable` is NULL where the old pod has none.
void legacy_bucket(struct legacy_mapping *mapping, const struct legacy_variable *variable);
void legacy_mysql(struct legacy_mapping *mapping, const struct legacy_variable *variable);
void legacy_redis(struct legacy_mapping *mapping, const struct legacy_variable *variable);

// Rows for what the pod has beside its environment.
void legacy_pod(struct legacy_mapping *mapping);

#endif
