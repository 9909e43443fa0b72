// SPDX-License-Identifier: Apache-2.0
// How the W&B operator 1.x merges the levels of an instance's values: custom resource over
// System Console over release channel over its own defaults. Source of the rules:
// wandb/operator v1.22.0 pkg/utils/merge.go and pkg/wandb/spec/spec.go. Pure.
#ifndef WANDB_HIERARCHY_H
#define WANDB_HIERARCHY_H

#include "base/err.h"
#include "value/value.h"

// One level, e.g. {"System Console", values}. Values null or absent contribute nothing.
struct hierarchy_level {
    const char *name;
    struct value values;
};

enum hierarchy_finding_kind {
    HIERARCHY_SHADOWED, // the higher level hides a different value of the lower
    HIERARCHY_APPENDED, // both have a list: the result is higher then lower
    HIERARCHY_MISMATCH, // kinds differ: the operator stops at this for ever, deletion included
    HIERARCHY_NULL,     // null meets a value: the operator panics at every reconcile
};

struct hierarchy_finding {
    enum hierarchy_finding_kind kind;
    const char *path;           // value/path.h text, below "values"
    const char *higher, *lower; // names of the two levels
    struct value high, low;     // what each level has there
};

struct hierarchy {
    struct value merged; // null when nothing contributed; undefined below a fatal finding
    const struct hierarchy_finding *findings;
    size_t count;
    bool fatal; // holds a HIERARCHY_MISMATCH or HIERARCHY_NULL
};

// Merges levels, the highest first, and tells every place where they meet. When a path was
// already merged from several levels, `higher` is the highest one that has it. Unknown values meet anything.
struct hierarchy hierarchy_merge(struct arena *arena, const struct hierarchy_level *levels, size_t count);

// The merge alone: fails at the first fatal finding, naming path and both kinds, as the operator would.
bool hierarchy_merge_values(struct arena *arena, const struct hierarchy_level *levels, size_t count,
                            struct value *out, struct err *err);

#endif
