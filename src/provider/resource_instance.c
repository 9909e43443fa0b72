// SPDX-License-Identifier: Apache-2.0
// wandb_instance: the custom resource of one W&B server.
#include "base/buf.h"
#include "drift/drift.h"
#include "provider/config.h"
#include "provider/content.h"
#include "provider/identity.h"
#include "provider/input_check.h"
#include "provider/instance_chart.h"
#include "provider/instance_ignore.h"
#include "provider/instance_model.h"
#include "provider/instance_move.h"
#include "provider/instance_plan.h"
#include "provider/instance_predecessor.h"
#include "provider/instance_ready.h"
#include "provider/instance_release.h"
#include "provider/instance_secrets.h"
#include "provider/instance_state.h"
#include "provider/instance_written.h"
#include "provider/provider.h"
#include "provider/resource_owner.h"
#include "provider/secret_plan.h"
#include "schema/schema.h"
#include "value/path.h"
#include "wandb/instance.h"
#include "wandb/readiness.h"
#include "wandb/rollouts.h"
#include "wandb/written.h"

#include <string.h>

enum { DEFAULT_TIMEOUT_MS = 20 * 60 * 1000, DETACH_MS = 30 * 1000, LOOK_MS = 5 * 1000 };

// ---- validate ----

enum { RELEASE_NAME = 53, LABEL = 63 };

// The operator of v1 names a Helm release after the instance, and helm takes no longer name; the one of v2
// labels its objects with it.
static bool check_name(const struct instance_model *model, bool v1, struct err *err) {
    size_t len = model->name ? strlen(model->name) : 0, most = v1 ? RELEASE_NAME : LABEL;
    return len <= most ||
           err_at(
               err, "name",
               "name is %zu characters long; at most %zu can be had: the operator %s. Choose a shorter one.",
               len, most,
               v1 ? "names a Helm release after the instance"
                  : "labels its objects with the instance's name");
}

static bool is_member(const char *key) {
    return !strcmp(key, "chart") || !strcmp(key, "values");
}

// At no place: Terraform would quote the line, and the secret in it.
static bool check_secret_members(struct value secret_values, struct err *err) {
    for (size_t i = 0; i < value_len(secret_values); i++) {
        const char *key = value_entry_at(secret_values, i)->key;
        if (!is_member(key))
            return err_set(err, ERR_INVALID,
                           "secret_values_wo has the shape of spec, whose members are chart and values, and "
                           "no \"%s\". Write secret_values_wo = { values = { … } }.",
                           key);
    }
    return true;
}

// The schema of v1 is closed, and what it does not know the server drops or refuses.
static bool check_members(struct arena *arena, struct value spec, struct err *err) {
    for (size_t i = 0; i < value_len(spec); i++) {
        const char *key = value_entry_at(spec, i)->key;
        struct path at = {NULL, {"spec", 0}}, here = {&at, {key, 0}};
        const char *place = path_text(arena, &here);
        struct value value = value_untyped(value_entry_at(spec, i)->value);
        if (!is_member(key))
            return err_at(err, place,
                          "%s: the spec of " INSTANCE_V1 " has the members chart and values, and no \"%s\". "
                          "What the chart is given stands in spec.values.",
                          place, key);
        if (value_kind(value) != VALUE_MAP && value_kind(value) != VALUE_UNKNOWN)
            return err_at(err, place, "%s must be an object, found %s. Leave it out, or write {}.", place,
                          value_is_null(value) ? "null" : value_kind_name(value));
    }
    return true;
}

static bool check_spec(struct call *call, struct value config, struct value spec, struct err *err) {
    struct value version = value_get(config, "api_version");
    struct value secret_values = value_untyped(value_get(config, "secret_values_wo"));
    bool v1 = value_is_null(version) || value_is_text(version, INSTANCE_V1);
    return (!v1 || (check_members(call->arena, spec, err) && check_secret_members(secret_values, err))) &&
           input_check_numbers("spec", spec, err);
}

static bool check_metadata(const struct instance_model *model, struct value config, struct err *err) {
    struct value version = value_get(config, "api_version");
    bool v1 = value_is_null(version) || value_is_text(version, INSTANCE_V1);
    return check_name(model, v1, err) && input_check_labels("labels", model->labels, true, err) &&
           input_check_labels("annotations", model->annotations, false, err);
}

static bool validate(struct call *call, struct provider *provider, struct value config, struct err *err) {
    (void)provider;
    struct instance_model model;
    if (!instance_decode(call, config, &model, err) || !check_metadata(&model, config, err))
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
    if (!check_spec(call, config, spec, err))
        return false;
    struct secret_config secrets = instance_secrets(call->arena, config, spec, value_null());
    return secrets_check(call->arena, &secrets.given, spec, "spec", err) &&
           instance_ignore_check(call, &model, config, &secrets.given, err);
}

