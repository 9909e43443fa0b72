// SPDX-License-Identifier: Apache-2.0
// The patterns of .Files.Glob, with '/' as separator: * ? [a-z] [!x] {a,b} and
// ** across folders.
#ifndef HELM_GLOB_H
#define HELM_GLOB_H

#include "base/arena.h"

#include <stdbool.h>

struct glob;

// NULL when the pattern is malformed.
struct glob *glob_compile(struct arena *arena, const char *pattern);

// Linear in the name's length times the pattern's.
bool glob_match(const struct glob *glob, const char *name);

#endif
