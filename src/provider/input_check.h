// SPDX-License-Identifier: Apache-2.0
// What can be seen of a configuration before any cluster is asked. Each error is at the path of what is
// wrong; unknown parts are passed over.
#ifndef PROVIDER_INPUT_CHECK_H
#define PROVIDER_INPUT_CHECK_H

#include "base/err.h"
#include "value/value.h"

// That every number in the attribute's value is one that readers of JSON can hold, a double. ERR_INVALID.
bool input_check_numbers(const char *attribute, struct value value, struct err *err);

// That the keys of the map, and with `values` its texts, are what Kubernetes takes for labels (apimachinery
// pkg/api/validate/content); annotations may say anything. ERR_INVALID.
bool input_check_labels(const char *attribute, struct value map, bool values, struct err *err);

#endif
