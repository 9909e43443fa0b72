// SPDX-License-Identifier: Apache-2.0
// A chart as Helm loads it: from a folder, a .tgz file or bytes in memory, with
// its subcharts. Everything lives in the arena it was loaded in. The rules are
// those of helm.sh/helm v3.20.1 (profile 3) and v4.3.1 (profile 4).
#ifndef HELM_CHART_H
#define HELM_CHART_H

#include "base/call.h"
#include "base/cursor.h"
#include "value/value.h"

struct helm_requirement;

// Which Helm's behaviour is asked for; they render differently in places.
enum helm_profile {
    HELM_3 = 3, // helm 3.20.1 and 3.22.0, which render the same bytes
    HELM_4 = 4, // helm 4.3.1
};

// Bounds on hostile charts, the same as Helm's.
#define HELM_FILE_LIMIT ((size_t)5 << 20)    // one file: 5 MiB
#define HELM_CHART_LIMIT ((size_t)100 << 20) // one chart, unpacked: 100 MiB

struct helm_file {
    const char *name; // relative to the chart, '/' separated: "templates/a.yaml"
    const char *data; // NUL-terminated, a UTF-8 byte order mark removed
    size_t len;
};

struct helm_files {
    struct helm_file *items;
    size_t count;
};

struct helm_chart {
    enum helm_profile profile;
    struct helm_chart *parent; // NULL for the root
    struct value metadata;     // Chart.yaml's known fields by their JSON names; a release stores this
    const char *name;
    const char *version;
    const char *app_version;  // "" when absent, as the next three
    const char *api_version;  // "v1" or "v2"
    const char *type;         // "", "application" or "library"
    const char *kube_version; // a semver constraint
    struct value lock;        // Chart.lock or requirements.lock; null when absent
    struct value values;      // values.yaml, a map; after helm_values_prepare with the children's defaults
    const struct helm_file *schema;   // values.schema.json; NULL when absent
    struct helm_files templates;      // templates/**, in loading order
    struct helm_files files;          // all other files: what a release stores and .Files shows
    struct helm_chart **dependencies; // subcharts that take part
    size_t dependency_count;
    struct helm_requirement **requirements; // Chart.yaml's dependencies; private to this room
    size_t requirement_count;
    bool prepared; // helm_values_prepare ran
    // Root chart only: "sha256:<64 hex>", of the .tgz's bytes; for a folder of the sorted
    // (name, length, bytes) of every file that takes part, so equal folders have equal digests.
    const char *digest;
};

// Loads a folder (symbolic links followed, .helmignore obeyed) or a .tgz file. ERR_NOT_FOUND when
// the path does not exist; error texts are Helm's own.
bool helm_chart_load(struct call *call, const char *path, enum helm_profile profile, struct helm_chart **out,
                     struct err *err);

// Loads the bytes of a .tgz.
bool helm_chart_load_tgz(struct arena *arena, struct cursor data, enum helm_profile profile,
                         struct helm_chart **out, struct err *err);

// Loads files already in memory, named relative to the chart's folder (for tests and bundles).
bool helm_chart_load_files(struct arena *arena, const struct helm_files *files, enum helm_profile profile,
                           struct helm_chart **out, struct err *err);

// The chart's path among its parents as Helm spells it: "root/charts/child".
const char *helm_chart_full_path(struct arena *arena, const struct helm_chart *chart);

// False, with Helm's text, when the chart can't be installed by itself (a library chart) or a
// dependency of Chart.yaml is "found in Chart.yaml, but missing in charts/ directory".
bool helm_chart_check_installable(const struct helm_chart *chart, struct err *err);
bool helm_chart_check_dependencies(struct arena *arena, const struct helm_chart *chart, struct err *err);

// One file of a chart's crds/ folder, subcharts included.
struct helm_crd {
    const char *file; // "root/charts/child/crds/a.yaml"
    const char *text; // as in the chart; may hold several documents
    size_t len;
};

struct helm_crds {
    struct helm_crd *items;
    size_t count;
};

// The CRDs in the order Helm installs them: parents first, file order within a chart.
struct helm_crds helm_chart_crds(struct arena *arena, const struct helm_chart *chart);

#endif
