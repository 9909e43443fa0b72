// SPDX-License-Identifier: Apache-2.0
// wandb_instance: the custom resource of one W&B server.
#include "provider/config.h"
#include "provider/content.h"
#include "provider/identity.h"
#include "provider/instance_drift.h"
#include "provider/instance_model.h"
#include "provider/instance_owner.h"
#include "provider/instance_preview.h"
#include "provider/provider.h"
#include "provider/secrets.h"
#include "schema/schema.h"
#include "wandb/drift.h"
#include "wandb/instance.h"
#include "wandb/levels.h"
#include "wandb/readiness.h"

#include <string.h>

enum { DEFAULT_TIMEOUT_MS = 20 * 60 * 1000, ADOPTION_MS = 5000 };

static const char *license_path(const struct instance_model *model) {
    return model->api_version && !strcmp(model->api_version, INSTANCE_V2) ? "wandb.license"
                                                                          : "values.global.license";
}

static struct secrets secrets_of(struct arena *arena, const struct instance_model *model) {
    struct secrets secrets = {0};
    if (model->license_wo)
        secrets_add(arena, &secrets, license_path(model), value_string(arena, model->license_wo));
    secrets_add_tree(arena, &secrets, model->secret_values_wo);
    return secrets;
}

static struct value text_or_null(struct arena *arena, const char *text) {
    return text ? value_string(arena, text) : value_null();
}

// ---- validate ----

static bool validate(struct call *call, struct provider *provider, struct value config, struct err *err) {
    (void)provider;
    struct instance_model model;
    if (!instance_decode(call, config, &model, err))
        return false;
    struct value spec = value_untyped(model.spec);
    if (value_kind(spec) == VALUE_UNKNOWN)
        return true;
    if (value_kind(spec) != VALUE_MAP)
        return err_at(err, "spec",
                      "spec must be an object such as { values = { global = { … } } }, found a %s",
                      value_kind_name(spec));
    struct value secret_values = value_untyped(model.secret_values_wo);
    if (!value_is_null(secret_values) && value_kind(secret_values) != VALUE_UNKNOWN &&
        value_kind(secret_values) != VALUE_MAP)
        return err_at(err, "secret_values_wo",
                      "secret_values_wo must be an object in the shape of spec, found a %s",
                      value_kind_name(secret_values));
    if (value_has(value_untyped(model.annotations), INSTANCE_OWNER))
        return err_at(err, "annotations",
                      "the annotation " INSTANCE_OWNER " is this provider's own; leave it out");
    struct secrets secrets = secrets_of(call->arena, &model);
    return secrets_check(call->arena, &secrets, spec, "spec", err);
}

// ---- plan ----

