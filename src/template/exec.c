// SPDX-License-Identifier: Apache-2.0
// Walking a template: text, actions and control structures.
#include "template/exec.h"
#include "go/quote.h"
#include "template/private.h"

#include <string.h>

enum { TEMPLATE_DEPTH_MAX = 100000 };

void exec_push(struct exec *exec, struct name name, struct rv value) {
    if (exec->var_count == exec->var_cap) {
        size_t cap = exec->var_cap ? exec->var_cap * 2 : 64;
        exec->vars = arena_grow(exec->rt.keep, exec->vars, exec->var_cap * sizeof *exec->vars,
                                cap * sizeof *exec->vars);
        exec->var_cap = cap;
    }
    exec->vars[exec->var_count++] = (struct variable){name, value};
}

static struct variable *find_variable(struct exec *exec, struct name name) {
    for (size_t i = exec->var_count; i > exec->var_base; i--) {
        struct variable *variable = &exec->vars[i - 1];
        if (variable->name.hash == name.hash && variable->name.len == name.len &&
            memcmp(variable->name.text, name.text, name.len) == 0)
            return variable;
    }
    return NULL;
}

bool exec_set(struct exec *exec, struct name name, struct rv value) {
    struct variable *variable = find_variable(exec, name);
    if (!variable)
        return exec_fail(exec, "undefined variable: %.*s", (int)name.len, name.text);
    variable->value = value;
    if (exec->var_base < exec->lowest_set)
        exec->lowest_set = exec->var_base;
    return true;
}

bool exec_get(struct exec *exec, struct name name, struct rv *out) {
    struct variable *variable = find_variable(exec, name);
    if (!variable)
        return exec_fail(exec, "undefined variable: %.*s", (int)name.len, name.text);
    *out = variable->value;
    return true;
}

// What a stretch of work made can be given back when it changed no older map and left no value
// in a variable of its own template (those of templates it ran are gone).
struct reclaim {
    struct arena_mark mark;
    uint64_t births, oldest_change;
    size_t vars, lowest_set;
};

static struct reclaim reclaim_begin(struct exec *exec) {
    struct rheap *heap = exec->rt.heap;
    struct reclaim reclaim = {arena_mark(heap->arena), heap->births, heap->oldest_change, exec->var_count,
                              exec->lowest_set};
    heap->oldest_change = UINT64_MAX;
    exec->lowest_set = SIZE_MAX;
    return reclaim;
}

// Ends a stretch whose result lives on.
static void reclaim_keep(struct exec *exec, struct reclaim reclaim) {
    struct rheap *heap = exec->rt.heap;
    if (reclaim.oldest_change < heap->oldest_change)
        heap->oldest_change = reclaim.oldest_change;
    if (reclaim.lowest_set < exec->lowest_set)
        exec->lowest_set = reclaim.lowest_set;
}

static void reclaim_end(struct exec *exec, struct reclaim reclaim) {
    struct rheap *heap = exec->rt.heap;
    if (!exec->rt.options->every_branch && heap->oldest_change >= reclaim.births &&
        exec->lowest_set > exec->var_base && exec->var_count == reclaim.vars)
        arena_release(heap->arena, reclaim.mark);
    reclaim_keep(exec, reclaim);
}

static bool check_output(struct exec *exec) {
    if (exec->out.len <= exec->rt.options->limits.output)
        return true;
    rt_fail_limit(&exec->rt, "the output is larger than its limit of %zu bytes",
                  exec->rt.options->limits.output);
    return exec_locate(exec);
}

static bool print_result(struct exec *exec, const struct node *node, struct rv v) {
    bool whole = true;
    exec->node = node;
    if (v.type == RT_NIL)
        buf_str(&exec->out, "<no value>");
    else if (v.type == RT_OBJECT && v.len && v.u.object->class->by_address && v.u.object->class->string)
        v.u.object->class->string(v.u.object, &exec->out);
    else
        whole = fmt_value(&exec->out, v);
    if (whole)
        return check_output(exec);
    rt_fail_limit(&exec->rt, "a value is too deep or too large to print");
    return exec_locate(exec);
}

