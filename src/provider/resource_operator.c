// SPDX-License-Identifier: Apache-2.0
// wandb_operator: the Helm release of the operator chart.
#include "drift/drift.h"
#include "drift/secret_names.h"
#include "provider/config.h"
#include "provider/content.h"
#include "provider/identity.h"
#include "provider/ignore_drift.h"
#include "provider/input_check.h"
#include "provider/operator_drift.h"
#include "provider/operator_model.h"
#include "provider/operator_move.h"
#include "provider/operator_secrets.h"
#include "provider/operator_takeover.h"
#include "provider/resource_owner.h"
#include "provider/secrets.h"
#include "provider/sightings.h"
#include "release/release.h"
#include "wandb/served.h"

#include <string.h>

enum { DEFAULT_TIMEOUT_MS = 10 * 60 * 1000 };

static const struct schema IDENTITY_SCHEMA = {.name = "wandb_operator", .attrs = identity_attrs};

// ---- validate ----

static bool check_object(struct value value, const char *name, struct err *err) {
    value = value_untyped(value);
    if (value_is_null(value) || value_kind(value) == VALUE_UNKNOWN || value_kind(value) == VALUE_MAP)
        return true;
    return err_at(err, name,
                  "%s must be an object of chart values such as { image = { tag = \"1.22.0\" } }, found a %s",
                  name, value_kind_name(value));
}

static bool check_documents(struct call *call, struct value list, enum helm_profile profile,
                            struct err *err) {
    struct err why = err_in(call->arena);
    struct value ignored;
    for (size_t i = 0; value_kind(list) == VALUE_LIST && i < value_len(list); i++) {
        const char *name = arena_printf(call->arena, "values_yaml[%zu]", i);
        struct helm_input input = {
            .kind = HELM_INPUT_FILE, .name = name, .text = value_get_string(value_at(list, i))};
        if (input.text && !helm_values_compose(call, &input, 1, profile, &ignored, &why))
            return err_at(err, name, "%s. It must be a YAML document, a map of chart values.", why.msg);
    }
    return true;
}

static bool validate(struct call *call, struct provider *provider, struct value config, struct err *err) {
    (void)provider;
    struct operator_model model;
    return operator_decode(call, config, &model, err) && ignore_drift_check(call->arena, config, err) &&
           check_object(model.values, "values", err) && check_object(model.values_wo, "values_wo", err) &&
           input_check_numbers("values", model.values, err) &&
           check_documents(call, value_get(config, "values_yaml"), model.source.profile, err) &&
           chart_source_check(call->arena, &model.source, err);
}

// ---- plan ----

// Reasons to write that the configuration does not show.
static bool must_write(const struct operator_model *model, struct value prior, struct value found) {
    if (value_len(found) && !strcmp(model->drift, "enforce"))
        return true;
    return !value_is_text(value_get(prior, "status"), "deployed");
}

// What is known after a write, in the order of the table.
static const char *const OUTCOME[] = {"owner",    "chart_version", "app_version", "chart_digest",
                                      "revision", "status",        "objects",     "drift_found"};

static bool same(const struct resource_plan *plan, const char *name) {
    return value_equal(value_get(plan->prior.value, name), value_get(plan->planned.value, name));
}

// Only how we work changes (timeouts, wait, drift, a constraint that still holds, …), not what is installed:
// Terraform's state is brought up to date, and the cluster left alone. The planned revision is known then.
static bool is_bookkeeping(const struct resource_plan *plan, const struct chart_plan *chart) {
    return !value_is_null(plan->prior.value) && !chart->changed &&
           value_kind(chart->version) != VALUE_UNKNOWN && same(plan, "name") && same(plan, "namespace") &&
           same(plan, "values") && same(plan, "values_yaml") && same(plan, "crds") && same(plan, "profile");
}

