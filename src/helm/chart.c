// SPDX-License-Identifier: Apache-2.0
// What a loaded chart can be asked.
#include "helm/private.h"

#include "base/list.h"

#include <string.h>
#include <strings.h>

const char *helm_chart_full_path(struct arena *arena, const struct helm_chart *chart) {
    if (!chart->parent)
        return chart->name;
    return arena_printf(arena, "%s/charts/%s", helm_chart_full_path(arena, chart->parent), chart->name);
}

bool helm_chart_check_installable(const struct helm_chart *chart, struct err *err) {
    if (!*chart->type || !strcmp(chart->type, "application"))
        return true;
    return err_set(err, ERR_INVALID, "%s charts are not installable", chart->type);
}

static bool has_dependency(const struct helm_chart *chart, const char *name) {
    for (size_t i = 0; i < chart->dependency_count; i++)
        if (!strcmp(chart->dependencies[i]->name, name))
            return true;
    return false;
}

bool helm_chart_check_dependencies(struct arena *arena, const struct helm_chart *chart, struct err *err) {
    struct buf missing;
    size_t count = 0;
    buf_init(&missing, arena);
    for (size_t i = 0; i < chart->requirement_count; i++)
        if (!has_dependency(chart, chart->requirements[i]->name))
            buf_printf(&missing, "%s%s", count++ ? ", " : "", chart->requirements[i]->name);
    if (!count)
        return true;
    bool four = chart->profile == HELM_4;
    return err_set(
        err, ERR_INVALID,
        "%cn error occurred while checking for chart dependencies. You may need to run %chelm dependency "
        "build%c to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: %s",
        four ? 'a' : 'A', four ? '\'' : '`', four ? '\'' : '`', buf_text(&missing));
}

static bool is_manifest(const char *name) {
    const char *dot = strrchr(go_path_base(name), '.');
    return dot && (!strcasecmp(dot, ".yaml") || !strcasecmp(dot, ".yml") || !strcasecmp(dot, ".json"));
}

static void collect_crds(struct arena *arena, const struct helm_chart *chart, struct helm_crds *out) {
    const char *prefix = helm_chart_full_path(arena, chart);
    for (size_t i = 0; i < chart->files.count; i++) {
        const struct helm_file *file = &chart->files.items[i];
        if (!go_has_prefix(file->name, "crds/") || !is_manifest(file->name))
            continue;
        *LIST_ADD(arena, out->items, out->count) =
            (struct helm_crd){arena_printf(arena, "%s/%s", prefix, file->name), file->data, file->len};
    }
    for (size_t i = 0; i < chart->dependency_count; i++)
        collect_crds(arena, chart->dependencies[i], out);
}

struct helm_crds helm_chart_crds(struct arena *arena, const struct helm_chart *chart) {
    struct helm_crds crds = {0};
    collect_crds(arena, chart, &crds);
    return crds;
}
