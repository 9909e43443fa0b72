// SPDX-License-Identifier: Apache-2.0
// Inside src/helm only: runs a chart's templates.
#ifndef HELM_ENGINE_H
#define HELM_ENGINE_H

#include "helm/manifest.h"
#include "helm/scope.h"

// What templates are run with.
struct rendering {
    const struct helm_chart *chart;
    struct table *values; // the coalesced tree; what templates change in it stays among themselves
    const struct helm_render_options *options;
    struct kube_version_parts version;
    // To learn what templates look at (template_options.every_branch), the user's values and, by note, what
    // was looked at; NULL otherwise.
    const struct noted *noted;
    bool *seen;
    template_functions *functions; // NULL: Helm's
    uint64_t steps;                // template_limits, 0: its default
};

// Parses all templates of the chart and its subcharts, then runs those that are no partials. Errors are
// worded as helm words them.
bool engine_render(struct call *call, const struct rendering *rendering, struct rendered_files *out,
                   struct err *err);

// The version that .Capabilities shows; ERR_INVALID in helm's words.
bool engine_kube_version(struct arena *arena, enum helm_profile profile,
                         const struct helm_capabilities *options, struct kube_version_parts *out,
                         struct err *err);

// The profile's wording of a failed run: Helm 3 shortens, Helm 4 lays the places out line by line.
const char *engine_parse_error(struct arena *arena, const char *file, const char *text);
const char *engine_exec_error(struct arena *arena, enum helm_profile profile, const char *file,
                              const struct template_error *error);

#endif