// `drift`: what stays of it.
static struct value planned_bookkeeping(struct arena *arena, const struct resource_plan *plan,
                                        const struct chart_plan *chart, struct value drift) {
    struct value planned = plan->planned.value;
    for (size_t i = 0; i < sizeof OUTCOME / sizeof *OUTCOME; i++)
        planned = value_with(arena, planned, OUTCOME[i], value_get(plan->prior.value, OUTCOME[i]));
    if (!value_is_null(chart->digest))
        planned = value_with(arena, planned, "chart_digest", chart->digest);
    return value_with(arena, planned, "drift_found", drift);
}

static struct value planned_write(struct arena *arena, const struct resource_plan *plan,
                                  const struct chart_plan *chart) {
    struct value planned = plan->planned.value;
    planned = value_with(arena, planned, "drift_found", value_list(arena, NULL, 0));
    planned = value_with(arena, planned, "status", value_string_ref("deployed"));
    planned = value_with(arena, planned, "chart_version", chart->version);
    return value_with(arena, planned, "chart_digest", value_unknown());
}

// Reported drift is nothing to write for; but a write for another reason puts back all that the release says.
// `found`: without what is ignored.
static void tell_drift(struct call *call, struct provider *provider, const struct resource_plan *plan,
                       const struct operator_model *model, struct value found) {
    struct sighting seen;
    struct drift drift = drift_of_value(call->arena, found);
    if (!model->name || !model->namespace)
        return;
    const char *object = release_text(call->arena, model->namespace, model->name);
    if (sightings_take(provider, call->arena, object, &seen) && plan->changes &&
        !strcmp(model->drift, "report") && !value_is_known(value_get(plan->planned.value, "revision")))
        drift_warn(
            call, &drift, object, "Drift is put back in",
            "drift = \"report\" would leave it, but this plan upgrades the release for another reason, and "
            "that writes all of it.");
}

static bool plan(struct call *call, struct provider *provider, struct resource_plan *plan, struct err *err) {
    struct arena *arena = call->arena;
    struct operator_model model;
    struct value prior = plan->prior.value;
    struct chart_plan chart;
    struct kube_ignored ignored = ignore_drift_of(arena, plan->planned.value);
    if (value_is_null(plan->config))
        return true;
    if (!operator_decode(call, plan->planned.value, &model, err) ||
        !chart_source_plan(call, prior, plan->planned.value, &model.source, &chart, err))
        return false;
    struct secret_config secrets =
        operator_secrets(call, plan->planned.value, plan->config, value_get(plan->prior.private, "secrets"));
    struct secret_plan ahead =
        secret_plan_of(arena, &secrets, &plan->prior, operator_secrets_plain(call, prior));
    operator_secrets_warn(call, plan, &ahead.kept);
    if (value_is_null(prior))
        operator_secrets_warn_met(call, provider, &model, &secrets);
    if (value_is_null(prior) && model.adopt)
        operator_takeover_plan(call, provider, &model, plan);
    struct value drift = ignore_drift_rest(arena, &ignored, value_get(prior, "drift_found"));
    bool must = !value_is_null(prior) && (chart.changed || ahead.changes || must_write(&model, prior, drift));
    if (must || !value_is_null(chart.digest))
        resource_plan_update(arena, &operator_schema, plan);
    bool bookkeeping = !must && is_bookkeeping(plan, &chart);
    if (!bookkeeping)
        resource_owner_plan(arena, plan);
    if (plan->changes) {
        struct value versions = bookkeeping ? ahead.counted : ahead.versions; // none is written then
        plan->planned.value = value_with(arena, plan->planned.value, "secret_versions", versions);
        plan->planned.value = bookkeeping ? planned_bookkeeping(arena, plan, &chart, drift)
                                          : planned_write(arena, plan, &chart);
    }
    tell_drift(call, provider, plan, &model, drift);
    return true;
}

// ---- create, update ----

