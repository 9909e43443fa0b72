// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_chart.h"

#include "go/semver.h"
#include "provider/config.h"
#include "wandb/instance.h"

#include <string.h>
#include <sys/stat.h>

enum { LOOK_MS = 15000 };

// ---- What runs ----

// Fewer than three numbers are a range to Helm.
static bool is_exact(struct arena *arena, const char *version) {
    struct semver parsed;
    struct err ignored = err_in(arena);
    return semver_parse_strict(arena, version + (*version == 'v'), &parsed, &ignored);
}

bool instance_chart_is_pinned(struct arena *arena, struct value chart) {
    const char *version = value_text_or(value_get(chart, "version"), "");
    switch (levels_chart_form(chart)) {
    case LEVELS_CHART_REPO: return is_exact(arena, version);
    case LEVELS_CHART_OCI: return !*version || is_exact(arena, version);
    default: return false;
    }
}

static const char *chart_text(struct arena *arena, struct value chart) {
    const char *name = value_dig_string(chart, "name", NULL);
    return arena_printf(arena, "%s %s", name ? name : "chart", value_dig_string(chart, "version", NULL));
}

static const char *decider(struct arena *arena, const struct instance_chart_reading *reading) {
    struct value spec = value_get(reading->live, "spec");
    switch (levels_chart_level(reading->levels, spec)) {
    case LEVELS_SPEC: return "Its spec.chart leaves the version open";
    case LEVELS_CONSOLE:
        return arena_printf(
            arena, "Its spec names no chart, so the System Console's counts (Secret %s/%s-spec-user)",
            reading->ref.namespace, reading->ref.name);
    default:
        return reading->levels->managed
                   ? "Its spec names no chart, so the managed spec's counts (ConfigMap wandb-spec-managed)"
                   : "Its spec names no chart, so it follows the release channel";
    }
}

void instance_chart_tell(struct call *call, const struct instance_chart_reading *reading) {
    struct value chart = value_untyped(value_dig(reading->live, "spec", "chart", NULL));
    struct value before = value_get(reading->before, "version"), now = value_get(reading->now, "version");
    bool known = value_kind(before) == VALUE_STRING && value_kind(now) == VALUE_STRING;
    if (!known || value_equal(before, now) || instance_chart_is_pinned(call->arena, chart))
        return;
    call_warn(
        call, subject_of(call->about), "Moved by itself:",
        "%s went from %s to %s since the last apply. %s. The next apply notes it. To decide yourself when it "
        "moves, pin the version in spec.chart; the data source wandb_release_channel gives what to write "
        "there as `pin`.",
        call->about, chart_text(call->arena, reading->before), chart_text(call->arena, reading->now),
        decider(call->arena, reading));
}

// ---- What is to be had ----

bool instance_chart_find(const struct provider *provider, struct value chart, struct repo_options *options) {
    const char *path = value_dig_string(chart, "path", NULL),
               *url = value_text_or(value_get(chart, "url"), "");
    const char *name = value_dig_string(chart, "name", NULL),
               *version = value_dig_string(chart, "version", NULL);
    struct stat info;
    *options = (struct repo_options){.chart = path ? path : url, .version = version};
    if (path)
        return stat(path, &info) == 0 && S_ISREG(info.st_mode);
    if (*url && strncmp(url, "oci://", 6) != 0 && name) {
        options->chart = name;
        options->repository = url;
    }
    options->username = value_dig_string(chart, "username", NULL);
    options->password = value_dig_string(chart, "password", NULL);
    options->registry_config = provider_settings(provider)->registry_config_path;
    return *url;
}

bool instance_chart_refuse(const char *why, struct err *err) {
    return err_at(
        err, "spec.chart",
        "the operator could not install this chart: %s.\n\nThe instance would stay as it is, in the "
        "phase \"" INSTANCE_REFUSED "\". Write a version that is there",
        why);
}

bool instance_chart_check(struct call *call, struct provider *provider, struct value spec, struct err *err) {
    struct value chart = value_untyped(value_get(value_untyped(spec), "chart"));
    struct err why = err_in(call->arena);
    struct repo_options options;
    struct repo_chart found;
    bool pinned = instance_chart_is_pinned(call->arena, chart);
    if (!pinned || !instance_chart_find(provider, chart, &options))
        return true;
    struct call within = call_within(call, LOOK_MS);
    if (repo_load(&within, &options, HELM_4, &found, &why))
        return true;
    if (found.absent)
        return instance_chart_refuse(why.msg, err);
    call_warn(call, subject_at(call->about, "spec.chart"),
              "Chart was not looked up:", "Whether there is such a version of the chart is not known: %s",
              why.msg);
    return true;
}

void instance_chart_explain(struct call *call, struct provider *provider, struct value live,
                            struct err *err) {
    struct call own = *call; // what is over may be what brought us here
    struct kube_ref ref = kube_ref_of(live);
    struct kube_client *kube;
    struct levels levels;
    struct repo_options options;
    struct repo_chart found;
    struct err why = err_in(call->arena);
    if (strcmp(instance_phase(live), INSTANCE_REFUSED) != 0 || err->kind == ERR_CANCELLED)
        return;
    own.deadline = call_now() + LOOK_MS;
    kube = provider_kube(&own, provider, &why);
    if (!kube || !levels_get(&own, kube, ref.namespace, ref.name, &levels, &why))
        return;
    struct value chart = levels_chart(&levels, value_get(live, "spec"));
    if (instance_chart_find(provider, chart, &options) && !repo_load(&own, &options, HELM_4, &found, &why) &&
        found.absent)
        err_set(err, err->kind, "%s.\n\nThat is why the operator refuses the spec:\n\n%s", why.msg, err->msg);
}