// How a walk ended.
enum walk { WALK_FAILED, WALK_DONE, WALK_BREAK, WALK_CONTINUE };

static enum walk walk_node(struct exec *exec, struct rv dot, const struct node *node);

// Not inside another such branch: a template that calls itself under a condition would not end, and the work
// would double with each.
bool exec_goes_aside(const struct exec *exec) {
    return exec->rt.options->every_branch && !exec->aside && !exec->limited;
}

// Runs a branch that a condition leaves out; variables are afterwards what they were.
static void walk_aside(struct exec *exec, struct rv dot, const struct node *branch) {
    if (!branch || !exec_goes_aside(exec))
        return;
    size_t count = exec->var_count;
    struct variable *kept = arena_memdup(exec->rt.keep, exec->vars, count * sizeof *kept);
    exec->aside = true;
    walk_node(exec, dot, branch);
    exec->aside = false;
    memcpy(exec->vars, kept, count * sizeof *kept);
    exec->var_count = count;
}

static enum walk walk_action(struct exec *exec, struct rv dot, const struct node *node) {
    struct reclaim reclaim = reclaim_begin(exec);
    struct rv value;
    if (!exec_pipeline(exec, dot, node, &value))
        return WALK_FAILED;
    if (node->u.decl.count == 0 && !print_result(exec, node, value))
        return WALK_FAILED;
    reclaim_end(exec, reclaim);
    return WALK_DONE;
}

static enum walk walk_if_or_with(struct exec *exec, struct rv dot, const struct node *node) {
    size_t mark = exec->var_count;
    struct rv value;
    struct reclaim reclaim = reclaim_begin(exec);
    if (!exec_pipeline(exec, dot, node->v.branch.pipe, &value)) {
        walk_aside(exec, node->type == NODE_WITH ? rv_nil() : dot, node->v.branch.body);
        walk_aside(exec, dot, node->v.branch.otherwise);
        return WALK_FAILED;
    }
    bool truth = rv_truth(value);
    if (node->type == NODE_IF)
        reclaim_end(exec, reclaim);
    else
        reclaim_keep(exec, reclaim);
    enum walk walk = WALK_DONE;
    struct rv inner = node->type == NODE_WITH ? value : dot;
    walk_aside(exec, truth ? dot : inner, truth ? node->v.branch.otherwise : node->v.branch.body);
    if (truth)
        walk = walk_node(exec, inner, node->v.branch.body);
    else if (node->v.branch.otherwise)
        walk = walk_node(exec, dot, node->v.branch.otherwise);
    exec->var_count = mark;
    return walk;
}

// One turn of a loop.
struct turn {
    const struct node *node;
    size_t mark; // variables below the body's own
};

static bool set_loop_variables(struct exec *exec, const struct turn *turn, struct rv index, struct rv elem) {
    const struct node *pipe = turn->node->v.branch.pipe;
    uint32_t count = pipe->u.decl.count;
    if (count == 0)
        return true;
    if (!pipe->flag) {
        exec->vars[turn->mark - 1].value = elem;
        if (count > 1)
            exec->vars[turn->mark - 2].value = index;
        return true;
    }
    struct node *const *decl = pipe->u.decl.items;
    if (!exec_set(exec, decl[0]->u.path.items[0], count > 1 ? index : elem))
        return false;
    return count < 2 || exec_set(exec, decl[1]->u.path.items[0], elem);
}

static enum walk run_turn(struct exec *exec, const struct turn *turn, struct rv index, struct rv elem) {
    if (!rt_spend(&exec->rt, 1))
        return exec_locate(exec) ? WALK_DONE : WALK_FAILED;
    if (!set_loop_variables(exec, turn, index, elem))
        return WALK_FAILED;
    enum walk walk = walk_node(exec, elem, turn->node->v.branch.body);
    exec->var_count = turn->mark;
    return walk == WALK_CONTINUE ? WALK_DONE : walk;
}