static bool user_values(struct call *call, const struct operator_model *model,
                        const struct operator_model *config, struct value *out, struct err *err) {
    size_t count = model->values_yaml.count, used = 0;
    struct helm_input *inputs = arena_array(call->arena, count + 2, sizeof *inputs);
    for (; used < count; used++)
        inputs[used] = (struct helm_input){.kind = HELM_INPUT_FILE,
                                           .name = arena_printf(call->arena, "values_yaml[%zu]", used),
                                           .text = model->values_yaml.items[used]};
    const struct value structured[] = {model->values, config->values_wo};
    for (size_t i = 0; i < 2; i++)
        if (!value_is_null(value_untyped(structured[i])))
            inputs[used++] = (struct helm_input){.kind = HELM_INPUT_VALUES,
                                                 .values = chart_source_values(call->arena, structured[i])};
    return helm_values_compose(call, inputs, used, model->source.profile, out, err);
}

static enum release_crds crds_of(const char *word) {
    return !strcmp(word, "skip")      ? RELEASE_CRDS_SKIP
           : !strcmp(word, "install") ? RELEASE_CRDS_INSTALL
                                      : RELEASE_CRDS_UPGRADE;
}

static struct value with_release(struct arena *arena, struct value state, const struct release *release) {
    state = value_with(arena, state, "chart_version", value_string(arena, release->chart_version));
    state = value_with(arena, state, "app_version", value_string(arena, release->app_version));
    state = value_with(arena, state, "revision", value_int(release->revision));
    return value_with(arena, state, "status", value_string(arena, release->status));
}

struct writing {
    const struct resource_change *change;
    const struct release_spec *spec;
    const struct secret_config *secrets;
    const char *digest;
};

static struct value private_of(struct arena *arena, const struct writing *w, const struct release *release) {
    struct secrets kept = secrets_kept(arena, release->config, &w->secrets->claims);
    struct value before = value_get(w->change->prior.private, "secrets");
    struct value_entry private[] = {
        {"revision", value_int(release->revision)},
        {"secrets", secrets_note(arena, &w->secrets->given, &kept, before)},
    };
    return value_map(arena, private, 2);
}

// What is kept about a release that exists, also when its installation went wrong.
static void note_release(struct call *call, const struct writing *w, const struct release *release,
                         bool failed, struct resource_state *state) {
    struct arena *arena = call->arena;
    const struct resource_change *change = w->change;
    if (!release->name)
        return;
    // Nothing was written, or it was rolled back: the state must go on saying what is installed, or the next
    // plan would find nothing left to do.
    bool undone = failed && !value_is_null(change->prior.value) && !strcmp(release->status, "deployed");
    if (undone) {
        state->value = with_release(arena, change->prior.value, release);
        state->private = value_with(arena, change->prior.private, "revision", value_int(release->revision));
        return;
    }
    struct secret_plan now =
        secret_plan_of(arena, w->secrets, &change->prior, operator_secrets_plain(call, change->prior.value));
    state->private = private_of(arena, w, release);
    struct value planned = change->planned.value;
    struct value versions = secret_versions_written(arena, value_get(planned, "secret_versions"), now.counted,
                                                    value_get(state->private, "secrets"));
    struct value value = resource_owner_state(arena, planned, w->spec->owner);
    value = value_with(arena, value, "secret_versions", versions);
    value = with_release(arena, value, release);
    state->value = value_with(arena, value, "chart_digest", value_string(arena, w->digest));
    state->identity = identity_value(arena, w->spec->name, w->spec->namespace);
}