// Whether a change is about anything that is written to the cluster, rather than about how to go about it.
static bool writes(struct arena *arena, struct value prior, struct value planned,
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

static bool plan(struct call *call, struct provider *provider, struct resource_plan *plan, struct err *err) {
    struct arena *arena = call->arena;
    struct instance_model model, config;
    if (value_is_null(plan->config))
        return true;
    if (!instance_decode(call, plan->planned.value, &model, err) ||
        !instance_decode(call, plan->config, &config, err))
        return false;
    struct secrets secrets = secrets_of(arena, &config);
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
        planned = value_with(arena, planned, "url", text_or_null(arena, instance_url(arena, model.spec)));
    plan->planned.value = planned;
    if (!update && model.adopt)
        plan_adoption(call, provider, &model, planned, &secrets);
    return !writes(arena, plan->prior.value, planned, &model, new_secrets) ||
           preview(call, provider, &model, &secrets, err);
}

// ---- create, update ----

static struct value active_chart(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                                 const struct levels *levels) {
    struct arena *arena = call->arena;
    const char *name, *version;
    levels_active_chart(call, kube, ref, levels, &name, &version);
    if (!name && !version)
        return value_null();
    struct value_entry chart[] = {{"name", text_or_null(arena, name)},
                                  {"version", text_or_null(arena, version)}};
    return value_map(arena, chart, 2);
}

static struct value overrides(struct arena *arena, const struct levels *levels, struct value spec) {
    struct value values = value_get(value_untyped(spec), "values");
    struct hierarchy hierarchy = levels_merge(arena, levels, values);
    struct value *paths = arena_array(arena, hierarchy.count + 1, sizeof *paths);
    size_t count = 0;
    for (size_t i = 0; i < hierarchy.count; i++)
        if (hierarchy.findings[i].kind == HIERARCHY_SHADOWED)
            paths[count++] = value_string(arena, hierarchy.findings[i].path);
    return value_list(arena, paths, count);
}

static struct value with_live(struct arena *arena, struct value state, struct value live) {
    struct value metadata = value_get(live, "metadata");
    state = value_with(arena, state, "uid", value_get(metadata, "uid"));
    state = value_with(arena, state, "generation", value_get(metadata, "generation"));
    state = value_with(arena, state, "phase", value_string(arena, instance_phase(live)));
    state = value_with(arena, state, "ready", value_bool(instance_is_ready(live)));
    return value_with(arena, state, "url",
                      text_or_null(arena, instance_url(arena, value_get(state, "spec"))));
}

// Who may not read the operator's Secrets, or finds one broken, can manage the custom resource all the same.
static bool without_levels(struct call *call, struct resource_state *state, struct err *err) {
    static const char *const MEMBERS[] = {"active_chart", "overrides"};
    if (err->kind != ERR_FORBIDDEN && err->kind != ERR_INVALID)
        return false;
    call_warn(call, NULL, "Levels were not read",
              "What the System Console and the release channel say was not read, so active_chart and "
              "overrides may be out of "
              "date: %s",
              err->msg);
    err->kind = ERR_NONE;
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++)
        if (!value_is_known(value_get(state->value, MEMBERS[i])))
            state->value = value_with(call->arena, state->value, MEMBERS[i], value_null());
    return true;
}

// What the levels say only moves with the object's resourceVersion (the operator writes the status
// whenever it reconciles), so they are read again only then.
static bool with_levels(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                        struct value live, struct resource_state *state, struct err *err) {
    struct arena *arena = call->arena;
    struct value seen = value_dig(live, "metadata", "resourceVersion", NULL);
    struct levels levels;
    if (value_equal(seen, value_get(state->private, "resource_version")))
        return true;
    if (!levels_get(call, kube, ref->namespace, ref->name, &levels, err))
        return without_levels(call, state, err);
    struct value value =
        value_with(arena, state->value, "active_chart", active_chart(call, kube, ref, &levels));
    state->value = value_with(arena, value, "overrides", overrides(arena, &levels, value_get(value, "spec")));
    state->private = value_with(arena, state->private, "resource_version", seen);
    return true;
}

static enum readiness readiness_of(const char *word) {
    return !strcmp(word, "none")       ? READINESS_NONE
           : !strcmp(word, "accepted") ? READINESS_ACCEPTED
                                       : READINESS_READY;
}

static const char *other_version(struct value prior, const char *version) {
    const char *before = value_dig_string(prior, "api_version", NULL);
    return before && strcmp(before, version) != 0 ? before : NULL;
}

// Writes the instance and fills the state from what came back. `state->value` is set as soon as
// the object exists.
static bool apply(struct call *call, struct provider *provider, const struct resource_change *change,
                  const struct instance_model *model, struct kube_client *kube, struct resource_state *state,
                  struct err *err) {
    struct arena *arena = call->arena;
    struct instance_model config;
    struct value spec, live;
    if (!instance_decode(call, change->config, &config, err))
        return false;
    struct secrets secrets = secrets_of(arena, &config);
    if (!secrets_merge(arena, &secrets, model->spec, &spec, err))
        return false;
    struct instance instance = {
        .api_version = model->api_version,
        .name = model->name,
        .namespace = model->namespace,
        .labels = model->labels,
        .annotations = model->annotations,
        .spec = spec,
        .manager = provider_settings(provider)->field_manager,
        .force = model->force,
        .owner = instance_owner_token(arena, value_is_null(change->prior.value) ? value_null()
                                                                                : change->prior.private),
        .converted = other_version(change->prior.value, model->api_version),
    };
    struct kube_ref ref = instance_ref(&instance);
    if (!instance_apply(call, kube, &instance, &live, err))
        return false;
    struct value_entry private[] = {
        {"baseline", drift_baseline(arena, "spec", spec, value_get(live, "spec"), value_null())},
        {"secrets", secrets_note(arena, &secrets, value_get(change->prior.private, "secrets"))},
    };
    state->private = instance_owner_note(arena, value_map(arena, private, 2), instance.owner);
    state->identity = identity_value(arena, ref.name, ref.namespace);
    state->value = with_live(arena, change->planned.value, live);
    if (!readiness_wait(call, kube, &live, readiness_of(model->wait_for), err))
        return false;
    state->value = with_live(arena, state->value, live);
    return with_levels(call, kube, &ref, live, state, err);
}