static enum walk range_integer(struct exec *exec, const struct turn *turn, struct rv value) {
    bool is_signed = rv_types[value.type].class == RV_INT;
    enum walk walk = WALK_DONE;
    for (uint64_t i = 0; is_signed ? (int64_t)i < value.u.integer : i < (uint64_t)value.u.integer; i++) {
        struct rv elem = rv_integer((enum rv_type)value.type, (int64_t)i);
        if ((walk = run_turn(exec, turn, rv_nil(), elem)) != WALK_DONE)
            break;
    }
    return walk;
}

static enum walk range_slice(struct exec *exec, const struct turn *turn, struct rv value) {
    enum walk walk = WALK_DONE;
    size_t len = rv_len(value);
    for (size_t i = 0; i < len && walk == WALK_DONE; i++)
        walk = run_turn(exec, turn, rv_int((int64_t)i), rv_at(value, i));
    return walk;
}

static enum walk range_map(struct exec *exec, const struct turn *turn, struct rv value) {
    value = rv_under(value);
    struct rmap_walk entries = rmap_walk(value.u.map);
    enum walk walk = WALK_DONE;
    for (size_t i = 0; i < entries.count && walk == WALK_DONE; i++) {
        struct rv elem = entries.entries[i].value;
        elem.iface = rv_types[value.type].elem == RT_NIL;
        walk = run_turn(exec, turn, rv_string(entries.entries[i].key, entries.entries[i].len), elem);
    }
    rmap_walk_end(value.u.map, entries);
    return walk;
}

static bool fail_range(struct exec *exec, const char *before, struct rv value, const char *after) {
    struct buf text;
    buf_init(&text, exec->rt.keep);
    fmt_value(&text, value); // its beginning says enough of one that is cut
    return exec_fail(exec, "%s%s%s", before, buf_text(&text), after);
}

// *empty when the else branch is to run.
static enum walk walk_range_over(struct exec *exec, const struct turn *turn, struct rv value, bool *empty) {
    enum rv_kind kind = rv_kind(value);
    *empty = false;
    if (kind == RV_INT || kind == RV_UINT) {
        if (turn->node->v.branch.pipe->u.decl.count > 1) {
            fail_range(exec, "can't use ", value, " to iterate over more than one variable");
            return WALK_FAILED;
        }
        *empty = kind == RV_INT ? value.u.integer <= 0 : value.u.integer == 0;
        return range_integer(exec, turn, value);
    }
    if (kind != RV_SLICE && kind != RV_MAP && kind != RV_INVALID) {
        fail_range(exec, "range can't iterate over ", value, "");
        return WALK_FAILED;
    }
    *empty = rv_len(value) == 0;
    return kind == RV_MAP ? range_map(exec, turn, value) : range_slice(exec, turn, value);
}

static enum walk walk_range(struct exec *exec, struct rv dot, const struct node *node) {
    size_t mark = exec->var_count;
    struct rv value;
    if (!exec_pipeline(exec, dot, node->v.branch.pipe, &value))
        return WALK_FAILED;
    struct turn turn = {node, exec->var_count};
    bool empty;
    enum walk walk = walk_range_over(exec, &turn, value, &empty);
    if (empty)
        walk_aside(exec, rv_nil(), node->v.branch.body);
    if (empty && node->v.branch.otherwise)
        walk = walk_node(exec, dot, node->v.branch.otherwise);
    else if (walk == WALK_BREAK)
        walk = WALK_DONE;
    exec->var_count = mark;
    return walk;
}

static bool call_template(void *argument) {
    void **call = argument;
    return exec_tree(call[0], call[1], *(struct rv *)call[2]);
}

