// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_plan.h"

#include "drift/drift.h"
#include "provider/config.h"
#include "provider/ignore_drift.h"
#include "provider/instance_drift.h"
#include "provider/instance_ignore.h"
#include "provider/instance_predecessor.h"
#include "provider/instance_preview.h"
#include "provider/instance_ready.h"
#include "provider/instance_release.h"
#include "provider/instance_secrets.h"
#include "provider/instance_written.h"
#include "provider/resource_owner.h"
#include "provider/sightings.h"
#include "wandb/instance.h"

#include <string.h>

enum { ADOPTION_MS = 5000 };

const char *instance_plan_converted(struct value prior, const struct instance_model *model) {
    struct value before = value_get(prior, "api_version");
    bool known = !value_is_null(before) && model->api_version;
    return known && !value_is_text(before, model->api_version) ? value_get_string(before) : NULL;
}

bool instance_plan_writes(struct arena *arena, const struct resource_state *prior, struct value planned,
                          const struct instance_model *model, bool new_secrets) {
    struct value before = prior->value;
    if (value_is_null(before) || new_secrets ||
        !value_equal(value_get(before, "api_version"), value_get(planned, "api_version")))
        return true;
    if (!strcmp(model->drift, "report"))
        return instance_written_differs(prior, planned);
    return instance_drift_part(arena, before, planned, false).count ||
           instance_ignore_differs(arena, model, before, planned);
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
struct meeting {
    const struct instance_model *model;
    const struct secret_config *secrets;
    struct value live, planned;
};

static void plan_existing(struct call *call, struct provider *provider, const struct meeting *m) {
    if (value_is_null(m->live) || !value_is_known(m->model->spec))
        return;
    const char *manager = provider_settings(provider)->field_manager;
    struct instance_reading reading = {m->live, manager,
                                       instance_ignore_of(call->arena, m->model, m->planned), true};
    if (m->model->adopt)
        instance_drift_adoption(call, &reading, m->planned, m->secrets);
    instance_secrets_warn_met(call, m->model, m->live, m->secrets);
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
    instance_secrets_warn(call, plan, model, &ahead.kept);
    return ahead;
}

// What is known of the result: after a write the rest of what is computed is not; where only Terraform's own
// state changes all of it is, and where a wait is gone on with, what that may change is not.
static struct value plan_outcome(struct arena *arena, const struct resource_plan *plan, struct value spec,
                                 bool writes, bool waits) {
    static const char *const OUTCOME[] = {"generation", "phase", "ready", "active_chart", "overrides"};
    struct value planned = plan->planned.value, prior = plan->prior.value;
    struct kube_ignored ignored = ignore_drift_of(arena, planned);
    for (size_t i = 0; i < sizeof OUTCOME / sizeof *OUTCOME && !writes && !waits; i++)
        planned = value_with(arena, planned, OUTCOME[i], value_get(prior, OUTCOME[i]));
    struct value drift = writes ? value_list(arena, NULL, 0)
                                : ignore_drift_rest(arena, &ignored, value_get(prior, "drift_found"));
    planned = value_with(arena, planned, "drift_found", drift);
    return value_is_known(spec)
               ? value_with(arena, planned, "url", value_text(arena, instance_url(arena, spec)))
               : planned;
}

// What was read in this process: drift, and how far the instance is.
static void tell(struct call *call, struct provider *provider, const struct resource_plan *plan,
                 const struct instance_model *model, bool writes) {
    struct sighting seen;
    if (value_is_null(plan->prior.value) || !sightings_take(provider, call->arena, call->about, &seen))
        return;
    instance_drift_tell(call, plan, writes);
    instance_ready_tell(
        call, &seen, model->wait_for,
        writes ? "Applying this plan writes the instance, and waits for it then."
        : instance_ready_owed(&plan->prior, model->wait_for)
            ? "The last wait for it did not come to its end. Applying this plan writes nothing and "
              "goes on waiting."
            : "No wait for it is unfinished: this plan does nothing about it.");
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
    struct value met = instance_release_met(call, provider, plan, &model);
    const char *retired = instance_predecessor_release(&plan->prior, &model);
    struct instance_retiring retiring = {retired, retired && retired != model.retire_helm_release};
    if (!instance_release_plan(call, provider, met, &retiring, err))
        return false;
    call->about = instance_text(arena, &model);
    struct secret_config secrets =
        instance_secrets(arena, plan->config, model.spec, value_get(plan->prior.private, "secrets"));
    struct secret_plan ahead = plan_secrets(call, provider, plan, &model, &secrets);
    bool update = !value_is_null(plan->prior.value);
    bool undone = update && !strcmp(model.drift, "enforce") &&
                  instance_drift_part(arena, plan->prior.value, plan->planned.value, false).count;
    bool waits = update && instance_ready_owed(&plan->prior, model.wait_for);
    bool lets_go = update && instance_predecessor_owed(&plan->prior, &model);
    if (update && (ahead.changes || undone || waits || lets_go))
        resource_plan_update(arena, &instance_schema, plan);
    bool writes = instance_plan_writes(arena, &plan->prior, plan->planned.value, &model, ahead.changes);
    tell(call, provider, plan, &model, writes);
    if (update)
        instance_ignore_tell(call, &model, plan);
    plan_license(call, &config, !update || ahead.changes);
    if (!plan->changes)
        return true;
    resource_owner_plan(arena, plan);
    plan->planned.value = plan_outcome(arena, plan, model.spec, writes, waits);
    plan->planned.value = instance_predecessor_planned(arena, plan, lets_go, writes);
    // Letting go is all that is written: a secret that is another one by then is no news of this plan.
    bool promised = lets_go && !writes && !waits;
    plan->planned.value =
        value_with(arena, plan->planned.value, "secret_versions", promised ? ahead.counted : ahead.versions);
    if (!update)
        plan_existing(call, provider, &(struct meeting){&model, &secrets, met, plan->planned.value});
    return !writes || preview(call, provider, &model, &secrets.given, err);
}