// ---- create, update ----

// What an API server refuses it quotes, what was kept as well.
static void hide_kept(struct call *call, const struct secret_config *secrets, struct value found) {
    struct secrets kept = secrets_kept(call->arena, value_get(found, "spec"), &secrets->claims);
    secrets_hide_values(call, &kept);
}

// What a write left in the cluster goes into the state, also when something fails afterwards.
static void note_write(struct call *call, const struct resource_change *change,
                       const struct instance *instance, const struct secret_config *secrets,
                       struct value live, struct resource_state *state) {
    struct arena *arena = call->arena;
    struct value before = value_get(change->prior.private, "secrets");
    struct value there = written_spec(arena, live, instance->manager);
    struct secrets kept = secrets_kept(arena, there, &secrets->claims);
    struct value note = secrets_note(arena, &secrets->given, &kept, before);
    struct value all = secrets_keep(arena, instance->spec, there, &secrets->claims);
    struct drift_part spec = {
        .path = "spec", .wanted = all, .found = value_get(live, "spec"), .ignored = &instance->ignored};
    struct value_entry private[] = {
        {"baseline", drift_baseline(arena, &spec)},
        {"secrets", note},
    };
    struct secret_plan now =
        secret_plan_of(arena, secrets, &change->prior, value_get(change->prior.value, "spec"));
    struct value planned = change->planned.value;
    struct value versions =
        secret_versions_written(arena, value_get(planned, "secret_versions"), now.counted, note);
    state->private = value_map(arena, private, 2);
    state->identity = identity_value(arena, instance->name, instance->namespace);
    state->value = resource_owner_state(arena, planned, instance->owner);
    state->value = value_with(arena, state->value, "secret_versions", versions);
    state->value = instance_predecessor_written(arena, state->value, planned, live);
    state->value = instance_state_live(arena, state->value, live);
}

// A create that was not answered may have been carried out: then its object carries our new token, and
// belongs into the state, since nothing else would ever delete it. It is looked for whether or not we were
// told to stop.
static struct value unanswered(struct call *call, struct kube_client *kube, const struct instance *instance,
                               const struct err *err) {
    struct call after = *call;
    struct err ignored = err_in(call->arena);
    struct value live;
    struct kube_ref ref = instance_ref(instance);
    bool lost = err->kind == ERR_TIMEOUT || err->kind == ERR_UNAVAILABLE || err->kind == ERR_CANCELLED;
    after.stop[0] = after.stop[1] = NULL;
    after.deadline = call_now() + LOOK_MS;
    if (!lost || !instance_get(&after, kube, &ref, &live, &ignored))
        return value_null();
    const char *owner = instance_owner(live);
    return owner && !strcmp(owner, instance->owner) ? live : value_null();
}

// An object that stands, and what is to be waited for.
struct settling {
    struct provider *provider;
    struct value live;
    struct value planned;
    bool written; // just now
};

// Waits for what the configuration asks for, and fills in what the live object and its operator say then.
// Until that is over the state is that of an unfinished wait.
static bool settle(struct call *call, const struct settling *s, struct resource_state *state,
                   struct err *err) {
    struct arena *arena = call->arena;
    struct value live = s->live;
    struct kube_ref ref = kube_ref_of(live);
    struct kube_client *kube = provider_kube(call, s->provider, err);
    struct readiness_goal goal = {instance_ready_wanted(value_dig_string(s->planned, "wait_for", NULL)),
                                  s->written};
    struct value unfinished = instance_state_live(arena, s->planned, live);
    state->value = value_with(arena, unfinished, "ready", value_bool(false));
    if (!kube)
        return false;
    if (!readiness_wait(call, kube, &live, &goal, err)) {
        instance_chart_explain(call, s->provider, live, err);
        return false;
    }
    rollouts_forget(provider_rollouts(s->provider));
    state->value = instance_state_live(arena, state->value, live);
    instance_ready_note(arena, live, goal.wanted, state);
    if (!instance_state_operator(call, s->provider, &ref, live, state, err))
        return false;
    if (goal.wanted == READINESS_READY) // as was seen a moment ago
        state->value = value_with(arena, state->value, "ready", value_bool(true));
    return true;
}

