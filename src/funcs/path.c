// SPDX-License-Identifier: Apache-2.0
// sprig's paths: Go's path package; the os forms are the same on every system we run on.
#include "funcs/private.h"
#include "template/function.h"

#include <string.h>

static bool clean_path(struct rt *rt, struct rv path, struct rv *out);

// Bytes up to and including the last slash.
static size_t dir_len(struct rv path) {
    const char *slash = memrchr(path.u.text, '/', path.len);
    return slash ? (size_t)(slash - path.u.text) + 1 : 0;
}

static bool base(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv path = args[0];
    if (!path.len) {
        *out = rv_literal(".");
        return true;
    }
    while (path.len && path.u.text[path.len - 1] == '/')
        path.len--;
    size_t cut = dir_len(path);
    *out = path.len ? rv_string(path.u.text + cut, path.len - cut) : rv_literal("/");
    return true;
}

static bool dir(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return clean_path(rt, rv_string(args[0].u.text, dir_len(args[0])), out);
}

// Drops the last element that was written, unless it is a ".." that has nothing to undo.
static bool step_back(struct buf *cleaned, size_t root) {
    size_t at = cleaned->len;
    while (at > root && cleaned->ptr[at - 1] != '/')
        at--;
    if (cleaned->len == root || (cleaned->len - at == 2 && !memcmp(cleaned->ptr + at, "..", 2)))
        return false;
    buf_truncate(cleaned, at > root ? at - 1 : root);
    return true;
}

static void add_element(struct buf *cleaned, size_t root, const char *text, size_t len) {
    if (cleaned->len > root)
        buf_char(cleaned, '/');
    buf_add(cleaned, text, len);
}

static bool clean_path(struct rt *rt, struct rv path, struct rv *out) {
    struct buf cleaned;
    buf_init(&cleaned, rt->heap->arena);
    size_t root = path.len && path.u.text[0] == '/';
    if (root)
        buf_char(&cleaned, '/');
    for (size_t at = 0; at < path.len;) {
        const char *text = path.u.text + at, *slash = memchr(text, '/', path.len - at);
        size_t len = slash ? (size_t)(slash - text) : path.len - at;
        at += len + 1;
        if (!len || (len == 1 && text[0] == '.'))
            continue;
        bool back = len == 2 && !memcmp(text, "..", 2);
        if (!back || (!step_back(&cleaned, root) && !root))
            add_element(&cleaned, root, text, len);
    }
    *out = cleaned.len ? rv_buf(&cleaned) : rv_literal(".");
    return true;
}

static bool clean(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return clean_path(rt, args[0], out);
}

static bool ext(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    size_t from = dir_len(args[0]);
    const char *dot = memrchr(args[0].u.text + from, '.', args[0].len - from);
    *out = dot ? rv_string(dot, (size_t)(args[0].u.text + args[0].len - dot)) : rv_literal("");
    return true;
}

static bool is_abs(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_bool(args[0].len && args[0].u.text[0] == '/');
    return true;
}

const struct rt_func funcs_path[] = {
    {"base", "s", base, 0},      {"clean", "s", clean, 0},  {"dir", "s", dir, 0},
    {"ext", "s", ext, 0},        {"isAbs", "s", is_abs, 0}, {"osBase", "s", base, 0},
    {"osClean", "s", clean, 0},  {"osDir", "s", dir, 0},    {"osExt", "s", ext, 0},
    {"osIsAbs", "s", is_abs, 0}, {NULL, NULL, NULL, 0},
};
