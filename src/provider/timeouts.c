// SPDX-License-Identifier: Apache-2.0
#include "provider/timeouts.h"

const struct schema_attr timeouts_of_data[] = {
    {.name = "read",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_duration,
     .doc = "How long reading may take, for example `2m`. 5 minutes unless set."},
    {0},
};
