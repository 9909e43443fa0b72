// SPDX-License-Identifier: Apache-2.0
// Finding a chart: a path, a URL of a .tgz, an http(s) repository with an
// index.yaml, or an OCI registry. Downloads are verified and cached by digest
// under ${XDG_CACHE_HOME:-~/.cache}/terraform-provider-wandb/charts.
#ifndef REPO_REPO_H
#define REPO_REPO_H

#include "helm/chart.h"

struct repo_options {
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

struct repo_chart {
    const char *origin;  // where it came from, for messages; no credentials in it
    const char *version; // as chosen; "" for a path
    const char *digest;  // "sha256:…" of the .tgz, or the folder's
    struct helm_chart *chart;
    bool absent; // when it was not found: the repository or registry answered, and has no such chart or
                 // version
};

// Whether the chart is a path that is taken as it is. Helm 4 looks nowhere but in a repository that is given.
bool repo_is_local(const struct repo_options *options, enum helm_profile profile);

// Finds and loads the chart. When the network fails and the cache holds a chart that satisfies the request
// exactly (same repository, name and exact version), that one is used and the call gets a warning.
bool repo_load(struct call *call, const struct repo_options *options, enum helm_profile profile,
               struct repo_chart *out, struct err *err);

// Fetches a document at an http(s) URL: what schemas refer to. A helm_fetch (helm/values.h).
bool repo_get_document(struct call *call, const char *url, const char **text, size_t *len, struct err *err);

// What -f and --set-file name: a file, "-" for standard input, or an http(s) URL, as Helm's pkg/cli/values
// reads it. A helm_fetch.
bool repo_read_values(struct call *call, const char *name, const char **text, size_t *len, struct err *err);

#endif
