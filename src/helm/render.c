// SPDX-License-Identifier: Apache-2.0
// A chart and values become manifests, hooks and notes.
#include "helm/render.h"

#include "go/strings.h"
#include "helm/coalesce.h"
#include "helm/engine.h"

#include <string.h>

bool helm_kube_version_check(struct arena *arena, enum helm_profile profile, const char *text,
                             struct err *err) {
    struct kube_version_parts ignored;
    return !text || scope_kube_version(arena, profile, text, &ignored, err) ||
           err_wrap(err, "invalid kube version '%s'", text);
}

bool engine_kube_version(struct arena *arena, enum helm_profile profile,
                         const struct helm_capabilities *options, struct kube_version_parts *out,
                         struct err *err) {
    const char *text = options->kube_version;
    if (!text)
        text = profile == HELM_4 ? "v1.37.0" : "v1.35.0";
    if (!helm_kube_version_check(arena, profile, text, err) ||
        !scope_kube_version(arena, profile, text, out, err))
        return false;
    if (options->of_cluster) // a live cluster's version is shown and compared as it is
        out->version = out->normalized = arena_strdup(arena, text);
    return true;
}

static bool check_kube_version(struct arena *arena, const struct helm_chart *chart,
                               const struct kube_version_parts *version, struct err *err) {
    if (!*chart->kube_version || helm_version_matches(arena, chart->kube_version, version->normalized))
        return true;
    return err_set(err, ERR_INVALID,
                   "chart requires kubeVersion: %s which is incompatible with Kubernetes %s",
                   chart->kube_version, version->version);
}

// Takes the NOTES.txt files out of the rest. The order of several is random in Helm; here it is that of
// rendering.
static const char *take_notes(struct arena *arena, const struct helm_chart *chart, bool subcharts,
                              struct rendered_files *files) {
    const char *own = arena_printf(arena, "%s/templates/NOTES.txt", chart->name);
    struct buf notes;
    size_t kept = 0;
    buf_init(&notes, arena);
    for (size_t i = 0; i < files->count; i++) {
        struct rendered_file file = files->items[i];
        if (!go_has_suffix(file.path, "NOTES.txt")) {
            files->items[kept++] = file;
        } else if (subcharts || !strcmp(file.path, own)) {
            if (notes.len)
                buf_char(&notes, '\n');
            buf_add(&notes, file.text, file.len);
        }
    }
    files->count = kept;
    return buf_text(&notes);
}

static const char *release_manifest(struct arena *arena, const struct helm_rendered *rendered) {
    struct buf out;
    buf_init(&out, arena);
    for (size_t i = 0; i < rendered->manifest_count; i++)
        buf_printf(&out, "---\n# Source: %s\n%s\n", rendered->manifests[i].source,
                   rendered->manifests[i].text);
    return buf_text(&out);
}

// Prepares a chart once; a second rendering of the same chart finds it done.
static bool prepare(struct call *call, struct helm_chart *chart, struct value user, struct err *err) {
    return chart->prepared || helm_values_prepare(call, chart, user, err);
}

bool helm_render(struct call *call, struct helm_chart *chart, struct value user,
                 const struct helm_render_options *options, struct helm_rendered *out, struct err *err) {
    struct arena *arena = call->arena;
    struct coalescing coalescing = {.call = call, .chart = chart->name, .arena = arena};
    struct rendering rendering = {.chart = chart, .options = options};
    struct rendered_files files;
    if (value_is_null(user))
        user = value_map(arena, NULL, 0);
    *out = (struct helm_rendered){.user = user};
    if (!engine_kube_version(arena, chart->profile, &options->capabilities, &rendering.version, err) ||
        !prepare(call, chart, user, err))
        return false;
    rendering.values = coalesce_chart(&coalescing, chart, table_from_value(arena, user), err);
    if (!rendering.values)
        return false;
    out->values = table_to_value(arena, rendering.values);
    if (!options->skip_schema && !helm_values_check_schema(call, chart, out->values, options->fetch, err))
        return false;
    out->rendering = true;
    if (!check_kube_version(arena, chart, &rendering.version, err) ||
        !engine_render(call, &rendering, &files, err))
        return false;
    out->notes = take_notes(arena, chart, options->subchart_notes, &files);
    out->crds = helm_chart_crds(arena, chart);
    if (!manifest_sort(call, chart->profile, &files, out, err))
        return false;
    out->manifest = release_manifest(arena, out);
    return true;
}
