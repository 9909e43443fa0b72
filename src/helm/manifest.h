// SPDX-License-Identifier: Apache-2.0
// Inside src/helm only: rendered files become documents, hooks and an order.
#ifndef HELM_MANIFEST_H
#define HELM_MANIFEST_H

#include "helm/private.h"
#include "helm/render.h"

struct rendered_file {
    const char *path;
    const char *text;
    size_t len;
};

struct rendered_files {
    struct rendered_file *items;
    size_t count;
};

struct texts {
    const char **items;
    const size_t *lens; // of documents only: one with a NUL is for YAML to refuse
    size_t count;
};

// The documents of a stream, split by text alone as the profile's helm does.
struct texts manifest_documents(struct arena *arena, enum helm_profile profile, const char *text, size_t len);

// Sorts files by path, splits them, tells hooks from manifests, and sorts both by kind.
bool manifest_sort(struct call *call, enum helm_profile profile, struct rendered_files *files,
                   struct helm_rendered *out, struct err *err);

#endif