static enum walk walk_template(struct exec *exec, struct rv dot, const struct node *node) {
    struct tree *tree = exec_lookup(exec, node->u.text.text, node->u.text.len);
    struct buf quoted;
    buf_init(&quoted, exec->rt.keep);
    if (!tree) {
        quote_text(&quoted, node->u.text.text, node->u.text.len);
        exec_fail(exec, "template %s not defined", buf_text(&quoted));
        return WALK_FAILED;
    }
    if (exec->depth == TEMPLATE_DEPTH_MAX) {
        exec_fail(exec, "exceeded maximum template depth (%d)", TEMPLATE_DEPTH_MAX);
        return WALK_FAILED;
    }
    struct rv data = rv_nil();
    if (node->v.branch.pipe && !exec_pipeline(exec, dot, node->v.branch.pipe, &data))
        return WALK_FAILED;
    exec->depth++;
    bool ok = exec_with_stack(exec, call_template, (void *[]){exec, tree, &data});
    exec->depth--;
    return ok ? WALK_DONE : WALK_FAILED;
}

static bool write_text(struct exec *exec, const struct node *node) {
    buf_add(&exec->out, node->u.text.text, node->u.text.len);
    return check_output(exec);
}

// With every branch a failed node is passed over; the variables that it was to declare are nil.
static bool pass_over(struct exec *exec, const struct node *node, size_t var_count) {
    if (!exec->rt.options->every_branch || exec->limited)
        return false;
    exec->var_count = var_count;
    if (node->type == NODE_PIPE && !node->flag)
        for (uint32_t i = 0; i < node->u.decl.count; i++)
            exec_push(exec, node->u.decl.items[i]->u.path.items[0], rv_nil());
    return true;
}

static enum walk walk_list(struct exec *exec, struct rv dot, const struct node *list) {
    enum walk walk = WALK_DONE;
    for (uint32_t i = 0; i < list->v.list.count && walk == WALK_DONE; i++) {
        size_t var_count = exec->var_count;
        walk = walk_node(exec, dot, list->v.list.items[i]);
        if (walk == WALK_FAILED && pass_over(exec, list->v.list.items[i], var_count))
            walk = WALK_DONE;
    }
    return walk;
}

static enum walk walk_node(struct exec *exec, struct rv dot, const struct node *node) {
    if (node->type == NODE_LIST)
        return walk_list(exec, dot, node);
    exec->node = node;
    if (!rt_spend(&exec->rt, 1)) {
        exec_locate(exec);
        return WALK_FAILED;
    }
    switch ((enum node_type)node->type) {
    case NODE_TEXT: return write_text(exec, node) ? WALK_DONE : WALK_FAILED;
    case NODE_PIPE: return walk_action(exec, dot, node);
    case NODE_IF:
    case NODE_WITH: return walk_if_or_with(exec, dot, node);
    case NODE_RANGE: return walk_range(exec, dot, node);
    case NODE_TEMPLATE: return walk_template(exec, dot, node);
    case NODE_BREAK: return WALK_BREAK;
    case NODE_CONTINUE: return WALK_CONTINUE;
    default: return WALK_DONE;
    }
}

bool exec_tree(struct exec *exec, struct tree *tree, struct rv data) {
    static const char dollar[] = "$";
    const struct tree *outer_tree = exec->tree;
    const struct node *outer_node = exec->node;
    size_t outer_base = exec->var_base, mark = exec->var_count;
    exec->tree = tree;
    exec->var_base = exec->var_count;
    exec_push(exec, (struct name){dollar, 1, rmap_hash(dollar, 1)}, data);
    enum walk walk = walk_node(exec, data, tree_root(exec->rt.keep, exec->rt.keep, exec->rt.options, tree));
    exec->var_count = mark;
    exec->var_base = outer_base;
    exec->tree = outer_tree;
    exec->node = outer_node;
    return walk != WALK_FAILED;
}
