// SPDX-License-Identifier: Apache-2.0
// What differs between two values, path by path.
#ifndef VALUE_DIFF_H
#define VALUE_DIFF_H

#include "value/path.h"
#include "value/value.h"

enum diff_kind { DIFF_CHANGED, DIFF_REMOVED, DIFF_ADDED };

struct difference {
    enum diff_kind kind;
    const char *path;    // value/path.h's text form, below the `prefix` given
    struct value wanted; // null when added
    struct value found;  // null when removed
};

struct diff {
    const struct difference *items; // in path order of a depth-first walk
    size_t count;
};

// Differences of `found` against `wanted`, maps by key, lists by index, leaves by value_equal.
// A whole subtree that only one side has is one difference. Null members count as absent when
// `null_is_absent` (an API server drops them). Paths start with `prefix` ("" for none).
struct diff diff_values(struct arena *arena, struct value wanted, struct value found, const char *prefix,
                        bool null_is_absent);

#endif
