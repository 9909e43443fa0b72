// SPDX-License-Identifier: Apache-2.0
// The secrets of a wandb_instance: which attribute has which path of the spec.
#ifndef PROVIDER_INSTANCE_SECRETS_H
#define PROVIDER_INSTANCE_SECRETS_H

#include "provider/instance_model.h"
#include "provider/secret_plan.h"

// What is configured: `config` for the write-only attributes, `spec` as it is planned. `note`: private
// state's "secrets", or null.
struct secret_config instance_secrets(struct arena *arena, struct value config, struct value spec,
                                      struct value note);

// Names in a plan what the configuration does not give: of the object of the prior state, kept by a write or
// lost by a replacement; of one that a create meets, likewise.
void instance_secrets_warn(struct call *call, const struct resource_plan *plan,
                           const struct instance_model *model, const struct secret_texts *kept);
void instance_secrets_warn_met(struct call *call, const struct instance_model *model, struct value live,
                               const struct secret_config *config);

#endif
