// SPDX-License-Identifier: Apache-2.0
// What a wandb_instance may say: its schema, and the same decoded.
#ifndef PROVIDER_INSTANCE_MODEL_H
#define PROVIDER_INSTANCE_MODEL_H

#include "base/call.h"
#include "kube/client.h"
#include "schema/schema.h"

struct instance_model {
    const char *name, *namespace, *api_version, *license_wo, *wait_for, *drift, *on_destroy,
        *on_destroy_stuck, *retire_helm_release;
    struct value labels, annotations, spec, secret_values_wo;
    bool force, adopt;
    struct {
        int64_t create, update, destroy;
    } timeouts;
};

extern const struct schema instance_schema, instance_identity_schema;

// A planned object, a state or a configuration; what is unset or unknown takes its default.
bool instance_decode(struct call *call, struct value value, struct instance_model *out, struct err *err);

// The object, as far as it is known.
struct kube_ref instance_model_ref(const struct instance_model *model);

// How messages call it: "WeightsAndBiases/team-a/a". What is not known yet is said to be so.
const char *instance_text(struct arena *arena, const struct instance_model *model);

#endif
