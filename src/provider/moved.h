// SPDX-License-Identifier: Apache-2.0
// What other providers stored for an object that a `moved` block hands over: a Helm release of helm_release,
// or a custom resource of kubernetes_manifest or kubectl_manifest. Anything else is ERR_UNSUPPORTED, with
// what was found and what is accepted. Sources: the schemas of hashicorp/helm 2.17 and 3.1
// (resource_helm_release.go), hashicorp/kubernetes 2.38, gavinbunney/kubectl 1.19, alekc/kubectl 2.4 and 3.0.
#ifndef PROVIDER_MOVED_H
#define PROVIDER_MOVED_H

#include "provider/provider.h"
#include "wandb/secret_paths.h"

struct moved_release {
    const char *name, *namespace;
    const char *chart, *repository, *version; // as they were configured; NULL for none
    const char *chart_name;                   // of the chart that is installed
    int64_t revision;
    struct value values; // what was given, as Helm reads it, without what was given as a secret; null where
                         // the state does not tell
    struct secrets sensitive; // what was given as a secret
};

struct moved_object {
    struct value object;      // as it was written: apiVersion, kind, metadata, spec
    const char *managers[2];  // field managers that wrote it; NULL for none
    struct secrets sensitive; // what was called a secret of the spec, by paths in it
};

// Whether the source is a Helm release at all.
bool moved_is_release(const struct resource_source *source);

// `target`: the type it is to become.
bool moved_release(struct call *call, const struct resource_source *source, const char *target,
                   struct moved_release *out, struct err *err);
bool moved_object(struct call *call, const struct resource_source *source, const char *target,
                  struct moved_object *out, struct err *err);

#endif
