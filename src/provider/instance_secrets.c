// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_secrets.h"

#include "value/path.h"
#include "wandb/instance.h"

#include <string.h>

static const char *license_path(const char *api_version) {
    return api_version && !strcmp(api_version, INSTANCE_V2) ? "wandb.license" : "values.global.license";
}

static struct value tree_with(struct arena *arena, const char *path, struct value value) {
    const struct path_step *steps;
    size_t count;
    struct value tree = value_null();
    struct err ignored = err_in(arena);
    if (!value_is_null(value) && path_parse(arena, path, &steps, &count, &ignored))
        path_set(arena, tree, steps, count, value, &tree, &ignored);
    return tree;
}

struct secret_config instance_secrets(struct arena *arena, struct value config, struct value spec,
                                      struct value note) {
    const char *path = license_path(value_dig_string(config, "api_version", NULL));
    struct value license = value_get(config, "license_wo"), values = value_get(config, "secret_values_wo");
    struct secret_config secrets = {.claims = {.trees = {spec, values, tree_with(arena, path, license)},
                                               .count = 3,
                                               .noted = secrets_noted(note)}};
    secrets_add(arena, &secrets.given, path, license);
    secrets_add_tree(arena, &secrets.given, values);
    return secrets;
}

static struct secret_words words_of(struct arena *arena, const struct instance_model *model) {
    struct kube_ref ref = instance_model_ref(model);
    return (struct secret_words){.object = kube_ref_text(arena, &ref),
                                 .prefix = "spec.",
                                 .attribute = "secret_values_wo",
                                 .plain = "spec",
                                 .license_at = license_path(model->api_version)};
}

void instance_secrets_warn(struct call *call, const struct resource_plan *plan,
                           const struct instance_model *model, const struct secret_texts *kept) {
    struct instance_model before = *model;
    if (!kept->count)
        return;
    before.name = value_dig_string(plan->prior.value, "name", NULL);
    before.namespace = value_dig_string(plan->prior.value, "namespace", NULL);
    struct secret_words words = words_of(call->arena, &before);
    if (plan->replace.count)
        secret_plan_warn_replaced(call, &words, kept);
    else
        secret_plan_warn_kept(call, &words, kept);
}

// One that belongs to a resource may be what this create is to replace: tainted, or with -replace. Which of
// these it is, a provider is not told.
void instance_secrets_warn_met(struct call *call, const struct instance_model *model, struct value live,
                               const struct secret_config *config) {
    struct arena *arena = call->arena;
    struct secrets kept = secrets_kept(arena, value_get(live, "spec"), &config->claims);
    struct secret_texts paths = secret_paths_of(arena, &kept);
    struct secret_words words = words_of(arena, model);
    words.replaced = instance_owner(live) != NULL;
    if (model->adopt)
        secret_plan_warn_kept(call, &words, &paths);
    else if (words.replaced)
        secret_plan_warn_replaced(call, &words, &paths);
}
