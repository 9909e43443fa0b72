// SPDX-License-Identifier: Apache-2.0
// The `timeouts` attribute, as far as all resources and data sources have it in common.
#ifndef PROVIDER_TIMEOUTS_H
#define PROVIDER_TIMEOUTS_H

#include "schema/schema.h"

// A member of `timeouts` that the protocol heeds by itself, see PROVIDER_READ_MS.
#define TIMEOUTS_READ                                                                                        \
    {                                                                                                        \
        .name = "read", .type = &type_string, .flags = SCHEMA_OPTIONAL, .check = schema_check_duration,      \
        .doc =                                                                                               \
            "How long reading and planning may take. 5 minutes unless set. Of a resource that value counts " \
            "which was applied last; `terraform apply -refresh=false` applies another one without reading "  \
            "first."                                                                                         \
    }

// The whole attribute of a data source.
extern const struct schema_attr timeouts_of_data[];
#define TIMEOUTS_OF_DATA                                                                                     \
    {                                                                                                        \
        .name = "timeouts", .nesting = SCHEMA_SINGLE, .attrs = timeouts_of_data, .flags = SCHEMA_OPTIONAL,   \
        .doc = "How long operations may take."                                                               \
    }

#endif
