// SPDX-License-Identifier: Apache-2.0
// A set of templates and its memory. Private to src/template.
#ifndef TEMPLATE_SET_H
#define TEMPLATE_SET_H

#include "template/exec.h"

// Templates by name, those a tpl text defines over those of the set.
struct scope {
    struct scope *outer;
    struct tree_slot {
        struct name name;
        struct tree *tree;
    } * slots; // open addressing; a power of two
    size_t count, cap;
};

struct template_set {
    const struct template_options *options;
    struct template_options defaults;
    struct arena *keep; // trees, caches, errors
    struct arena *out;  // the output being written
    struct rheap heap;
    struct scope scope;
    struct scope *current; // innermost while a tpl text runs
    struct template_error error;
    struct rmap *parsed; // texts given to tpl before, and what they parsed to
    struct rheap parsed_heap;
};

struct tree *scope_find(const struct scope *scope, const char *name, size_t len);
// Adds what a text defines, as Go does: a blank body never replaces one that says something.
void scope_add(struct arena *arena, struct scope *scope, struct tree *trees);

// Fills set->error for a text that does not parse; the message.
const char *set_parse_error(struct template_set *set, const struct source *source,
                            const struct parse_error *error);

#endif
