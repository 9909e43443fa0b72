// SPDX-License-Identifier: Apache-2.0
#include "value/path.h"

#include "base/buf.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_identifier(const char *key) {
    if (!isalpha((unsigned char)*key) && *key != '_')
        return false;
    for (; *key; key++)
        if (!isalnum((unsigned char)*key) && *key != '_' && *key != '-')
            return false;
    return true;
}

static void print_step(struct buf *out, const struct path_step *step) {
    if (!step->key) {
        buf_printf(out, "[%zu]", step->index);
    } else if (is_identifier(step->key)) {
        buf_printf(out, out->len ? ".%s" : "%s", step->key);
    } else {
        buf_str(out, "[\"");
        for (const char *c = step->key; *c; c++) {
            if (*c == '"' || *c == '\\')
                buf_char(out, '\\');
            buf_char(out, *c);
        }
        buf_str(out, "\"]");
    }
}

static void print(struct buf *out, const struct path *path) {
    if (!path)
        return;
    print(out, path->parent);
    print_step(out, &path->step);
}

const char *path_text(struct arena *arena, const struct path *path) {
    struct buf out;
    buf_init(&out, arena);
    print(&out, path);
    return buf_text(&out);
}

// After `["`: the key up to `"]`, backslash escaping the next byte.
static const char *quoted_key(struct arena *arena, const char *at, struct path_step *step) {
    struct buf key;
    buf_init(&key, arena);
    for (; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1])
            at++;
        buf_char(&key, *at);
    }
    if (strncmp(at, "\"]", 2) != 0)
        return NULL;
    step->key = buf_text(&key);
    return at + 2;
}

static const char *index_step(const char *at, struct path_step *step) {
    char *end;
    errno = 0;
    step->index = strtoul(at, &end, 10);
    return isdigit((unsigned char)*at) && !errno && *end == ']' ? end + 1 : NULL;
}

static const char *next_step(struct arena *arena, const char *at, bool first, struct path_step *step) {
    if (*at == '[')
        return at[1] == '"' ? quoted_key(arena, at + 2, step) : index_step(at + 1, step);
    if (!first && *at++ != '.')
        return NULL;
    size_t len = strcspn(at, ".[]");
    step->key = arena_strndup(arena, at, len);
    return len ? at + len : NULL;
}

bool path_parse(struct arena *arena, const char *text, const struct path_step **steps, size_t *count,
                struct err *err) {
    struct path_step *list = arena_array(arena, strlen(text) + 1, sizeof *list);
    *count = 0;
    for (const char *at = text; *at;) {
        const char *next = next_step(arena, at, at == text, &list[*count]);
        if (!next)
            return err_set(err, ERR_INVALID,
                           "\"%s\" is not a path at byte %zu: write a.b, a[0] or a[\"key.with.dots\"]", text,
                           (size_t)(at - text));
        at = next;
        (*count)++;
    }
    *steps = list;
    return true;
}

void path_pointer_step(struct buf *out, const struct path_step *step) {
    buf_char(out, '/');
    if (!step->key)
        buf_printf(out, "%zu", step->index);
    for (const char *c = step->key; c && *c; c++)
        buf_str(out, *c == '~' ? "~0" : *c == '/' ? "~1" : (char[]){*c, 0});
}

const char *path_pointer(struct arena *arena, const char *text) {
    const struct path_step *steps;
    size_t count;
    struct err err = err_in(arena);
    if (!path_parse(arena, text, &steps, &count, &err))
        return NULL;
    struct buf out;
    buf_init(&out, arena);
    for (size_t i = 0; i < count; i++)
        path_pointer_step(&out, &steps[i]);
    return buf_text(&out);
}

bool path_get(struct value root, const struct path_step *steps, size_t count, struct value *out) {
    for (size_t i = 0; i < count; i++) {
        root = value_untyped(root);
        if (steps[i].key ? !value_has(root, steps[i].key) : steps[i].index >= value_len(root))
            return false;
        root = steps[i].key ? value_get(root, steps[i].key) : value_at(root, steps[i].index);
    }
    *out = root;
    return true;
}

static struct value replace_item(struct arena *arena, struct value list, size_t index, struct value item) {
    if (index == value_len(list))
        return value_append(arena, list, item);
    struct value *items = arena_array(arena, value_len(list), sizeof *items);
    for (size_t i = 0; i < value_len(list); i++)
        items[i] = i == index ? item : value_at(list, i);
    return value_list(arena, items, value_len(list));
}

bool path_set(struct arena *arena, struct value root, const struct path_step *steps, size_t count,
              struct value value, struct value *out, struct err *err) {
    if (!count) {
        *out = value;
        return true;
    }
    root = value_untyped(root);
    enum value_kind wanted = steps->key ? VALUE_MAP : VALUE_LIST;
    if (value_kind(root) != VALUE_NULL && value_kind(root) != wanted)
        return err_set(err, ERR_INVALID, "a %s stands where the path needs a %s", value_kind_name(root),
                       steps->key ? "map" : "list");
    if (!steps->key && steps->index > value_len(root))
        return err_set(err, ERR_INVALID, "index %zu is past the end of a list of %zu", steps->index,
                       value_len(root));
    struct value child = steps->key ? value_get(root, steps->key) : value_at(root, steps->index);
    if (!path_set(arena, child, steps + 1, count - 1, value, &child, err))
        return false;
    *out = steps->key ? value_with(arena, root, steps->key, child)
                      : replace_item(arena, root, steps->index, child);
    return true;
}