// Writes the instance and fills the state from what came back. `found`: the live object before.
static bool apply(struct call *call, struct provider *provider, const struct resource_change *change,
                  const struct instance_model *model, struct value found, struct resource_state *state,
                  struct err *err) {
    struct arena *arena = call->arena;
    struct kube_client *kube = provider_kube(call, provider, err);
    struct value spec, live = value_null(), note = value_get(change->prior.private, "secrets");
    struct secret_config secrets = instance_secrets(arena, change->config, model->spec, note);
    if (!kube || !secrets_merge(arena, &secrets.given, model->spec, &spec, err))
        return false;
    struct instance instance = {
        .api_version = model->api_version,
        .name = model->name,
        .namespace = model->namespace,
        .labels = model->labels,
        .annotations = model->annotations,
        .former_labels = value_get(change->prior.value, "labels"),
        .former_annotations = value_get(change->prior.value, "annotations"),
        .spec = spec,
        .claims = secrets.claims,
        .found = found,
        .manager = provider_settings(provider)->field_manager,
        .force = model->force,
        .owner = resource_owner_token(arena, &change->prior),
        .converted = instance_plan_converted(change->prior.value, model),
        .predecessors = instance_predecessor_managers(arena, &change->prior, model, found),
        .ignored = instance_ignore_of(arena, model, change->planned.value),
    };
    hide_kept(call, &secrets, found);
    const char *retired = instance_predecessor_release(&change->prior, model);
    if (retired && !instance_release_retire(call, kube, found, retired, err))
        return false;
    bool written = instance_apply(call, kube, &instance, &live, err);
    if (!written && value_is_null(live) && value_is_null(change->prior.value))
        live = unanswered(call, kube, &instance, err);
    if (!value_is_null(live))
        note_write(call, change, &instance, &secrets, live, state);
    if (!written || !instance_release_forget(call, provider, model, &live, err))
        return false;
    state->value = instance_predecessor_written(arena, state->value, change->planned.value, live);
    return settle(call, &(struct settling){provider, live, state->value, true}, state, err);
}

// An update that writes nothing: of the state alone, or one that goes on with a wait.
static bool go_on(struct call *call, struct provider *provider, const struct resource_change *change,
                  struct resource_state *state, struct err *err) {
    struct arena *arena = call->arena;
    struct instance_model model;
    struct value live, prior = change->prior.value;
    *state = change->planned;
    struct value versions = secret_versions_written(arena, value_get(state->value, "secret_versions"),
                                                    value_get(prior, "secret_versions"),
                                                    value_get(change->prior.private, "secrets"));
    state->value = resource_owner_kept(arena, state->value, prior);
    state->value = value_with(arena, state->value, "secret_versions", versions);
    state->private = instance_written_drop(arena, change->prior.private);
    if (!instance_decode(call, state->value, &model, err))
        return false;
    if (!instance_ready_owed(&change->prior, model.wait_for) && value_is_known(state->value))
        return true;
    struct kube_ref ref = instance_model_ref(&model);
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !instance_get(call, kube, &ref, &live, err))
        return false;
    if (value_is_null(live))
        return err_set(err, ERR_NOT_FOUND, "%s is gone since the plan was made; plan again", call->about);
    state->private = value_without(arena, state->private, "resource_version");
    return settle(call, &(struct settling){provider, live, state->value, false}, state, err);
}

// An update that writes nothing else than what takes the predecessor's marks off the object.
static bool let_go(struct call *call, struct provider *provider, const struct resource_change *change,
                   const struct instance_model *model, struct resource_state *state, struct err *err) {
    struct kube_ref ref = instance_model_ref(model);
    struct kube_client *kube = provider_kube(call, provider, err);
    const char *retired = instance_predecessor_release(&change->prior, model);
    struct value live;
    if (!kube || !instance_get(call, kube, &ref, &live, err) ||
        !instance_release_retire(call, kube, live, retired, err) ||
        !instance_predecessor_let_go(call, provider, &change->prior, model, live, err))
        return false;
    bool done = go_on(call, provider, change, state, err);
    state->private = instance_predecessor_drop(call->arena, state->private); // its fields are ours now
    return done;
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
    call->about = instance_text(call->arena, &model);
    struct call within =
        call_within(call, model.timeouts.create ? model.timeouts.create : DEFAULT_TIMEOUT_MS);
    struct kube_ref ref = instance_model_ref(&model);
    bool done = instance_get(&within, kube, &ref, &live, err) &&
                instance_release_check(&within, kube, live, model.retire_helm_release, err) &&
                check_existing(&within, change, &model, live, err) &&
                (!value_is_null(live) || instance_await_leftovers(&within, kube, &ref, err)) &&
                apply(&within, provider, change, &model, live, state, err);
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
    call->about = instance_text(call->arena, &model);
    struct kube_ref ref = instance_model_ref(&model);
    struct value note = value_get(change->prior.private, "secrets"), live;
    struct secret_config secrets = instance_secrets(call->arena, change->config, model.spec, note);
    bool new_secrets = secrets_changed(call->arena, &secrets.given, &secrets.claims, note);
    bool writing =
        instance_plan_writes(call->arena, &change->prior, change->planned.value, &model, new_secrets);
    struct call within =
        call_within(call, model.timeouts.update ? model.timeouts.update : DEFAULT_TIMEOUT_MS);
    bool done = writing ? instance_get(&within, kube, &ref, &live, err) &&
                              apply(&within, provider, change, &model, live, state, err)
                : instance_predecessor_owed(&change->prior, &model)
                    ? let_go(&within, provider, change, &model, state, err)
                    : go_on(&within, provider, change, state, err);
    call_join(call, &within);
    return done;
}

