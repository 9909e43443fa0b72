// SPDX-License-Identifier: Apache-2.0
#include "provider/content.h"
#include "wandb/module_spec.h"

static bool call(struct arena *arena, const struct value *args, size_t count, struct value *out,
                 struct err *err) {
    (void)count;
    struct value spec = module_spec_unescaped(arena, args[0]), plain, secrets;
    if (value_kind(spec) == VALUE_UNKNOWN) {
        *out = spec;
        return true;
    }
    if (value_kind(spec) != VALUE_MAP)
        return err_at(err, "spec",
                      "this must be an object, as the output wandb_spec of W&B's modules for AWS, Google and "
                      "Azure is: { values = { global = { … } } }; found a %s",
                      value_kind_name(spec));
    module_spec_split(arena, spec, value_type_of(args[0]), &plain, &secrets);
    struct value_entry halves[] = {{"secret_values", secrets}, {"spec", plain}};
    struct value result = value_map(arena, halves, 2);
    *out = value_typed(arena, type_of_value(arena, result), result);
    return true;
}

static const struct function_param PARAMS[] = {
    {.name = "spec",
     .type = &type_dynamic,
     .allow_unknown = true,
     .doc =
         "The output `wandb_spec` of `wandb/wandb/aws` (7.12.4 and newer), `wandb/wandb/google` (10.3.0) or "
         "`wandb/wandb/azurerm` (7.3.0), or a spec written for `wandb/wandb/helm`."},
    {0},
};

const struct function_impl function_module_spec = {
    .name = "module_spec",
    .summary = "Makes wandb_spec of the cloud modules fit wandb_instance",
    .doc =
        "Takes the escapes for Helm out of the output `wandb_spec` of W&B's cloud modules and splits it: "
        "`spec` has no secret, `secret_values` has nothing else. They are for `spec` and "
        "`secret_values_wo` of `wandb_instance`. The result says what Helm made of the spec, so an instance "
        "that the module created stays as it is.",
    .params = PARAMS,
    .returns = &type_dynamic,
    .call = call,
    .example = "locals {\n  wandb = provider::wandb::module_spec(module.wandb_infra.wandb_spec)\n}\n\n"
               "resource \"wandb_instance\" \"this\" {\n  name             = \"wandb\"\n"
               "  spec             = nonsensitive(local.wandb.spec)\n  secret_values_wo = "
               "local.wandb.secret_values\n}",
};
