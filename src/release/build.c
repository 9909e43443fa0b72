// SPDX-License-Identifier: Apache-2.0
#include "release/private.h"

#include "base/rfc3339.h"
#include "codec/base64.h"
#include "codec/yaml.h"

#include <string.h>

static bool capabilities(struct run *run, struct helm_capabilities *out, struct err *err) {
    struct kube_version version;
    if (!kube_server_version(run->call, run->kube, &version, err) ||
        !kube_api_versions(run->call, run->kube, &out->api_versions, &out->api_version_count, err))
        return err_wrap(err, "ask the cluster what it serves");
    out->kube_version = version.git_version;
    out->of_cluster = true;
    return crds_apis(run, &out->extra_api_versions, &out->extra_api_version_count, err);
}

bool build_render(struct run *run, int revision, bool is_upgrade, struct helm_rendered *out,
                  struct err *err) {
    const struct release_spec *spec = run->spec;
    struct helm_render_options options = {
        .release_name = spec->name,
        .namespace = spec->namespace,
        .revision = revision,
        .is_upgrade = is_upgrade,
        .lookup = release_lookup,
        .fetch = spec->fetch,
        .lookup_context = run,
    };
    struct arena *arena = run->call->arena;
    if (!helm_chart_check_installable(spec->chart, err) ||
        !helm_chart_check_dependencies(arena, spec->chart, err) ||
        !capabilities(run, &options.capabilities, err) ||
        !helm_render(run->call, spec->chart, run->values, &options, out, err))
        return err_wrap(err, "render chart %s %s", spec->chart->name, spec->chart->version);
    return true;
}

static struct value base64_value(struct arena *arena, const char *data, size_t len) {
    struct buf out;
    buf_init(&out, arena);
    base64_encode(&out, data, len);
    return value_string_len(arena, buf_text(&out), out.len);
}

static struct value file_value(struct arena *arena, const char *name, const char *data, size_t len) {
    struct value_entry entries[] = {{"data", base64_value(arena, data, len)},
                                    {"name", value_string(arena, name)}};
    return value_map(arena, entries, 2);
}

// `crds`: those of subcharts, by their paths in the chart ("charts/child/crds/a.yaml"). Helm stores the root
// chart alone; without them nobody could tell later what was applied. Helm reads nothing from such files.
static struct value files_value(struct arena *arena, const struct helm_files *files,
                                const struct helm_crds *crds) {
    struct value *items = arena_array(arena, files->count + crds->count + 1, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < files->count; i++)
        items[count++] = file_value(arena, files->items[i].name, files->items[i].data, files->items[i].len);
    for (size_t i = 0; i < crds->count; i++)
        items[count++] = file_value(arena, crds->items[i].file, crds->items[i].text, crds->items[i].len);
    return value_list(arena, items, count);
}

// The root chart alone, as Helm stores it: its subcharts' defaults are in `values` by now.
static struct value chart_value(struct arena *arena, const struct helm_chart *chart,
                                const struct helm_crds *crds) {
    struct value_entry entries[] = {
        {"files", files_value(arena, &chart->files, crds)},
        {"lock", chart->lock},
        {"metadata", chart->metadata},
        {"schema",
         chart->schema ? base64_value(arena, chart->schema->data, chart->schema->len) : value_null()},
        {"templates", files_value(arena, &chart->templates, &(struct helm_crds){0})},
        {"values", chart->values},
    };
    return value_map(arena, entries, 6);
}

