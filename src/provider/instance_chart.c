// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_chart.h"

#include "go/semver.h"

#include <string.h>

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