// ---- destroy, import ----

// What keeps running belongs to nobody. Where the cluster cannot be asked, whoever adopts the object takes it
// from a resource that is gone.
static void detach(struct call *call, struct provider *provider, const struct kube_ref *ref,
                   const struct resource_state *state) {
    struct err err = err_in(call->arena);
    struct call within = call_within(call, DETACH_MS);
    struct value live = value_null();
    struct kube_client *kube = provider_kube(call, provider, &err);
    bool done = kube && instance_get(&within, kube, ref, &live, &err) &&
                (value_is_null(live) || resource_owner_is_other(instance_owner(live), state) ||
                 instance_disown(&within, kube, live, provider_settings(provider)->field_manager, &err));
    const char *text = kube_ref_text(call->arena, ref);
    call_warn(call, subject_of(text), "Instance detached:", "%s keeps running: on_destroy = \"detach\".%s",
              text,
              done ? ""
                   : arena_printf(call->arena,
                                  " Its annotation " INSTANCE_OWNER
                                  " could not be taken away, and goes on naming this resource: %s",
                                  err.msg));
    call_join(call, &within);
}

// What is gone is gone: where nobody can say what it left, that is said instead.
static void tell_left(struct call *call, struct kube_client *kube, const struct kube_ref *ref) {
    static const char STAY[] = "Secrets stay in the cluster:";
    struct call within = call_within(call, LOOK_MS);
    struct err err = err_in(call->arena);
    struct value names = value_null();
    struct buf list;
    buf_init(&list, call->arena);
    bool looked = instance_left_secrets(&within, kube, ref, &names, &err);
    call_join(call, &within);
    for (size_t i = 0; i < value_len(names); i++)
        buf_printf(&list, "\n  Secret/%s/%s", ref->namespace, value_text_or(value_at(names, i), "?"));
    if (value_len(names))
        call_warn(call, subject_many(call->about, value_len(names), "Secret"), STAY,
                  "The instance is deleted, but its chart has Helm keep these Secrets, which hold "
                  "credentials:%s\n\nA new instance of the same name and namespace goes on with them. Where "
                  "none is to follow, delete them with kubectl.",
                  buf_text(&list));
    else if (!looked && !strcmp(ref->api_version, INSTANCE_V1))
        call_warn(call, subject_of(call->about), STAY,
                  "The instance is deleted. Its chart has Helm keep Secrets with credentials, such as the "
                  "license and the session key; which of them there are could not be looked up: %s",
                  err.msg);
}

static bool destroy(struct call *call, struct provider *provider, struct resource_state *state,
                    struct err *err) {
    struct instance_model model;
    if (!instance_decode(call, state->value, &model, err))
        return false;
    struct kube_ref ref = instance_model_ref(&model);
    call->about = kube_ref_text(call->arena, &ref);
    if (!strcmp(model.on_destroy, "detach")) {
        detach(call, provider, &ref, state);
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
    if (resource_owner_is_other(instance_owner(live), state)) {
        call_warn(
            call, subject_of(call->about), "Instance kept:",
            "%s was taken over by another wandb_instance (adopt = true), so it is not deleted. If that is "
            "what should have replaced this one: with create_before_destroy an instance is never made "
            "anew under its own name.",
            call->about);
        return true;
    }
    bool done = value_is_null(live) ||
                instance_delete(&within, kube, &ref, provider_settings(provider)->field_manager,
                                !strcmp(model.on_destroy_stuck, "remove_finalizer"), err);
    call_join(call, &within);
    if (done && !value_is_null(live))
        tell_left(call, kube, &ref);
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
    .move = instance_move,
};
