// SPDX-License-Identifier: Apache-2.0
// Rendering: a chart and values become what Helm would install, byte for byte,
// without a cluster. Cluster facts come in through the options.
#ifndef HELM_RENDER_H
#define HELM_RENDER_H

#include "base/buf.h"
#include "helm/values.h"

// What .Capabilities shows. Zeroed fields take the profile's defaults (those of `helm template`).
struct helm_capabilities {
    const char *kube_version;        // "v1.36.3"; NULL: the profile's default
    bool of_cluster;                 // kube_version is a live cluster's: suffixes such as -gke.1 count
    const char *const *api_versions; // "apps/v1", "apps/v1/Deployment"; replaces the defaults when not NULL
    size_t api_version_count;
    const char *const *extra_api_versions; // added to either (--api-versions)
    size_t extra_api_version_count;
};

// Answers the template function `lookup`: an object, a list object when `name` is "", or null when there is
// none; false is an error that ends the rendering. `namespace` and `name` may be "".
typedef bool helm_lookup(void *context, const char *api_version, const char *kind, const char *namespace,
                         const char *name, struct value *out, struct err *err);

struct helm_render_options {
    const char *release_name;
    const char *namespace; // NULL: "default"
    int revision;          // 0: 1
    bool is_upgrade;       // .Release.IsUpgrade, .IsInstall is its opposite
    bool skip_schema;      // --skip-schema-validation
    bool subchart_notes;   // --render-subchart-notes
    bool enable_dns;       // getHostByName answers
    struct helm_capabilities capabilities;
    helm_lookup *lookup; // NULL: everything is absent, as offline
    void *lookup_context;
    helm_fetch *fetch;   // for schemas that refer to URLs; NULL: they are refused
    size_t output_limit; // bytes of all rendered files, 0: 256 MiB
    // Sources that tests replace; NULL and 0 are the system's.
    void (*random)(void *context, void *out, size_t len);
    void *random_context;
    int64_t now; // nanoseconds since 1970
};

struct helm_manifest {
    const char *source; // "chart/templates/a.yaml"
    size_t document;    // which of its file's it is, or of a stored manifest's; from 1
    const char *text;   // one document, as Helm stores it: no "---", no "# Source:"
    const char *api_version, *kind, *name, *namespace; // "" when absent
    struct value object;                               // the document decoded (exact numbers)
};

struct helm_hook {
    const char *name, *kind, *path; // path: "chart/templates/a.yaml"
    size_t document;                // which of its file's it is; from 1
    const char *manifest;
    const char *const *events; // "pre-install", …, as Helm stores them
    size_t event_count;
    int64_t weight;
    const char *const *delete_policies; // "before-hook-creation", …; as written, none when absent
    size_t delete_policy_count;
    const char *const *output_log_policies;
    size_t output_log_policy_count;
};

struct helm_rendered {
    const struct helm_manifest *manifests; // in install order
    size_t manifest_count;
    const struct helm_hook *hooks; // in install order of their kinds; sort by weight and name per event
    size_t hook_count;
    struct helm_crds crds;
    const char *manifest; // what a release stores: "---\n# Source: …\n…\n" per manifest
    const char *notes;    // "" when the chart has none
    struct value values;  // the coalesced tree
    struct value user;    // what the user gave: a release's config
    bool rendering; // it came as far as the templates; helm words failures from there on a little longer
};

// False, in helm's words, when a --kube-version can't be read. NULL is fine.
bool helm_kube_version_check(struct arena *arena, enum helm_profile profile, const char *text,
                             struct err *err);

// Prepares the chart (once), coalesces, validates and renders it. Errors are worded as the profile's helm
// words them.
bool helm_render(struct call *call, struct helm_chart *chart, struct value user,
                 const struct helm_render_options *options, struct helm_rendered *out, struct err *err);

// What `helm template` prints. `show_only` are paths or globs relative to the chart ("templates/a.yaml").
struct helm_print_options {
    bool include_crds, no_hooks, skip_tests;
    const char *const *show_only;
    size_t show_only_count;
};
bool helm_render_print(const struct helm_rendered *rendered, enum helm_profile profile,
                       const struct helm_print_options *options, struct buf *out, struct err *err);

// Kind order of installation (-1, 0, 1 by profile); unknown kinds come last, by name. For uninstalling too.
int helm_kind_compare_install(enum helm_profile profile, const char *a, const char *b);
int helm_kind_compare_uninstall(enum helm_profile profile, const char *a, const char *b);

// An annotation's word as Helm compares it: without the white space around it, in lower case.
const char *helm_annotation_word(struct arena *arena, const char *text, size_t len);

// Splits a release's stored manifest into its documents, in stored order. A document that names no source has
// that of the one before it, "" where none does.
bool helm_manifest_split(struct arena *arena, enum helm_profile profile, const char *text,
                         const struct helm_manifest **out, size_t *count, struct err *err);

#endif
