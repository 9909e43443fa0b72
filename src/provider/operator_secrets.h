// SPDX-License-Identifier: Apache-2.0
// The secrets of a wandb_operator: which of its release's values come from where.
#ifndef PROVIDER_OPERATOR_SECRETS_H
#define PROVIDER_OPERATOR_SECRETS_H

#include "provider/operator_model.h"
#include "provider/secret_plan.h"

// What is configured: `config` (null for a state) for the write-only values, `object` as it is planned or
// stored for the rest. `note`: private state's "secrets", or null.
struct secret_config operator_secrets(struct call *call, struct value object, struct value config,
                                      struct value note);

// The values that an object shows, composed; null where they are not known.
struct value operator_secrets_plain(struct call *call, struct value object);

// A release_keep: `context` is the secret_config.
struct value operator_secrets_keep(struct call *call, struct value values, struct value config,
                                   const void *context);

// Brings private state and `secret_versions` up to date with a release's values, which come back without
// secrets.
struct value operator_secrets_read(struct call *call, struct value config, bool imported,
                                   struct resource_state *state);

// Names in a plan what the configuration does not give: of the release of the prior state, kept by an upgrade
// or lost by a replacement; of one that a create meets, likewise.
void operator_secrets_warn(struct call *call, const struct resource_plan *plan,
                           const struct secret_texts *kept);
void operator_secrets_warn_met(struct call *call, struct provider *provider,
                               const struct operator_model *model, const struct secret_config *secrets);

#endif
