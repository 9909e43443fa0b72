// SPDX-License-Identifier: Apache-2.0
// Finding a chart: a path, a URL of a .tgz, an http(s) repository with an
// index.yaml, or an OCI registry. Downloads are verified and cached by digest
// under ${XDG_CACHE_HOME:-~/.cache}/terraform-provider-wandb/charts.
#ifndef HELM_REPO_H
#define HELM_REPO_H

#include "helm/chart.h"

struct helm_repo_options {
    const char *chart; // "./operator", "wandb-1.2.tgz", "https://…/x.tgz", "oci://host/path/name", or a name
                       // in `repository`
    const char *repository;          // "https://charts.wandb.ai", "oci://host/path"; NULL for none
    const char *version;             // exact or a constraint; NULL or "" is the newest release
    bool devel;                      // NULL version also takes prereleases
    const char *username, *password; // NULL for none
    const char *ca_pem;              // PEM text of extra roots, or NULL
    const char *client_cert_pem, *client_key_pem;
    bool insecure_skip_tls_verify;
    bool pass_credentials;       // send them to other hosts too
    bool plain_http;             // OCI over http
    const char *registry_config; // docker config.json; NULL: $HELM_REGISTRY_CONFIG, then docker's own
    const char *cache_dir;       // NULL: the default above
    bool offline;                // only what the cache holds
};

struct helm_repo_chart {
    const char *origin;  // where it came from, for messages; no credentials in it
    const char *version; // as chosen; "" for a path
    const char *digest;  // "sha256:…" of the .tgz, or the folder's
    struct helm_chart *chart;
};

// Whether the chart is a path that is taken as it is. Helm 4 looks nowhere but in a repository that is given.
bool helm_repo_is_local(const struct helm_repo_options *options, enum helm_profile profile);

// Finds and loads the chart. When the network fails and the cache holds a chart that satisfies the request
// exactly (same repository, name and exact version), that one is used and the call gets a warning.
bool helm_repo_load(struct call *call, const struct helm_repo_options *options, enum helm_profile profile,
                    struct helm_repo_chart *out, struct err *err);

// Whether `version` satisfies `constraint` (an exact version or a constraint, by Helm's rules). False for a
// constraint or version that is none.
bool helm_version_satisfies(struct arena *arena, const char *constraint, const char *version, bool *out,
                            struct err *err);

#endif