static bool refresh(struct call *call, const struct resource_change *change, const struct kube_ref *ref,
                    struct kube_client *kube, struct resource_state *state, struct err *err) {
    struct value live;
    if (!instance_get(call, kube, ref, &live, err))
        return false;
    if (value_is_null(live))
        return err_set(err, ERR_NOT_FOUND, "%s is gone since the plan was made; plan again",
                       kube_ref_text(call->arena, ref));
    state->value = with_live(call->arena, change->planned.value, live);
    state->private = value_without(call->arena, change->prior.private, "resource_version");
    return with_levels(call, kube, ref, live, state, err);
}

// What a create may meet under its name.
static bool check_existing(struct call *call, const struct resource_change *change,
                           const struct instance_model *model, struct value live, struct err *err) {
    const char *text = arena_printf(call->arena, INSTANCE_KIND "/%s/%s", model->namespace, model->name);
    bool ours = instance_owner(live) || !value_is_null(change->planned.private);
    if (value_is_null(live) || (model->adopt && !instance_is_going(live)))
        return true;
    if (instance_is_going(live))
        return err_set(err, ERR_CONFLICT, "%s is being deleted. Apply again when it is gone", text);
    return err_set(
        err, ERR_CONFLICT,
        "%s exists already. Set adopt = true to take it over as it is configured here, or import it: "
        "terraform import ADDRESS %s/%s%s",
        text, model->namespace, model->name,
        ours ? "\n\nIf it is what this is to replace: with create_before_destroy, of its own or of a "
               "resource that depends on it, an instance cannot be replaced under its own name. Remove "
               "create_before_destroy; or keep the instance with `terraform untaint ADDRESS` or without "
               "-replace. Nothing was changed"
             : "");
}

static bool create(struct call *call, struct provider *provider, const struct resource_change *change,
                   struct resource_state *state, struct err *err) {
    struct instance_model model;
    struct value live;
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !instance_decode(call, change->planned.value, &model, err))
        return false;
    struct call within =
        call_within(call, model.timeouts.create ? model.timeouts.create : DEFAULT_TIMEOUT_MS);
    struct kube_ref ref = {model.api_version, INSTANCE_KIND, model.namespace, model.name};
    bool done = instance_get(&within, kube, &ref, &live, err) &&
                check_existing(&within, change, &model, live, err) &&
                apply(&within, provider, change, &model, kube, state, err);
    call_join(call, &within);
    if (!done && !value_is_null(state->value))
        return err_set(err, err->kind,
                       "%s\n\nThe instance exists and is in the state. Terraform calls it tainted now and "
                       "would replace it: "
                       "`terraform untaint ADDRESS` keeps it, and the next apply goes on waiting.",
                       err->msg);
    return done;
}

static bool update(struct call *call, struct provider *provider, const struct resource_change *change,
                   struct resource_state *state, struct err *err) {
    struct instance_model model;
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !instance_decode(call, change->planned.value, &model, err))
        return false;
    struct instance_model config;
    struct kube_ref ref = {model.api_version, INSTANCE_KIND, model.namespace, model.name};
    if (!instance_decode(call, change->config, &config, err))
        return false;
    struct secrets secrets = secrets_of(call->arena, &config);
    bool new_secrets = secrets_changed(call->arena, &secrets, value_get(change->prior.private, "secrets"));
    bool writing = writes(call->arena, change->prior.value, change->planned.value, &model, new_secrets);
    struct call within =
        call_within(call, model.timeouts.update ? model.timeouts.update : DEFAULT_TIMEOUT_MS);
    bool done = writing ? apply(&within, provider, change, &model, kube, state, err)
                        : refresh(&within, change, &ref, kube, state, err);
    call_join(call, &within);
    return done;
}