static struct value strings(struct arena *arena, const char *const *items, size_t count) {
    struct value *list = arena_array(arena, count, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = value_string(arena, items[i]);
    return value_list(arena, list, count);
}

static struct value hook_value(struct arena *arena, const struct helm_hook *hook) {
    struct value_entry never[] = {{"completed_at", value_string_ref("")},
                                  {"phase", value_string_ref("")},
                                  {"started_at", value_string_ref("")}};
    struct value_entry entries[9] = {
        {"name", value_string(arena, hook->name)},
        {"kind", value_string(arena, hook->kind)},
        {"path", value_string(arena, hook->path)},
        {"manifest", value_string(arena, hook->manifest)},
        {"events", strings(arena, hook->events, hook->event_count)},
        {"last_run", value_map(arena, never, 3)},
    };
    size_t count = 6;
    if (hook->weight)
        entries[count++] = (struct value_entry){"weight", value_int(hook->weight)};
    if (hook->delete_policy_count)
        entries[count++] = (struct value_entry){
            "delete_policies", strings(arena, hook->delete_policies, hook->delete_policy_count)};
    if (hook->output_log_policy_count)
        entries[count++] = (struct value_entry){
            "output_log_policies", strings(arena, hook->output_log_policies, hook->output_log_policy_count)};
    return value_map(arena, entries, count);
}

static struct value hooks_value(struct arena *arena, const struct helm_rendered *rendered) {
    struct value *items = arena_array(arena, rendered->hook_count, sizeof *items);
    for (size_t i = 0; i < rendered->hook_count; i++)
        items[i] = hook_value(arena, &rendered->hooks[i]);
    return value_list(arena, items, rendered->hook_count);
}

// Of the chart's CRDs those that its own files do not hold.
static struct helm_crds crds_of_subcharts(struct arena *arena, const struct helm_rendered *rendered,
                                          const struct helm_chart *chart) {
    struct helm_crds crds = {arena_array(arena, rendered->crds.count + 1, sizeof *crds.items), 0};
    size_t root = strlen(chart->name) + 1;
    for (size_t i = 0; i < rendered->crds.count; i++) {
        struct helm_crd crd = rendered->crds.items[i];
        crd.file += root;
        if (strncmp(crd.file, "charts/", 7) == 0)
            crds.items[crds.count++] = crd;
    }
    return crds;
}

static bool decode(struct run *run, struct value record, const struct helm_crds *crds, struct err *err) {
    struct arena *arena = run->call->arena;
    struct value chart = chart_value(arena, run->spec->chart, crds);
    return record_decode(arena, value_with(arena, record, "chart", chart), &run->release, err);
}

bool build_record(struct run *run, const struct helm_rendered *rendered, int revision, const char *status,
                  const char *description, struct err *err) {
    struct arena *arena = run->call->arena;
    const char *now = rfc3339_now(arena),
               *first = run->history.count ? run->history.items[0].release.first_deployed : "";
    struct helm_crds crds = crds_of_subcharts(arena, rendered, run->spec->chart), none = {0};
    struct value_entry info[] = {
        {"deleted", value_string_ref("")},
        {"description", value_string(arena, description)},
        {"first_deployed", value_string(arena, *first ? first : now)},
        {"last_deployed", value_string(arena, now)},
        {"notes", value_string(arena, rendered->notes)},
        {"status", value_string(arena, status)},
    };
    struct value_entry entries[] = {
        // Helm 4 upgrades a release the way it was made. Ours is applied by another field manager than
        // helm's, which helm could not overwrite by server-side apply; "csa" makes it patch, which it can.
        {"apply_method", value_string_ref("csa")},
        {"config", rendered->user},
        {"hooks", hooks_value(arena, rendered)},
        {"info", value_map(arena, info, 6)},
        {"manifest", value_string(arena, rendered->manifest)},
        {"name", value_string(arena, run->spec->name)},
        {"namespace", value_string(arena, run->spec->namespace)},
        {"version", value_int(revision)},
    };
    struct value record = value_map(arena, entries, 8);
    if (!decode(run, record, &crds, err))
        return false;
    if (!crds.count || record_fits(arena, &run->release))
        return true;
    call_warn(run->call, subject_of(release_text(arena, run->spec->namespace, run->spec->name)),
              "CRDs of subcharts are not compared:",
              "The CRDs of the subcharts of chart %s are applied, but with them the record of release \"%s\" "
              "would be larger than what Kubernetes stores in a Secret (1 MiB), so changes to them will not "
              "be noticed.",
              run->spec->chart->name, run->spec->name);
    return decode(run, record, &none, err);
}