static bool write_release(struct call *call, struct provider *provider, const struct resource_change *change,
                          bool install, struct resource_state *state, struct err *err) {
    struct arena *arena = call->arena;
    struct operator_model model, config;
    struct repo_chart chart;
    struct release release = {0};
    struct kube_ignored ignored = ignore_drift_of(arena, change->planned.value);
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !operator_decode(call, change->planned.value, &model, err) ||
        !operator_decode(call, change->config, &config, err))
        return false;
    model.source.password = config.password_wo;
    call->about = release_text(arena, model.namespace, model.name);
    struct secret_config secrets = operator_secrets(call, change->planned.value, change->config,
                                                    value_get(change->prior.private, "secrets"));
    struct release_spec spec = {
        .name = model.name,
        .namespace = model.namespace,
        .create_namespace = model.create_namespace,
        .crds = crds_of(model.crds),
        .wait = model.wait,
        .atomic = model.atomic,
        .adopt = model.adopt,
        .seen = operator_takeover_seen(change->planned.private),
        .known = !install,
        .max_history = (int)model.max_history,
        .manager = provider_settings(provider)->field_manager,
        .fetch = repo_get_document,
        .owner = resource_owner_token(arena, &change->prior),
        .keep = operator_secrets_keep,
        .keep_context = &secrets,
        .ignored = &ignored,
    };
    if (!chart_source_load(call, provider, &model.source, change->planned.value, &chart, err) ||
        !user_values(call, &model, &config, &spec.values, err))
        return false;
    spec.chart = chart.chart;
    bool done = install ? release_install(call, kube, &spec, &release, err)
                        : release_upgrade(call, kube, &spec, &release, err);
    struct writing writing = {change, &spec, &secrets, chart.digest};
    note_release(call, &writing, &release, !done, state);
    struct operator_reading reading = {kube, spec.manager, &ignored, false};
    return done && operator_drift_settle(call, &reading, &release, state, err);
}

static bool create(struct call *call, struct provider *provider, const struct resource_change *change,
                   struct resource_state *state, struct err *err) {
    struct operator_model model;
    if (!operator_decode(call, change->planned.value, &model, err))
        return false;
    struct call within =
        call_within(call, model.timeouts.create ? model.timeouts.create : DEFAULT_TIMEOUT_MS);
    bool done = write_release(&within, provider, change, true, state, err);
    call_join(call, &within);
    if (!done && !value_is_null(state->value))
        return err_set(
            err, err->kind,
            "%s\n\nThe release exists (revision %lld, %s) and is in the state. Terraform calls it tainted "
            "now and would replace it: `terraform untaint ADDRESS` keeps it, and the next apply goes on "
            "from there: it installs the chart as a further revision, and waits.",
            err->msg, (long long)value_get_int(value_get(state->value, "revision")),
            value_dig_string(state->value, "status", NULL));
    return done;
}

static bool update(struct call *call, struct provider *provider, const struct resource_change *change,
                   struct resource_state *state, struct err *err) {
    struct operator_model model;
    if (!operator_decode(call, change->planned.value, &model, err))
        return false;
    if (value_kind(value_get(change->planned.value, "revision")) != VALUE_UNKNOWN) {
        *state = change->planned;
        return true;
    }
    struct call within =
        call_within(call, model.timeouts.update ? model.timeouts.update : DEFAULT_TIMEOUT_MS);
    bool done = write_release(&within, provider, change, false, state, err);
    call_join(call, &within);
    return done;
}

// ---- read ----

static void read_owner(struct call *call, const struct release *release, bool imported,
                       struct resource_state *state) {
    resource_owner_read(call->arena, release->owner, imported, state);
    if (!strcmp(release->status, "deployed") && resource_owner_is_other(release->owner, state))
        call_warn(
            call, subject_of(call->about), "Release belongs to another resource:",
            "The Helm release \"%s\" in namespace %s was taken over by another wandb_operator, of this "
            "configuration or another. Two that write one release undo each other's changes: keep one, "
            "and take the other out of its state (removed block or terraform state rm). Destroying this "
            "one will leave the release as it is.",
            release->name, release->namespace);
}

