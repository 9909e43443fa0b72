// SPDX-License-Identifier: Apache-2.0
// Shared inside src/codec: whether a text is JSON, and if not, where that shows.
#ifndef CODEC_JSON_SYNTAX_H
#define CODEC_JSON_SYNTAX_H

#include "base/arena.h"

#include <stdbool.h>

struct json_fault {
    const char *what; // in the words of Go's json.Decoder; NULL where there is none
    size_t at;        // of the first byte that cannot stand where it is
    bool too_deep;
};

// Checks that the text is one document that nests at most `levels` deep.
struct json_fault json_check(struct arena *arena, const char *text, size_t len, int levels);

#endif
