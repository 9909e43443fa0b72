// SPDX-License-Identifier: Apache-2.0
// File names and patterns as Go's path and filepath packages see them.
#ifndef GO_PATH_H
#define GO_PATH_H

#include "base/arena.h"

// filepath.Match: 1 match, 0 none, -1 bad pattern.
int go_path_match(const char *pattern, const char *name);

// path.Base of a name without a slash at its end.
const char *go_path_base(const char *path);

// path.Clean.
const char *go_path_clean(struct arena *arena, const char *path);

#endif
