// SPDX-License-Identifier: Apache-2.0
// Merging as mergo 1.0.1 does, on which sprig's merge functions and so most charts rely,
// and copying as copystructure does.
#ifndef FUNCS_MERGE_H
#define FUNCS_MERGE_H

#include "template/function.h"

// Merges `from` into `*to`, which is changed (and made, when it is NULL and `from` is not).
// Without `overwrite` only what is missing or empty in `*to` is filled; with it `from` wins,
// by empty values and nil too. Maps present in both are merged, everything else is replaced
// whole and shared, not copied. `*refused`: mergo gave up because types differ.
// False after rt_fail (limits, or what would be a panic in Go).
bool merge_maps(struct rt *rt, struct rmap **to, struct rmap *from, bool overwrite, bool *refused);

// A deep copy of maps and lists. False when the limits are spent.
bool merge_copy(struct rt *rt, struct rv v, struct rv *out);

#endif
