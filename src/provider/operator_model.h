// SPDX-License-Identifier: Apache-2.0
// What a wandb_operator may say: its schema, and the same decoded.
#ifndef PROVIDER_OPERATOR_MODEL_H
#define PROVIDER_OPERATOR_MODEL_H

#include "base/call.h"
#include "provider/chart_source.h"

struct operator_model {
    const char *name, *namespace, *crds, *drift;
    struct chart_source source;
    const char *profile, *password_wo;
    struct value values, values_wo;
    struct schema_strings values_yaml;
    bool create_namespace, wait, atomic, adopt;
    int64_t max_history;
    struct {
        int64_t create, update, destroy;
    } timeouts;
};

extern const struct schema operator_schema;

// A planned object, a state or a configuration; what is unset or unknown takes its default.
bool operator_decode(struct call *call, struct value value, struct operator_model *out, struct err *err);

#endif
