// SPDX-License-Identifier: Apache-2.0
// What a running template may ask of the engine: include, tpl, limits, failing.
#include "go/quote.h"
#include "template/private.h"
#include "template/set.h"

#include <pthread.h>
#include <string.h>

// Between two looks at the stack lie at most an action that nests PARSE_DEPTH_MAX deep and, inside it, the
// deepest of all functions: fromJson, of what nests ten thousand deep. That is 2.5 MiB, 4 MiB with
// AddressSanitizer.
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { STACK_MARGIN = 6 * 1024 * 1024 };
#else
enum { STACK_MARGIN = 4 * 1024 * 1024 };
#endif
// ThreadSanitizer keeps a stack of calls of its own, which 15 MiB of small frames overflow.
#ifdef __SANITIZE_THREAD__
enum { BIG_STACK = 12 * 1024 * 1024 };
#else
enum { BIG_STACK = 64 * 1024 * 1024 };
#endif
enum { INCLUDE_MAX = 1000, PARSED_MAX = 4096 };

struct tree *exec_lookup(struct exec *exec, const char *name, size_t len) {
    return scope_find(exec->rt.set->current, name, len);
}

struct hop {
    bool (*run)(void *);
    void *argument;
    struct exec *exec;
    bool ok;
};

// Below this address a thread's stack is kept for what does not look; of a small one that is all.
static const char *stack_floor(void) {
    static _Thread_local const char *floor;
    pthread_attr_t attr;
    if (!floor && pthread_getattr_np(pthread_self(), &attr) == 0) {
        void *base = NULL;
        size_t size = 0;
        pthread_attr_getstack(&attr, &base, &size);
        pthread_attr_destroy(&attr);
        floor = (const char *)base + (size > STACK_MARGIN / 2 * 3 ? (size_t)STACK_MARGIN : size);
    }
    return floor;
}

static void *run_hop(void *argument) {
    struct hop *hop = argument;
    hop->exec->stack_floor = stack_floor();
    hop->exec->big_stack = true;
    hop->ok = hop->run(hop->argument);
    return NULL;
}

// A chart may nest calls a thousand deep and more; few need that, so the deep end runs on a
// thread of its own with a stack to match, as does all of it where the caller's is small.
bool exec_with_stack(struct exec *exec, bool (*run)(void *), void *argument) {
    if (!exec->stack_floor)
        exec->stack_floor = stack_floor();
    const char *here =
        __builtin_frame_address(0); // a local's address can be on AddressSanitizer's other stack
    if (here > exec->stack_floor)
        return run(argument);
    const char *floor = exec->stack_floor;
    struct hop hop = {.run = run, .argument = argument, .exec = exec};
    pthread_attr_t attr;
    pthread_t thread;
    pthread_attr_init(&attr);
    bool started = !exec->big_stack && !pthread_attr_setstacksize(&attr, BIG_STACK) &&
                   !pthread_create(&thread, &attr, run_hop, &hop);
    pthread_attr_destroy(&attr);
    if (!started) {
        if (exec->big_stack)
            rt_fail_limit(&exec->rt, "templates call each other too deeply");
        else
            rt_fail_limit(&exec->rt, "no thread with a stack of %d MiB could be started", BIG_STACK >> 20);
        return exec_locate(exec);
    }
    pthread_join(thread, NULL);
    exec->big_stack = false;
    exec->stack_floor = floor;
    return hop.ok;
}

struct run {
    struct exec *exec;
    struct tree *tree;
    struct rv data;
};

static bool run_tree(void *argument) {
    struct run *run = argument;
    return exec_tree(run->exec, run->tree, run->data);
}

// Runs a template and takes what it wrote off the output's end. ExecuteTemplate hands data
// over as an interface{}: what it was taken from is forgotten.
static bool captured(struct exec *exec, struct tree *tree, struct rv data, struct rv *out) {
    size_t start = exec->out.len;
    data.iface = false;
    unsigned depth = exec->depth;
    exec->depth = 0;
    struct run run = {exec, tree, data};
    bool ok = exec_with_stack(exec, run_tree, &run);
    exec->depth = depth;
    if (ok)
        *out = rv_text(exec->rt.heap, exec->out.ptr ? exec->out.ptr + start : "", exec->out.len - start);
    buf_truncate(&exec->out, start);
    return ok;
}

