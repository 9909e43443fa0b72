// SPDX-License-Identifier: Apache-2.0
// data wandb_legacy_deployment: a deployment from before the operator, as values for an instance.
#include "provider/config.h"
#include "provider/content.h"
#include "wandb/legacy.h"

struct model {
    const char *name, *namespace;
};

#define MEMBER(field) .member = SCHEMA_STRING, .offset = offsetof(struct model, field)

static const struct schema_attr UNMAPPED[] = {
    {.name = "what", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "What the values do not say."},
    {.name = "why", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "Why not."},
    {.name = "todo", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "What to do about it."},
    {.name = "blocks",
     .type = &type_bool,
     .flags = SCHEMA_COMPUTED,
     .doc = "Whether the new pods would miss data or not start without it."},
    {0},
};

static const struct schema_attr ATTRS[] = {
    {.name = "name",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_dns_name,
     .doc = "Name of the Deployment, `wandb` unless set, which is what the module calls it.",
     MEMBER(name)},
    {.name = "namespace",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_dns_label,
     .doc = "Its namespace, `default` unless set.",
     MEMBER(namespace)},
    {.name = "values",
     .type = &type_dynamic,
     .flags = SCHEMA_COMPUTED,
     .doc =
         "Values for the chart operator-wandb that give its pods the same environment, for `spec.values` of "
         "`wandb_instance`. No secret is in them."},
    {.name = "secret_values",
     .type = &type_dynamic,
     .flags = SCHEMA_COMPUTED | SCHEMA_SENSITIVE,
     .doc = "The secret rest of them, for `values` in `secret_values_wo`. As every data source's result it "
            "is in the "
            "state."},
    {.name = "unmapped",
     .nesting = SCHEMA_LIST,
     .attrs = UNMAPPED,
     .flags = SCHEMA_COMPUTED,
     .doc = "What the old deployment has and the values do not say."},
    {.name = "notes",
     .type = &schema_strings_type,
     .flags = SCHEMA_COMPUTED,
     .doc = "What will be different and needs no work, or a look."},
    {.name = "ready_to_migrate",
     .type = &type_bool,
     .flags = SCHEMA_COMPUTED,
     .doc = "Whether nothing in `unmapped` blocks."},
    {.name = "image", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "Image of the old container."},
    {0},
};

static const struct schema SCHEMA = {
    .name = "wandb_legacy_deployment",
    .doc = "Reads a W&B server from before the operator, made by the module `wandb/wandb/kubernetes` (1.x) "
           "or the Helm "
           "chart `wandb` (0.3), and says with which values an instance takes its place.",
    .attrs = ATTRS,
};

static struct value dynamic(struct arena *arena, struct value v) {
    return value_typed(arena, type_of_value(arena, v), v);
}

static bool read(struct call *call, struct provider *provider, struct value config, struct value *out,
                 struct err *err) {
    struct arena *arena = call->arena;
    struct model model = {.name = "wandb", .namespace = "default"};
    struct legacy_objects objects;
    struct legacy legacy;
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !schema_decode(arena, &SCHEMA, config, &model, err) ||
        !legacy_read(call, kube, model.namespace, model.name, &objects, err) ||
        !legacy_map(arena, &objects, &legacy, err))
        return false;
    struct value_entry entries[] = {
        {"image", value_string(arena, legacy.image)},
        {"name", value_get(config, "name")},
        {"namespace", value_get(config, "namespace")},
        {"notes", legacy.notes},
        {"ready_to_migrate", value_bool(legacy.ready)},
        {"secret_values", dynamic(arena, legacy.secret_values)},
        {"unmapped", legacy.unmapped},
        {"values", dynamic(arena, legacy.values)},
    };
    *out = value_map(arena, entries, sizeof entries / sizeof *entries);
    return true;
}

const struct data_impl data_legacy_deployment = {.schema = &SCHEMA, .read = read};
