// SPDX-License-Identifier: Apache-2.0
// A running template. Private to src/template.
#ifndef TEMPLATE_EXEC_H
#define TEMPLATE_EXEC_H

#include "template/node.h"

struct variable {
    struct name name;
    struct rv value;
};

struct exec {
    struct rt rt;
    struct buf out;          // what all running templates write; include cuts its part off the end
    const struct tree *tree; // being executed: NAME of error texts
    const struct node *node; // being evaluated: place of error texts
    struct variable *vars;
    size_t var_count, var_cap, var_base; // var_base: `$` of the running template
    struct rmap *active;                 // how often each name is being included now
    size_t lowest_set; // var_base of the outermost template that assigned to a variable, see reclaim
    unsigned depth;    // {{template}} inside {{template}}
    bool aside;        // inside a branch that a condition leaves out
    const char *stack_floor;
    bool big_stack;
    bool limited;        // the failure is a bound of ours
    const char *failed;  // message of fail or required
    const char *failure; // innermost text of the failure
    struct wrap {        // what stands before it, outermost first
        const char *text;
        struct template_frame frame; // file NULL: no location
        struct wrap *next;
    } * wraps;
};

// Runs a whole template with its own variables.
bool exec_tree(struct exec *exec, struct tree *tree, struct rv data);
// The template of that name as the running text sees it.
struct tree *exec_lookup(struct exec *exec, const char *name, size_t len);
// Fails the running template at the current node with Go's text around `format`; always false.
bool exec_fail(struct exec *exec, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Puts text before the failure, or the place of the current node; always false.
bool exec_wrap(struct exec *exec, const char *text);
bool exec_locate(struct exec *exec);
// The whole failure, in `arena`.
struct template_error exec_error(struct arena *arena, const struct exec *exec);

// Variables.
void exec_push(struct exec *exec, struct name name, struct rv value);
bool exec_set(struct exec *exec, struct name name, struct rv value);
bool exec_get(struct exec *exec, struct name name, struct rv *out);

// Whether what a condition leaves out is to be run here, too.
bool exec_goes_aside(const struct exec *exec);

// A place of a template that evaluates a node, and what it hands to what it finds there.
struct site {
    const struct node *node; // of error texts
    struct rv dot;
    struct nodes args;      // [0] is the function itself when there are any
    const struct rv *final; // piped in, NULL for nothing
};

// Evaluation.
bool exec_pipeline(struct exec *exec, struct rv dot, const struct node *pipe, struct rv *out);
// Follows the names from the receiver on; what the site hands over goes to the last of them.
bool exec_field_chain(struct exec *exec, const struct site *site, struct rv receiver, struct names names,
                      struct rv *out);
// Calls a function or method.
bool exec_call(struct exec *exec, const struct site *site, const struct rt_func *func, struct rv *out);
// An argument under a parameter code.
bool exec_arg(struct exec *exec, struct rv dot, char code, const struct node *node, struct rv *out);
// Evaluates any operand that is not a constant.
bool exec_operand(struct exec *exec, const struct site *site, struct rv *out);
bool exec_constant(struct exec *exec, const struct node *node, struct rv *out);

// Calls `run` with more stack when this thread's is nearly used up; false with ERR_LIMIT beyond all.
bool exec_with_stack(struct exec *exec, bool (*run)(void *), void *argument);

extern const struct rt_func methods_values[], methods_duration[], methods_named_int[];

#endif
