// SPDX-License-Identifier: Apache-2.0
// Inside src/helm only: the objects templates see, as the runtime values of the template room.
#ifndef HELM_SCOPE_H
#define HELM_SCOPE_H

#include "helm/private.h"
#include "helm/render.h"
#include "template/function.h"

// A value of the user's that is noted: `note` numbers it, `entries` are those of a map, sorted by key.
struct noted {
    const char *key;
    uint16_t note;
    struct noted *entries;
    size_t count;
};

struct scope_making {
    struct arena *arena;
    const struct noted *noted; // the user's values; NULL: none are noted
    struct rheap *heap;
    enum helm_profile profile;
    struct rv release, capabilities; // shared by all scopes
};

// The whole version, and the one compared with constraints, of "1.33.4-gke.1"; parts of it.
struct kube_version_parts {
    const char *version, *normalized, *major, *minor;
};

// What the profile's `helm template --kube-version` makes of a version (ERR_INVALID: its words), or, when
// `of_cluster`, what a live cluster's version becomes.
bool scope_kube_version(struct arena *arena, enum helm_profile profile, const char *text,
                        struct kube_version_parts *out, struct err *err);

// .Release, .Capabilities, .Chart, .Files
struct rv scope_release(const struct scope_making *making, const struct helm_render_options *options);
struct rv scope_capabilities(const struct scope_making *making, const struct helm_capabilities *options,
                             const struct kube_version_parts *version);
struct rv scope_chart(const struct scope_making *making, const struct helm_chart *chart);
struct rv scope_files(const struct scope_making *making, const struct helm_files *files);

// A coalesced table as a map of the runtime; what was shared stays shared.
struct rmap *scope_values(const struct scope_making *making, struct table *table);

// The noted value of that name in a map; NULL: none.
const struct noted *noted_at(const struct noted *map, const char *key);

enum rv_type scope_values_type(enum helm_profile profile);

#endif
