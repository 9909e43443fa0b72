// SPDX-License-Identifier: Apache-2.0
// wandb_operator: the Helm release of the operator chart.
#include "provider/config.h"
#include "provider/content.h"
#include "provider/identity.h"
#include "provider/operator_model.h"
#include "provider/operator_takeover.h"
#include "provider/release_drift.h"
#include "provider/secrets.h"
#include "release/release.h"
#include "wandb/drift.h"
#include "wandb/instance.h"

#include <string.h>

enum { DEFAULT_TIMEOUT_MS = 10 * 60 * 1000 };

static const struct schema IDENTITY_SCHEMA = {.name = "wandb_operator", .attrs = identity_attrs};

static struct secrets secrets_of(struct arena *arena, struct value values_wo) {
    struct secrets secrets = {0};
    secrets_add_tree(arena, &secrets, values_wo);
    return secrets;
}

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
    return operator_decode(call, config, &model, err) && check_object(model.values, "values", err) &&
           check_object(model.values_wo, "values_wo", err) &&
           check_documents(call, value_get(config, "values_yaml"), model.source.profile, err) &&
           chart_source_check(call->arena, &model.source, err);
}

// ---- plan ----

// Reasons to write that the configuration does not show.
static bool must_write(struct call *call, const struct operator_model *model, struct value config_values_wo,
                       const struct resource_plan *plan) {
    struct arena *arena = call->arena;
    struct value prior = plan->prior.value, found = value_get(prior, "drift_found");
    struct secrets secrets = secrets_of(arena, config_values_wo);
    const char *status = value_dig_string(prior, "status", NULL);
    if (secrets_changed(arena, &secrets, value_get(plan->prior.private, "secrets")))
        return true;
    if (value_len(found) && !strcmp(model->drift, "enforce"))
        return true;
    return !status || strcmp(status, "deployed") != 0;
}

// What is known after a write, in the order of the table.
static const char *const OUTCOME[] = {"chart_version", "app_version", "chart_digest", "revision",
                                      "status",        "objects",     "drift_found"};

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

static struct value planned_outcome(struct arena *arena, const struct resource_plan *plan,
                                    const struct chart_plan *chart, bool bookkeeping) {
    struct value planned = plan->planned.value;
    size_t count = bookkeeping ? sizeof OUTCOME / sizeof *OUTCOME : 0;
    for (size_t i = 0; i < count; i++)
        planned = value_with(arena, planned, OUTCOME[i], value_get(plan->prior.value, OUTCOME[i]));
    if (bookkeeping)
        return planned;
    planned = value_with(arena, planned, "drift_found", value_list(arena, NULL, 0));
    planned = value_with(arena, planned, "status", value_string_ref("deployed"));
    planned = value_with(arena, planned, "chart_version", chart->version);
    return value_with(arena, planned, "chart_digest", value_unknown());
}

static bool plan(struct call *call, struct provider *provider, struct resource_plan *plan, struct err *err) {
    struct arena *arena = call->arena;
    struct operator_model model, config;
    struct value prior = plan->prior.value;
    struct chart_plan chart;
    if (value_is_null(plan->config))
        return true;
    if (!operator_decode(call, plan->planned.value, &model, err) ||
        !operator_decode(call, plan->config, &config, err) ||
        !chart_source_plan(call, prior, plan->planned.value, &model.source, &chart, err))
        return false;
    if (value_is_null(prior) && model.adopt)
        operator_takeover_plan(call, provider, &model, plan);
    bool must = !value_is_null(prior) && (chart.changed || must_write(call, &model, config.values_wo, plan));
    if (must)
        resource_plan_update(arena, &operator_schema, plan);
    if (plan->changes)
        plan->planned.value = planned_outcome(arena, plan, &chart, !must && is_bookkeeping(plan, &chart));
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

// What is kept about a release that exists, also when its installation went wrong.
static void note_release(struct arena *arena, const struct resource_change *change,
                         const struct operator_model *model, const struct secrets *secrets,
                         const char *digest, const struct release *release, bool failed,
                         struct resource_state *state) {
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
    struct value_entry private[] = {
        {"revision", value_int(release->revision)},
        {"secrets", secrets_note(arena, secrets, value_get(change->prior.private, "secrets"))},
    };
    struct value value = with_release(arena, change->planned.value, release);
    state->value = value_with(arena, value, "chart_digest", value_string(arena, digest));
    state->private = value_map(arena, private, 2);
    state->identity = identity_value(arena, model->name, model->namespace);
}

static bool write_release(struct call *call, struct provider *provider, const struct resource_change *change,
                          bool install, struct resource_state *state, struct err *err) {
    struct arena *arena = call->arena;
    struct operator_model model, config;
    struct helm_repo_chart chart;
    struct release release = {0};
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !operator_decode(call, change->planned.value, &model, err) ||
        !operator_decode(call, change->config, &config, err))
        return false;
    model.source.password = config.password_wo;
    struct secrets secrets = secrets_of(arena, config.values_wo);
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
    };
    if (!chart_source_load(call, provider, &model.source, change->planned.value, &chart, err) ||
        !user_values(call, &model, &config, &spec.values, err))
        return false;
    spec.chart = chart.chart;
    bool done = install ? release_install(call, kube, &spec, &release, err)
                        : release_upgrade(call, kube, &spec, &release, err);
    note_release(arena, change, &model, &secrets, chart.digest, &release, !done, state);
    return done && release_drift_settle(call, kube, spec.manager, &release, state, err);
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

