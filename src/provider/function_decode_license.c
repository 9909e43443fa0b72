// SPDX-License-Identifier: Apache-2.0
#include "provider/content.h"
#include "wandb/license.h"

// Sorted by name, as object types are.
static const struct type_attr RESULT[] = {
    {"claims", &type_dynamic},
    {"deployment_id", &type_string},
    {"expires_at", &type_string},
};
static const struct type RESULT_TYPE = {.kind = TYPE_OBJECT, .attrs = RESULT, .count = 3};

static bool call(struct arena *arena, const struct value *args, size_t count, struct value *out,
                 struct err *err) {
    (void)count;
    struct wandb_license license;
    if (!wandb_license_decode(arena, value_get_string(args[0]), &license, err))
        return err_at(err, "license", "%s", err->msg);
    const struct value_entry entries[] = {
        {"claims", value_typed(arena, type_of_value(arena, license.claims), license.claims)},
        {"deployment_id", value_text(arena, license.deployment_id)},
        {"expires_at", value_text(arena, license.expires_at)},
    };
    *out = value_map(arena, entries, 3);
    return true;
}

static const struct function_param PARAMS[] = {
    {.name = "license",
     .type = &type_string,
     .doc = "A W&B license: the text that W&B's deployment manager shows."},
    {0},
};

const struct function_impl function_decode_license = {
    .name = "decode_license",
    .summary = "What a W&B license says",
    .doc =
        "Decodes the claims of a W&B license without checking its signature. Returns an object with `claims` "
        "(everything the license says, such as `maxUsers`), `deployment_id`, and `expires_at` (an RFC 3339 "
        "timestamp for `timecmp`, null when the license does not expire).",
    .params = PARAMS,
    .returns = &RESULT_TYPE,
    .call = call,
    .example =
        "output \"license_expires\" {\n  value = provider::wandb::decode_license(var.license).expires_at\n}",
};