static bool fail_unknown(struct rt *rt, struct rv name) {
    struct buf quoted;
    buf_init(&quoted, rt->keep);
    quote_text(&quoted, name.u.text, name.len);
    return rt_fail(rt, "template: no template %s associated with template \"gotpl\"", buf_text(&quoted));
}

bool rt_include(struct rt *rt, struct rv name, struct rv data, struct rv *out) {
    struct exec *exec = rt->exec;
    struct rv active;
    if (!rmap_get(exec->active, name.u.text, name.len, &active))
        active = rv_int(0);
    if (active.u.integer > INCLUDE_MAX)
        return rt_fail(rt, "rendering template has a nested reference name: %.*s: unable to execute template",
                       (int)name.len, name.u.text);
    struct tree *tree = exec_lookup(exec, name.u.text, name.len);
    if (!tree)
        return fail_unknown(rt, name);
    rmap_set(exec->active, tree->name, tree->name_len, rv_int(active.u.integer + 1));
    bool ok = captured(exec, tree, data, out);
    rmap_set(exec->active, tree->name, tree->name_len, active);
    return ok;
}

// Charts hand the same few texts to tpl again and again: parse each once.
static struct tree *parsed(struct rt *rt, struct rv text, struct parse_error *error,
                           const struct source **where) {
    struct template_set *set = rt->set;
    struct rv cached;
    if (rmap_get(set->parsed, text.u.text, text.len, &cached))
        return (struct tree *)(uintptr_t)cached.u.integer;
    struct source *source = arena_alloc(set->keep, sizeof *source);
    *source =
        (struct source){"gotpl", arena_strndup(set->keep, text.len ? text.u.text : "", text.len), text.len};
    *where = source;
    struct tree *trees = parse_template(set->keep, rt->options, source, error);
    if (trees && rmap_len(set->parsed) < PARSED_MAX)
        rmap_set(set->parsed, source->text, source->len, rv_integer(RT_INT64, (int64_t)(uintptr_t)trees));
    return trees;
}

static struct rv without_no_value(struct rt *rt, struct rv text) {
    static const char mark[] = "<no value>";
    const size_t size = sizeof mark - 1;
    const char *found = memmem(text.u.text, text.len, mark, size), *at = text.u.text, *end = at + text.len;
    if (!found)
        return text;
    struct buf kept;
    buf_init(&kept, rt->heap->arena);
    for (; found; at = found + size, found = memmem(at, (size_t)(end - at), mark, size))
        buf_add(&kept, at, (size_t)(found - at));
    buf_add(&kept, at, (size_t)(end - at));
    return rv_buf(&kept);
}

static const char *about(struct rt *rt, const char *what, struct rv text) {
    struct buf message;
    buf_init(&message, rt->keep);
    buf_str(&message, what);
    quote_text(&message, text.u.text, text.len);
    buf_str(&message, ": ");
    return buf_text(&message);
}

bool rt_tpl(struct rt *rt, struct rv text, struct rv data, struct rv *out) {
    struct exec *exec = rt->exec;
    struct template_set *set = rt->set;
    struct parse_error error = {0, ""};
    const struct source *source = NULL;
    struct tree *trees = parsed(rt, text, &error, &source);
    if (!trees)
        return rt_fail(rt, "%s%s", about(rt, "cannot parse template ", text),
                       set_parse_error(set, source, &error));
    struct scope *outer = set->current;
    struct scope inner = {.outer = outer};
    scope_add(rt->heap->arena, &inner, trees);
    struct tree *top = trees;
    while (strcmp(top->name, "gotpl") != 0)
        top = top->next;
    set->current = &inner;
    bool ok = captured(exec, top, data, out);
    set->current = outer;
    if (!ok)
        return exec_wrap(exec, about(rt, "error during tpl function execution for ", text));
    *out = without_no_value(rt, *out);
    return true;
}
