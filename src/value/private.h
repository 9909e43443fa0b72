// SPDX-License-Identifier: Apache-2.0
// Shared inside src/value only.
#ifndef VALUE_PRIVATE_H
#define VALUE_PRIVATE_H

#include "value/type.h"
#include "value/value.h"

struct value_typed {
    const struct type *type;
    struct value value;
};

#endif
