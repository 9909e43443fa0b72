// SPDX-License-Identifier: Apache-2.0
// The output "wandb_spec" of W&B's cloud modules. They hand it to Helm as a text (yamlencode in a `set`
// block), so its strings carry the escapes of helm's --set. Source: terraform-helm-wandb 3.0.0 and 4.0.0
// (main.tf), terraform-aws-wandb 7.12.4, terraform-google-wandb 10.3.0, terraform-azurerm-wandb 7.3.0. Pure.
#ifndef WANDB_MODULE_SPEC_H
#define WANDB_MODULE_SPEC_H

#include "value/type.h"
#include "value/value.h"

// The spec as it arrives in the cluster: in a text of one line a backslash counts as in a quoted YAML text
// (`\"`, `\\`), in a text of several it goes (`\,`). What would not have got through Helm, such as a comma
// without a backslash, stays as it is. Numbers, booleans, null and unknown parts stay. Untyped inside.
struct value module_spec_unescaped(struct arena *arena, struct value spec);

// Splits a spec in two. `secrets` has what stands at names of secrets (wandb/secret_names.h; booleans and
// maps aside) and texts that are secret by their form; a list that holds a secret is in it whole. `plain` has
// all else, and every map. What is unknown goes where its name belongs; an unknown map, or what may become
// one, is in both. `type` is the spec's type, to tell these apart, or NULL.
void module_spec_split(struct arena *arena, struct value spec, const struct type *type, struct value *plain,
                       struct value *secrets);

#endif