static bool read(struct call *call, struct provider *provider, struct resource_state *state,
                 struct err *err) {
    struct arena *arena = call->arena;
    struct operator_model model;
    struct release release;
    struct kube_ignored ignored = ignore_drift_of(arena, state->value);
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !operator_decode(call, state->value, &model, err))
        return false;
    struct value known = value_get(state->private, "revision");
    call->about = release_text(arena, model.namespace, model.name);
    if (!release_find(call, kube, model.namespace, model.name, (int)value_get_int(known), &release, err)) {
        if (err->kind != ERR_NOT_FOUND)
            return false;
        state->value = value_null();
        call_warn(call, subject_of(call->about), "Deleted outside of Terraform:",
                  "The Helm release \"%s\" is gone from namespace %s. Where the configuration has it, the "
                  "next apply "
                  "installs it again.",
                  model.name, model.namespace);
        err->kind = ERR_NONE;
        return true;
    }
    bool imported = value_is_null(value_get(state->value, "revision"));
    read_owner(call, &release, imported, state);
    struct value plain = operator_secrets_read(call, release.config, imported, state);
    if (imported && value_is_null(known)) // after a move nothing else has the release
        operator_takeover_import(call, provider, &model);
    if (imported && value_len(release.config))
        state->value =
            value_with(arena, state->value, "values", value_typed(arena, type_of_value(arena, plain), plain));
    struct operator_reading reading = {kube, provider_settings(provider)->field_manager, &ignored, imported};
    if (!operator_drift_read(call, &reading, &release, state, err))
        return false;
    state->value = with_release(arena, state->value, &release);
    state->identity = identity_value(arena, model.name, model.namespace);
    sightings_note(provider, call->about, NULL);
    return true;
}

// ---- destroy, import ----

// Their finalizer needs the controller that would go away with the release.
static bool check_no_instances(struct call *call, struct kube_client *kube,
                               const struct release_target *target, struct err *err) {
    struct release release;
    const char *names = NULL;
    if (release_latest(call, kube, target->namespace, target->name, &release, err)) {
        if (!served_instances(call, kube, &release, &names, err))
            return false;
    } else if (err->kind != ERR_NOT_FOUND) {
        return false;
    }
    err->kind = ERR_NONE;
    return !names ||
           err_set(
               err, ERR_CONFLICT,
               "W&B instances still exist that this operator serves: %s. Only it can release their "
               "finalizer. Destroy them first (a wandb_instance with depends_on does so by itself), or "
               "delete them with kubectl delete wandb. Where the release is only to be replaced because "
               "its installation failed, `terraform untaint ADDRESS` keeps it, and the next apply goes on "
               "from there",
               names);
}

// Of a release that another resource took over nothing is this one's.
static bool is_taken(struct call *call, struct kube_client *kube, const struct release_target *target,
                     const struct resource_state *state, bool *out, struct err *err) {
    const char *owner;
    if (!release_owner(call, kube, target->namespace, target->name, &owner, err))
        return false;
    *out = resource_owner_is_other(owner, state);
    if (*out)
        call_warn(call, subject_of(release_text(call->arena, target->namespace, target->name)),
                  "Release kept:",
                  "The Helm release \"%s\" in namespace %s was taken over by another wandb_operator (adopt = "
                  "true), so it is not uninstalled. If that is what should have replaced this one: with "
                  "create_before_destroy a release is never made anew under its own name.",
                  target->name, target->namespace);
    return true;
}

static bool destroy(struct call *call, struct provider *provider, struct resource_state *state,
                    struct err *err) {
    struct operator_model model;
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !operator_decode(call, state->value, &model, err))
        return false;
    struct call within =
        call_within(call, model.timeouts.destroy ? model.timeouts.destroy : DEFAULT_TIMEOUT_MS);
    struct release_target target = {.name = model.name,
                                    .namespace = model.namespace,
                                    .manager = provider_settings(provider)->field_manager,
                                    .wait = true};
    bool taken = false;
    bool done = is_taken(&within, kube, &target, state, &taken, err) &&
                (taken || (check_no_instances(&within, kube, &target, err) &&
                           release_uninstall(&within, kube, &target, err)));
    call_join(call, &within);
    return done;
}

static bool import(struct call *call, struct provider *provider, const char *id, struct value identity,
                   struct resource_state *state, struct err *err) {
    (void)provider;
    return identity_import(call->arena, &operator_schema, "wandb", id, identity, state, err);
}

const struct resource_impl resource_operator = {
    .schema = &operator_schema,
    .identity = &IDENTITY_SCHEMA,
    .validate = validate,
    .plan = plan,
    .create = create,
    .update = update,
    .destroy = destroy,
    .read = read,
    .import = import,
    .move = operator_move,
};