// A release's values without those whose names say that they are secret; their paths go to `left_out`.
static struct value plain_values(struct arena *arena, struct value values, const char *prefix,
                                 struct buf *left_out) {
    struct value plain = value_map(arena, NULL, 0);
    for (size_t i = 0; i < value_len(values); i++) {
        const struct value_entry *entry = value_entry_at(values, i);
        const char *path = arena_printf(arena, "%s%s%s", prefix, *prefix ? "." : "", entry->key);
        struct value kept = entry->value;
        if (value_kind(kept) == VALUE_STRING && value_len(kept) && drift_is_secret("", path)) {
            buf_printf(left_out, "%s%s", left_out->len ? ", " : "", path);
            continue;
        }
        if (value_kind(kept) == VALUE_MAP)
            kept = plain_values(arena, kept, path, left_out);
        plain = value_with(arena, plain, entry->key, kept);
    }
    return plain;
}

static void import_values(struct call *call, const struct release *release, struct resource_state *state) {
    struct arena *arena = call->arena;
    struct buf left_out;
    buf_init(&left_out, arena);
    struct value plain = plain_values(arena, release->config, "", &left_out);
    state->value =
        value_with(arena, state->value, "values", value_typed(arena, type_of_value(arena, plain), plain));
    if (left_out.len)
        call_warn(call, "values_wo", "Secret values are not imported",
                  "The release \"%s\" was given values that are secret by their names; the state does not "
                  "take them: %s. "
                  "Give them in values_wo, or the next apply installs the chart without them.",
                  release->name, buf_text(&left_out));
}

static bool read(struct call *call, struct provider *provider, struct resource_state *state,
                 struct err *err) {
    struct arena *arena = call->arena;
    struct operator_model model;
    struct release release;
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !operator_decode(call, state->value, &model, err))
        return false;
    struct value known = value_get(state->private, "revision");
    if (!release_find(call, kube, model.namespace, model.name, (int)value_get_int(known), &release, err)) {
        if (err->kind != ERR_NOT_FOUND)
            return false;
        state->value = value_null();
        call_warn(call, NULL, "Drift detected",
                  "The Helm release \"%s\" is gone from namespace %s. Applying this plan installs it again.",
                  model.name, model.namespace);
        err->kind = ERR_NONE;
        return true;
    }
    secrets_hide(call, value_get(state->private, "secrets"), release.config);
    bool imported = value_is_null(value_get(state->value, "revision"));
    bool report = !strcmp(model.drift, "report");
    if (imported)
        operator_takeover_import(call, provider, &model);
    if (imported && value_len(release.config))
        import_values(call, &release, state);
    if (!release_drift_read(call, kube, provider_settings(provider)->field_manager, &release, !report, state,
                            err))
        return false;
    state->value = with_release(arena, state->value, &release);
    state->identity = identity_value(arena, model.name, model.namespace);
    return true;
}

// ---- destroy, import ----

// Their finalizer needs the controller that would go away with the release.
static bool check_no_instances(struct call *call, struct kube_client *kube, struct err *err) {
    struct value list;
    struct buf names;
    if (!instance_list(call, kube, &list, err))
        return false;
    if (!value_len(list))
        return true;
    buf_init(&names, call->arena);
    for (size_t i = 0; i < value_len(list); i++)
        buf_printf(&names, "%s%s/%s", i ? ", " : "",
                   value_dig_string(value_at(list, i), "metadata", "namespace", NULL),
                   value_dig_string(value_at(list, i), "metadata", "name", NULL));
    return err_set(
        err, ERR_CONFLICT,
        "W&B instances still exist: %s. Only this operator can release their finalizer. Destroy them first "
        "(a "
        "wandb_instance with depends_on does so by itself), or delete them with kubectl delete wandb",
        buf_text(&names));
}

static bool destroy(struct call *call, struct provider *provider, struct resource_state *state,
                    struct err *err) {
    struct operator_model model;
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !operator_decode(call, state->value, &model, err))
        return false;
    struct call within =
        call_within(call, model.timeouts.destroy ? model.timeouts.destroy : DEFAULT_TIMEOUT_MS);
    struct release_target target = {model.name, model.namespace, provider_settings(provider)->field_manager,
                                    true, 0};
    bool done = check_no_instances(&within, kube, err) && release_uninstall(&within, kube, &target, err);
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
};
