// SPDX-License-Identifier: Apache-2.0
// Paths into values. Text form, used in errors and reports:
//     spec.values.global["weird.key"].list[0]
#ifndef VALUE_PATH_H
#define VALUE_PATH_H

#include "base/buf.h"
#include "base/err.h"
#include "value/value.h"

struct path_step {
    const char *key; // NULL for an index step
    size_t index;
};

// A path grows from its parent: `struct path here = {&parent, {.key = "spec"}};`, so
// walking a tree allocates nothing. The root is NULL.
struct path {
    const struct path *parent;
    struct path_step step;
};

// The text form, in the arena; "" for the root.
const char *path_text(struct arena *arena, const struct path *path);

// The same path as a JSON pointer (RFC 6901), for JSON patches: "/spec/values/a~1b". NULL when the text is no
// path.
const char *path_pointer(struct arena *arena, const char *text);

// One step of such a pointer, with its slash.
void path_pointer_step(struct buf *out, const struct path_step *step);

// Reads the text form. Steps are in order from the root.
bool path_parse(struct arena *arena, const char *text, const struct path_step **steps, size_t *count,
                struct err *err);

// The value at a text path; false when a step is missing.
bool path_get(struct value root, const struct path_step *steps, size_t count, struct value *out);

// A copy of `root` with the value at the path replaced; missing maps on the way are made.
// An index one past the end appends. Fails when a step meets a value of another kind.
bool path_set(struct arena *arena, struct value root, const struct path_step *steps, size_t count,
              struct value value, struct value *out, struct err *err);

#endif
