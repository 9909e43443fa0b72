// SPDX-License-Identifier: Apache-2.0
// How far an operator 1.x is: its active spec is what it merged and applied last (wandb/operator v1.22.0).
#include "base/buf.h"
#include "value/diff.h"
#include "value/retain.h"
#include "wandb/instance.h"
#include "wandb/private.h"

#include <string.h>

enum { PATHS_SHOWN = 5 };

bool readiness_v1_refused(struct value live) {
    return !strcmp(instance_phase(live), INSTANCE_REFUSED);
}

// The first level that has a chart decides it whole; of that the operator keeps what its form knows.
static const char *chart_problem(struct arena *arena, struct value spec, const struct levels *levels) {
    static const char *const MEMBERS[][4] = {
        [LEVELS_CHART_NONE] = {NULL},
        [LEVELS_CHART_PATH] = {"path", NULL},
        [LEVELS_CHART_OCI] = {"url", "version", NULL},
        [LEVELS_CHART_REPO] = {"url", "name", "version", NULL},
    };
    struct value chart = levels_chart(levels, spec);
    const char *const *members = MEMBERS[levels_chart_form(chart)];
    for (; *members; members++) {
        const char *wanted = value_text_or(value_get(chart, *members), "");
        struct value active = value_get(levels->active.chart, *members);
        if (*wanted && !value_is_text(active, wanted))
            return arena_printf(arena, "chart.%s is %s, not yet %s", *members, value_text_or(active, "unset"),
                                wanted);
    }
    return NULL;
}

static const char *values_problem(struct arena *arena, struct value expected, struct value active) {
    if (value_same_stored(NULL, expected, active))
        return NULL;
    struct diff diff = diff_values(arena, expected, active, "values", true);
    struct buf out;
    buf_init(&out, arena);
    buf_str(&out, "the operator's active spec still differs at ");
    for (size_t i = 0; i < diff.count && i < PATHS_SHOWN; i++)
        buf_printf(&out, "%s%s", i ? ", " : "", diff.items[i].path);
    if (diff.count > PATHS_SHOWN)
        buf_printf(&out, " and %zu more paths", diff.count - PATHS_SHOWN);
    return buf_text(&out);
}

// An airgapped operator leaves the channel out, its cached answer included; from outside that cannot be seen.
const char *readiness_v1_missing(struct arena *arena, struct value spec, const struct levels *levels) {
    struct levels airgapped = *levels;
    struct value values = value_get(spec, "values");
    airgapped.channel = (struct level){0};
    if (!levels->active.present)
        return "the operator has not written its active spec yet";
    const char *problem =
        values_problem(arena, levels_merge(arena, levels, values).merged, levels->active.values);
    if (!problem)
        problem = chart_problem(arena, spec, levels);
    bool without_channel =
        problem && levels->channel.present && !chart_problem(arena, spec, &airgapped) &&
        !values_problem(arena, levels_merge(arena, &airgapped, values).merged, levels->active.values);
    return without_channel ? NULL : problem;
}

const char *readiness_v1_uninstalled(struct arena *arena, const struct kube_ref *instance) {
    return arena_printf(
        arena,
        "the operator's active spec is this one, but there is no Helm release \"%s\" in namespace "
        "%s: it installs the chart only when the spec differs from Secret %s-spec-active. "
        "Delete that Secret and restart the operator, and it does",
        instance->name, instance->namespace, instance->name);
}