// ---- read ----

// An import does not say which version the object is managed in: the one that whoever applied it last wrote
// it in.
static const char *imported_version(struct value live) {
    struct value fields = value_dig(live, "metadata", "managedFields", NULL);
    for (size_t i = 0; i < value_len(fields); i++) {
        struct value entry = value_at(fields, i);
        const char *version = value_dig_string(entry, "apiVersion", NULL);
        if (value_is_null(value_get(entry, "subresource")) && version && !strcmp(version, INSTANCE_V2))
            return INSTANCE_V2;
    }
    return INSTANCE_V1;
}

static bool read_live(struct call *call, struct kube_client *kube, struct resource_state *state,
                      struct kube_ref *ref, struct value *live, struct err *err) {
    if (!instance_get(call, kube, ref, live, err))
        return false;
    if (value_is_null(*live) || !value_is_null(value_get(state->value, "spec")))
        return true;
    const char *version = imported_version(*live);
    if (!strcmp(version, ref->api_version))
        return true;
    ref->api_version = version;
    state->value = value_with(call->arena, state->value, "api_version", value_string(call->arena, version));
    return instance_get(call, kube, ref, live, err);
}

static bool read(struct call *call, struct provider *provider, struct resource_state *state,
                 struct err *err) {
    struct arena *arena = call->arena;
    struct instance_model model;
    struct value live;
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !instance_decode(call, state->value, &model, err))
        return false;
    struct kube_ref ref = {model.api_version, INSTANCE_KIND, model.namespace, model.name};
    if (!read_live(call, kube, state, &ref, &live, err))
        return false;
    if (value_is_null(live)) {
        state->value = value_null();
        call_warn(call, NULL, "Drift detected",
                  "%s was deleted outside of Terraform. Applying this plan creates it again.",
                  kube_ref_text(arena, &ref));
        return true;
    }
    bool report = !strcmp(model.drift, "report"), imported = value_is_null(value_get(state->value, "spec"));
    instance_owner_read(call, live, imported, state);
    instance_drift_read(call, live, provider_settings(provider)->field_manager, report, state);
    state->value = with_live(arena, state->value, live);
    state->identity = identity_value(arena, ref.name, ref.namespace);
    return with_levels(call, kube, &ref, live, state, err);
}

// ---- destroy, import ----

static bool destroy(struct call *call, struct provider *provider, struct resource_state *state,
                    struct err *err) {
    struct instance_model model;
    if (!instance_decode(call, state->value, &model, err))
        return false;
    struct kube_ref ref = {model.api_version, INSTANCE_KIND, model.namespace, model.name};
    if (!strcmp(model.on_destroy, "detach")) {
        call_warn(call, NULL, "Instance detached", "%s keeps running: on_destroy = \"detach\".",
                  kube_ref_text(call->arena, &ref));
        return true;
    }
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube)
        return false;
    struct value live;
    if (!instance_get(call, kube, &ref, &live, err))
        return false;
    if (instance_owner_is_other(live, state->private)) {
        call_warn(
            call, NULL, "Instance kept",
            "%s was taken over by another wandb_instance (adopt = true), so it is not deleted. If that is "
            "what should have replaced this one: with create_before_destroy an instance is never made "
            "anew under its own name.",
            kube_ref_text(call->arena, &ref));
        return true;
    }
    struct call within =
        call_within(call, model.timeouts.destroy ? model.timeouts.destroy : DEFAULT_TIMEOUT_MS);
    bool done = value_is_null(live) ||
                instance_delete(&within, kube, &ref, provider_settings(provider)->field_manager,
                                !strcmp(model.on_destroy_stuck, "remove_finalizer"), err);
    call_join(call, &within);
    return done;
}

static bool import(struct call *call, struct provider *provider, const char *id, struct value identity,
                   struct resource_state *state, struct err *err) {
    (void)provider;
    return identity_import(call->arena, &instance_schema, "default", id, identity, state, err);
}

const struct resource_impl resource_instance = {
    .schema = &instance_schema,
    .identity = &instance_identity_schema,
    .validate = validate,
    .plan = plan,
    .create = create,
    .update = update,
    .destroy = destroy,
    .read = read,
    .import = import,
};
