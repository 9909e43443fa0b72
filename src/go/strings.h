// SPDX-License-Identifier: Apache-2.0
// Go's package strings, as far as charts and their files are read with it.
#ifndef GO_STRINGS_H
#define GO_STRINGS_H

#include "base/arena.h"

#include <stdbool.h>

bool go_has_prefix(const char *text, const char *prefix);
bool go_has_suffix(const char *text, const char *suffix);

// strings.TrimSpace, a copy.
const char *go_trim_space(struct arena *arena, const char *text, size_t len);

// Its two halves within [p, end): where the text begins, and where it ends.
const char *go_trim_left(const char *p, const char *end);
const char *go_trim_right(const char *p, const char *end);

#endif
