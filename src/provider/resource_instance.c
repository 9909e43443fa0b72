// SPDX-License-Identifier: Apache-2.0
// wandb_instance: the custom resource of one W&B server.
#include "provider/config.h"
#include "provider/content.h"
#include "provider/identity.h"
#include "provider/instance_model.h"
#include "provider/instance_owner.h"
#include "provider/instance_plan.h"
#include "provider/instance_state.h"
#include "provider/provider.h"
#include "provider/secrets.h"
#include "schema/schema.h"
#include "wandb/drift.h"
#include "wandb/instance.h"
#include "wandb/readiness.h"

#include <string.h>

enum { DEFAULT_TIMEOUT_MS = 20 * 60 * 1000 };

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
    struct secrets secrets = instance_secrets(call->arena, &model);
    return secrets_check(call->arena, &secrets, spec, "spec", err);
}

// ---- create, update ----

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
    struct secrets secrets = instance_secrets(arena, &config);
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
    state->value = instance_state_live(arena, change->planned.value, live);
    if (!readiness_wait(call, kube, &live, readiness_of(model->wait_for), err))
        return false;
    state->value = instance_state_live(arena, state->value, live);
    return instance_state_levels(call, kube, &ref, live, state, err);
}

static bool refresh(struct call *call, const struct resource_change *change, const struct kube_ref *ref,
                    struct kube_client *kube, struct resource_state *state, struct err *err) {
    struct value live;
    if (!instance_get(call, kube, ref, &live, err))
        return false;
    if (value_is_null(live))
        return err_set(err, ERR_NOT_FOUND, "%s is gone since the plan was made; plan again",
                       kube_ref_text(call->arena, ref));
    state->value = instance_state_live(call->arena, change->planned.value, live);
    state->private = value_without(call->arena, change->prior.private, "resource_version");
    return instance_state_levels(call, kube, ref, live, state, err);
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
    struct secrets secrets = instance_secrets(call->arena, &config);
    bool new_secrets = secrets_changed(call->arena, &secrets, value_get(change->prior.private, "secrets"));
    bool writing =
        instance_plan_writes(call->arena, change->prior.value, change->planned.value, &model, new_secrets);
    struct call within =
        call_within(call, model.timeouts.update ? model.timeouts.update : DEFAULT_TIMEOUT_MS);
    bool done = writing ? apply(&within, provider, change, &model, kube, state, err)
                        : refresh(&within, change, &ref, kube, state, err);
    call_join(call, &within);
    return done;
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
    struct call within =
        call_within(call, model.timeouts.destroy ? model.timeouts.destroy : DEFAULT_TIMEOUT_MS);
    struct value live;
    if (!instance_get(&within, kube, &ref, &live, err))
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
    .plan = instance_plan,
    .create = create,
    .update = update,
    .destroy = destroy,
    .read = instance_read,
    .import = import,
};
