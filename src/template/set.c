// SPDX-License-Identifier: Apache-2.0
// Sets: parsing into one, running one, and the limits both obey.
#include "template/set.h"
#include "go/quote.h"
#include "template/private.h"

#include <string.h>

enum { MIB = 1024 * 1024 };

struct template_set *template_set_create(const struct template_options *options) {
    struct arena *keep = arena_create();
    struct template_set *set = arena_alloc(keep, sizeof *set);
    set->keep = keep;
    set->defaults = *options;
    set->options = &set->defaults;
    struct template_limits *limits = &set->defaults.limits;
    limits->output = limits->output ? limits->output : 256 * (size_t)MIB;
    limits->steps = limits->steps ? limits->steps : 200000000;
    limits->memory = limits->memory ? limits->memory : 2048 * (size_t)MIB;
    set->out = arena_create();
    set->heap = (struct rheap){.arena = arena_create(), .oldest_change = UINT64_MAX};
    set->current = &set->scope;
    set->parsed_heap = (struct rheap){.arena = keep, .oldest_change = UINT64_MAX};
    set->parsed = rmap_create(&set->parsed_heap, 0);
    return set;
}

void template_set_destroy(struct template_set *set) {
    if (!set)
        return;
    arena_destroy(set->out);
    arena_destroy(set->heap.arena);
    arena_destroy(set->keep);
}

struct rheap *template_heap(struct template_set *set) {
    return &set->heap;
}

static struct tree_slot *scope_slot(const struct scope *scope, struct name name) {
    if (!scope->cap)
        return NULL;
    for (size_t at = name.hash & (scope->cap - 1);; at = (at + 1) & (scope->cap - 1)) {
        struct tree_slot *slot = &scope->slots[at];
        if (!slot->tree || (slot->name.hash == name.hash && slot->name.len == name.len &&
                            memcmp(slot->name.text, name.text, name.len) == 0))
            return slot;
    }
}

static struct name name_of(const char *text, size_t len) {
    return (struct name){text ? text : "", (uint32_t)len, rmap_hash(text ? text : "", len)};
}

struct tree *scope_find(const struct scope *scope, const char *name, size_t len) {
    struct name key = name_of(name, len);
    for (; scope; scope = scope->outer) {
        const struct tree_slot *slot = scope_slot(scope, key);
        if (slot && slot->tree)
            return slot->tree;
    }
    return NULL;
}

static void grow(struct arena *arena, struct scope *scope) {
    struct scope bigger = {scope->outer, NULL, scope->count, scope->cap ? scope->cap * 2 : 16};
    bigger.slots = arena_array(arena, bigger.cap, sizeof *bigger.slots);
    for (size_t i = 0; i < scope->cap; i++)
        if (scope->slots[i].tree)
            *scope_slot(&bigger, scope->slots[i].name) = scope->slots[i];
    *scope = bigger;
}

void scope_add(struct arena *arena, struct scope *scope, struct tree *trees) {
    for (struct tree *tree = trees; tree; tree = tree->next) {
        if (scope_find(scope, tree->name, tree->name_len) && tree->empty)
            continue;
        if (scope->count * 2 >= scope->cap)
            grow(arena, scope);
        struct name name = name_of(tree->name, tree->name_len);
        struct tree_slot *slot = scope_slot(scope, name);
        scope->count += !slot->tree;
        *slot = (struct tree_slot){name, tree};
    }
}

const char *set_parse_error(struct template_set *set, const struct source *source,
                            const struct parse_error *error) {
    struct template_frame *frame = arena_alloc(set->keep, sizeof *frame);
    *frame = (struct template_frame){
        .file = source->name, .line = error->line, .column = -1, .message = error->message};
    set->error = (struct template_error){.frames = frame, .count = 1, .parse = true};
    set->error.text =
        arena_printf(set->keep, "template: %s:%d: %s", source->name, error->line, error->message);
    return set->error.text;
}

bool template_parse(struct template_set *set, const char *name, const char *text, size_t len,
                    struct err *err) {
    if (len >= UINT32_MAX)
        return err_set(err, ERR_LIMIT, "template %s is larger than 4 GiB", name);
    struct source *source = arena_alloc(set->keep, sizeof *source);
    *source = (struct source){name, text, len};
    struct parse_error error = {0, ""};
    struct tree *trees = parse_heads(set->keep, set->options, source, &error);
    if (!trees)
        return err_set(err, ERR_INVALID, "%s", set_parse_error(set, source, &error));
    scope_add(set->keep, &set->scope, trees);
    return true;
}

const struct template_error *template_last_error(const struct template_set *set) {
    return &set->error;
}

static struct exec begin(struct template_set *set) {
    struct exec exec = {.lowest_set = SIZE_MAX,
                        .rt = {.heap = &set->heap, .keep = set->keep, .options = set->options, .set = set}};
    exec.active = rmap_create(&set->parsed_heap, 0);
    buf_init(&exec.out, set->out);
    return exec;
}

struct execution {
    struct template_set *set;
    struct exec *exec;
    const char *name;
    struct rv data;
    struct arena *nodes; // of a file: it mostly runs once, so unlike what it calls it is not kept parsed
};

static bool execute(void *argument) {
    struct execution *e = argument;
    struct template_set *set = e->set;
    struct tree *tree = scope_find(&set->scope, e->name, strlen(e->name));
    struct buf text;
    bool once = tree && !tree->root;
    if (once)
        tree_root(e->nodes, set->keep, set->options, tree);
    bool ok = tree && exec_tree(e->exec, tree, e->data);
    if (once)
        tree->root = NULL;
    if (tree)
        return ok;
    buf_init(&text, set->keep);
    buf_str(&text, "template: no template ");
    quote_text(&text, e->name, strlen(e->name));
    buf_str(&text, " associated with template \"gotpl\"");
    e->exec->failure = buf_text(&text);
    return false;
}

bool template_execute(struct template_set *set, const char *name, struct rv data, struct buf *out,
                      struct err *err) {
    struct exec exec = begin(set);
    struct arena_mark out_mark = arena_mark(set->out), heap_mark = arena_mark(set->heap.arena);
    uint64_t births = set->heap.births;
    set->heap.oldest_change = UINT64_MAX;
    set->current = &set->scope;
    SCRATCH_ARENA(nodes);
    struct execution execution = {set, &exec, name, data, nodes};
    execution.data.iface = false;
    exec.rt.exec = &exec;
    bool ok = exec_with_stack(&exec, execute, &execution);
    if (ok)
        buf_add(out, exec.out.ptr ? exec.out.ptr : "", exec.out.len);
    arena_release(set->out, out_mark);
    if (set->heap.oldest_change >= births && !set->options->every_branch)
        arena_release(set->heap.arena, heap_mark);
    if (ok)
        return true;
    set->error = exec_error(set->keep, &exec);
    return err_set(err, exec.limited ? ERR_LIMIT : ERR_INVALID, "%s", set->error.text);
}
