// SPDX-License-Identifier: Apache-2.0
// Inside src/helm only: coalescing on tables, for dependencies and rendering.
#ifndef HELM_COALESCE_H
#define HELM_COALESCE_H

#include "helm/private.h"

struct coalescing {
    struct call *call; // gets the warnings; NULL for none
    const char *chart; // whose name they carry
    struct arena *arena;
    bool merge; // nulls stay (Helm's MergeValues), else they take defaults away (CoalesceValues)
};

// Puts the chart's defaults and those of its dependencies under `user`, which is changed and returned.
struct table *coalesce_chart(struct coalescing *c, const struct helm_chart *chart, struct table *user,
                             struct err *err);

// Puts `src` under `dst`; both change and may share tables afterwards.
void coalesce_tables(struct coalescing *c, struct table *dst, struct table *src, const char *prefix,
                     bool merge);

#endif
