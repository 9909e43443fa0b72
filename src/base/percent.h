// SPDX-License-Identifier: Apache-2.0
// Percent escapes, as URLs have them.
#ifndef BASE_PERCENT_H
#define BASE_PERCENT_H

#include "base/arena.h"

// The byte that stands escaped at `at` ("%2f…"); -1 where there is no escape.
int percent_byte(const char *at);

// The text with its escapes decoded; a percent sign that begins none stays.
const char *percent_decode(struct arena *arena, const char *text, size_t len);

#endif
