// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_plan.h"

#include "drift/drift.h"
#include "provider/config.h"
#include "provider/instance_drift.h"
#include "provider/instance_preview.h"
#include "provider/instance_secrets.h"
#include "provider/resource_owner.h"
#include "wandb/instance.h"

#include <string.h>

enum { ADOPTION_MS = 5000 };

const char *instance_plan_converted(struct value prior, const struct instance_model *model) {
    const char *before = value_dig_string(prior, "api_version", NULL);
    return before && model->api_version && strcmp(before, model->api_version) != 0 ? before : NULL;
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

// The object that a create meets: what taking it over will change, and what becomes of its secrets. Where it
// cannot be read, the preview says so.
static void plan_existing(struct call *call, struct provider *provider, const struct instance_model *model,
                          struct value planned, const struct secret_config *secrets) {
    struct err ignored = err_in(call->arena);
    struct value live;
    struct kube_ref ref = {model->api_version, INSTANCE_KIND, model->namespace, model->name};
    if (!model->name || !model->namespace || !value_is_known(model->spec) ||
        !provider_knows(provider, "kubernetes", &ignored))
        return;
    struct kube_client *kube = provider_kube(call, provider, &ignored);
    struct call within = call_within(call, ADOPTION_MS);
    if (!kube || !instance_get(&within, kube, &ref, &live, &ignored) || value_is_null(live))
        return;
    if (model->adopt)
        instance_drift_adoption(call, live, provider_settings(provider)->field_manager, planned, secrets);
    instance_secrets_warn_met(call, model, live, secrets);
}

// In another version secrets stand elsewhere: they are looked for in the object as it is in that version.
static struct secret_texts kept_by_conversion(struct call *call, struct provider *provider,
                                              const struct instance_model *model, struct instance *instance) {
    struct err ignored = err_in(call->arena);
    struct secrets kept = {0};
    instance->api_version = model->api_version;
    instance->name = model->name;
    instance->namespace = model->namespace;
    instance->manager = provider_settings(provider)->field_manager;
    struct kube_ref ref = instance_ref(instance);
    struct kube_client *kube = provider_kube(call, provider, &ignored);
    struct call within = call_within(call, ADOPTION_MS);
    if (!kube || !instance_get(&within, kube, &ref, &instance->found, &ignored) ||
        !instance_kept(&within, kube, instance, &kept, &ignored))
        kept.count = 0;
    return secret_paths_of(call->arena, &kept);
}

// What becomes of the secrets; names those that are kept.
static struct secret_plan plan_secrets(struct call *call, struct provider *provider,
                                       const struct resource_plan *plan, const struct instance_model *model,
                                       const struct secret_config *secrets) {
    struct value prior = plan->prior.value;
    struct secret_plan ahead = secret_plan_of(call->arena, secrets, &plan->prior, value_get(prior, "spec"));
    struct instance next = {.claims = secrets->claims, .converted = instance_plan_converted(prior, model)};
    if (next.converted) {
        ahead.kept = kept_by_conversion(call, provider, model, &next);
        ahead.versions = value_unknown();
    }
    instance_secrets_warn(call, model, &ahead.kept);
    return ahead;
}

bool instance_plan(struct call *call, struct provider *provider, struct resource_plan *plan,
                   struct err *err) {
    struct arena *arena = call->arena;
    struct instance_model model, config;
    if (value_is_null(plan->config))
        return true;
    if (!instance_decode(call, plan->planned.value, &model, err) ||
        !instance_decode(call, plan->config, &config, err))
        return false;
    struct secret_config secrets =
        instance_secrets(arena, plan->config, model.spec, value_get(plan->prior.private, "secrets"));
    struct secret_plan ahead = plan_secrets(call, provider, plan, &model, &secrets);
    bool update = !value_is_null(plan->prior.value);
    struct drift left = {0};
    bool enforced = update && !strcmp(model.drift, "enforce");
    bool undone = enforced && instance_drift_undone(arena, plan->prior.value, plan->planned.value, &left);
    if (update && ahead.changes)
        resource_plan_update(arena, &instance_schema, plan);
    if (undone)
        resource_plan_update(arena, &instance_schema, plan);
    instance_drift_warn_left(call, &left);
    plan_license(call, &config, !update || ahead.changes);
    if (!plan->changes)
        return true;
    resource_owner_plan(arena, plan);
    struct value planned = plan->planned.value;
    planned = value_with(arena, planned, "drift_found", value_list(arena, NULL, 0));
    planned = value_with(arena, planned, "secret_versions", ahead.versions);
    if (value_is_known(model.spec))
        planned = value_with(arena, planned, "url", value_text(arena, instance_url(arena, model.spec)));
    plan->planned.value = planned;
    if (!update)
        plan_existing(call, provider, &model, planned, &secrets);
    return !instance_plan_writes(arena, plan->prior.value, planned, &model, ahead.changes) ||
           preview(call, provider, &model, &secrets.given, err);
}
