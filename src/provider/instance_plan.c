// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_plan.h"

#include "provider/config.h"
#include "provider/instance_drift.h"
#include "provider/instance_preview.h"
#include "provider/instance_release.h"
#include "wandb/drift.h"
#include "wandb/instance.h"

#include <string.h>

enum { ADOPTION_MS = 5000 };

static const char *license_path(const struct instance_model *model) {
    return model->api_version && !strcmp(model->api_version, INSTANCE_V2) ? "wandb.license"
                                                                          : "values.global.license";
}

struct secrets instance_secrets(struct arena *arena, const struct instance_model *model) {
    struct secrets secrets = {0};
    if (model->license_wo)
        secrets_add(arena, &secrets, license_path(model), value_string(arena, model->license_wo));
    secrets_add_tree(arena, &secrets, model->secret_values_wo);
    return secrets;
}

bool instance_plan_writes(struct arena *arena, struct value prior, struct value planned,
                          const struct instance_model *model, bool new_secrets) {
    static const char *const WRITTEN[] = {"api_version", "labels", "annotations", "spec", "wait_for"};
    if (value_is_null(prior) || new_secrets)
        return true;
    if (!strcmp(model->drift, "enforce") && instance_drift_undone(arena, prior, planned, NULL))
        return true;
    for (size_t i = 0; i < sizeof WRITTEN / sizeof *WRITTEN; i++)
        if (!value_equal(value_get(prior, WRITTEN[i]), value_get(planned, WRITTEN[i])))
            return true;
    return false;
}

static void plan_license(struct call *call, const struct instance_model *config, bool new_one) {
    const char *plain = value_dig_string(value_untyped(config->spec), "values", "global", "license", NULL);
    if (config->license_wo)
        instance_preview_license(call, "license_wo", config->license_wo, new_one);
    else if (plain)
        instance_preview_license(call, "spec", plain, new_one);
}

// The secrets are part of what the operator merges. Where the spec holds unknowns on their way, it is looked
// at without.
static bool preview(struct call *call, struct provider *provider, const struct instance_model *model,
                    const struct secrets *secrets, struct err *err) {
    struct err ignored = err_in(call->arena);
    struct value spec = value_untyped(model->spec);
    struct instance_preview look = {model->api_version, model->name, model->namespace, spec,
                                    secrets->count > 0};
    if (value_kind(spec) != VALUE_MAP || !model->name || !model->namespace || !model->api_version)
        return true;
    if (!secrets_merge(call->arena, secrets, spec, &look.spec, &ignored))
        look.spec = spec;
    return instance_preview(call, provider, &look, err);
}

// What taking over an object that exists will change in it. Where it cannot be read, the preview says so.
static void plan_adoption(struct call *call, struct provider *provider, const struct instance_model *model,
                          struct value planned, const struct secrets *secrets) {
    struct err ignored = err_in(call->arena);
    struct value live;
    struct kube_ref ref = {model->api_version, INSTANCE_KIND, model->namespace, model->name};
    if (!model->name || !model->namespace || !value_is_known(model->spec) ||
        !provider_knows(provider, "kubernetes", &ignored))
        return;
    struct kube_client *kube = provider_kube(call, provider, &ignored);
    struct call within = call_within(call, ADOPTION_MS);
    if (kube && instance_get(&within, kube, &ref, &live, &ignored) && !value_is_null(live))
        instance_drift_adoption(call, live, provider_settings(provider)->field_manager, planned, secrets);
}

bool instance_plan(struct call *call, struct provider *provider, struct resource_plan *plan,
                   struct err *err) {
    struct arena *arena = call->arena;
    struct instance_model model, config;
    if (value_is_null(plan->config))
        return true;
    if (!instance_decode(call, plan->planned.value, &model, err) ||
        !instance_decode(call, plan->config, &config, err) ||
        !instance_release_plan(call, provider, plan, &model, err))
        return false;
    struct secrets secrets = instance_secrets(arena, &config);
    bool update = !value_is_null(plan->prior.value);
    struct drift left = {0};
    bool enforced = update && !strcmp(model.drift, "enforce");
    bool undone = enforced && instance_drift_undone(arena, plan->prior.value, plan->planned.value, &left);
    bool new_secrets = secrets_changed(arena, &secrets, value_get(plan->prior.private, "secrets"));
    if (update && new_secrets)
        resource_plan_update(arena, &instance_schema, plan);
    if (undone)
        resource_plan_update(arena, &instance_schema, plan);
    instance_drift_warn_left(call, &left);
    plan_license(call, &config, !update || new_secrets);
    if (!plan->changes)
        return true;
    struct value planned = plan->planned.value;
    planned = value_with(arena, planned, "drift_found", value_list(arena, NULL, 0));
    if (value_is_known(model.spec))
        planned = value_with(arena, planned, "url", value_text(arena, instance_url(arena, model.spec)));
    plan->planned.value = planned;
    if (!update && model.adopt)
        plan_adoption(call, provider, &model, planned, &secrets);
    return !instance_plan_writes(arena, plan->prior.value, planned, &model, new_secrets) ||
           preview(call, provider, &model, &secrets, err);
}
