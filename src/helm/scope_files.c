// SPDX-License-Identifier: Apache-2.0
// .Files and its methods.
#include "codec/base64.h"
#include "codec/yaml.h"
#include "go/path.h"
#include "helm/glob.h"
#include "helm/scope.h"

#include <string.h>

static const struct rclass files_class;

static struct rv files_rv(struct rheap *heap, struct rmap *map) {
    struct robject *object = arena_alloc(heap->arena, sizeof *object);
    object->class = &files_class;
    object->under = rv_map(RT_BYTES_MAP, map);
    return rv_object(object);
}

static struct rv find(struct rt *rt, const struct rv *name) {
    struct rv bytes;
    if (!rmap_get(rt->self.u.object->under.u.map, name->u.text, name->len, &bytes))
        return rv_bytes("", 0);
    return bytes;
}

static bool get_bytes(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = find(rt, &args[0]);
    return true;
}

static bool get(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv bytes = find(rt, &args[0]);
    *out = rv_string(bytes.u.text, bytes.len);
    return true;
}

static bool glob(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    SCRATCH_ARENA(scratch);
    struct rmap_walk walk = rmap_walk(rt->self.u.object->under.u.map);
    struct rmap *matching = rmap_create(rt->heap, 4);
    struct glob *pattern = glob_compile(scratch, arena_strndup(scratch, args[0].u.text, args[0].len));
    if (!rt_spend(rt, walk.count * (args[0].len + 1)))
        return false;
    for (size_t i = 0; i < walk.count; i++) // a bad pattern matches all, in Helm
        if (!pattern || glob_match(pattern, arena_strndup(scratch, walk.entries[i].key, walk.entries[i].len)))
            rmap_set(matching, walk.entries[i].key, walk.entries[i].len, walk.entries[i].value);
    *out = files_rv(rt->heap, matching);
    return true;
}

// A YAML map of base names to texts, without the last line end.
static bool as_yaml(struct rt *rt, bool encode, struct rv *out) {
    SCRATCH_ARENA(scratch);
    struct rmap_walk walk = rmap_walk(rt->self.u.object->under.u.map);
    struct value_entry *entries = arena_array(scratch, walk.count + 1, sizeof *entries);
    struct buf text;
    for (size_t i = 0; i < walk.count; i++) {
        struct rv bytes = walk.entries[i].value;
        if (!rt_spend(rt, bytes.len))
            return false;
        entries[i].key = go_path_base(arena_strndup(scratch, walk.entries[i].key, walk.entries[i].len));
        buf_init(&text, scratch);
        if (encode)
            base64_encode(&text, bytes.u.text, bytes.len);
        else
            buf_add(&text, bytes.u.text, bytes.len);
        entries[i].value = value_string_len(scratch, buf_text(&text), text.len);
    }
    buf_init(&text, rt->heap->arena);
    yaml_encode(&text, value_map(scratch, entries, walk.count));
    if (text.len && text.ptr[text.len - 1] == '\n')
        buf_truncate(&text, text.len - 1);
    *out = rv_buf(&text);
    return true;
}

static bool as_config(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return as_yaml(rt, false, out);
}

static bool as_secrets(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return as_yaml(rt, true, out);
}

static bool lines(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv bytes;
    *out = rv_slice(RT_STRINGS, NULL, 0);
    if (!rmap_get(rt->self.u.object->under.u.map, args[0].u.text, args[0].len, &bytes))
        return true;
    if (!bytes.len)
        return rt_fail(rt, "runtime error: index out of range [-1]");
    const char *text = bytes.u.text, *end = text + bytes.len - (text[bytes.len - 1] == '\n');
    size_t most = 1;
    for (const char *p = text; p < end; p++)
        most += *p == '\n';
    if (!rt_spend(rt, bytes.len))
        return false;
    struct rv *items = rv_items(rt->heap, most);
    for (size_t i = 0; i < most; i++) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop ? stop : end;
        items[i] = rv_string(text, (size_t)(stop - text));
        text = stop + 1;
    }
    *out = rv_slice(RT_STRINGS, items, most);
    return true;
}

static const struct rt_func files_methods[] = {
    {"Get", "s", get, 0},           {"GetBytes", "s", get_bytes, 0},  {"Glob", "s", glob, 0},
    {"AsConfig", "", as_config, 0}, {"AsSecrets", "", as_secrets, 0}, {"Lines", "s", lines, 0},
    {NULL, NULL, NULL, 0},
};

static const struct rclass files_class = {
    .name = "engine.files", .kind_name = "map", .kind = RV_MAP, .methods = files_methods};

struct rv scope_files(const struct scope_making *m, const struct helm_files *files) {
    struct rmap *map = rmap_create(m->heap, files->count);
    for (size_t i = 0; i < files->count; i++)
        rmap_put(map, files->items[i].name, rv_bytes(files->items[i].data, files->items[i].len));
    return files_rv(m->heap, map);
}
