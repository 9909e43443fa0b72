// SPDX-License-Identifier: Apache-2.0
#include "kube/private.h"

#include "base/cleanup.h"
#include "codec/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static const char *beside(struct arena *arena, const char *file, const char *reference) {
    const char *slash = strrchr(file, '/');
    if (*reference == '/' || !slash)
        return reference;
    return arena_printf(arena, "%.*s/%s", (int)(slash - file), file, reference);
}

static struct value absolute(struct arena *arena, const char *file, struct value map, const char *key) {
    const char *reference = value_text_or(value_get(map, key), "");
    return *reference ? value_with(arena, map, key, value_string(arena, beside(arena, file, reference)))
                      : map;
}

static struct value localize_one(struct arena *arena, const char *file, struct value entry,
                                 const struct kube_reference *reference) {
    const char *part = reference->part, *key = reference->key;
    struct value map = part ? value_get(entry, part) : entry;
    if (reference->may_be_name && !strchr(value_text_or(value_get(map, key), ""), '/'))
        return entry;
    map = absolute(arena, file, map, key);
    return part ? value_with(arena, entry, part, map) : map;
}

// File references are relative to the file they stand in.
static struct value localize(struct arena *arena, const char *file, struct value entry) {
    entry = absolute(arena, file, entry, "certificate-authority");
    for (const struct kube_method *method = kube_methods; method->name; method++)
        for (size_t i = 0; i < sizeof method->files / sizeof *method->files && method->files[i].key; i++)
            entry = localize_one(arena, file, entry, &method->files[i]);
    return entry;
}

// [{name: n, <member>: {...}}] added to the map; a name that is there already wins whole.
static struct value merge_named(struct arena *arena, const char *file, struct value into, struct value list,
                                const char *member) {
    size_t before = value_len(into), added = value_kind(list) == VALUE_LIST ? value_len(list) : 0, count = 0;
    struct value_entry *entries = arena_array(arena, added + before, sizeof *entries);
    // of equal names a map keeps the last
    for (size_t i = added; i-- > 0;) {
        struct value item = value_at(list, i);
        const char *name = value_dig_string(item, "name", NULL);
        if (name)
            entries[count++] = (struct value_entry){name, localize(arena, file, value_get(item, member))};
    }
    for (size_t i = 0; i < before; i++)
        entries[count++] = *value_entry_at(into, i);
    return value_map_of(entries, count);
}

static bool merge_file(struct arena *arena, const char *file, struct kubeconfig *out, struct err *err) {
    const char *text;
    struct value doc;
    if (!kube_read_file(arena, file, &text, err))
        return false;
    if (!yaml_decode(arena, text, strlen(text), YAML_NUMBERS_EXACT, &doc, err))
        return err_wrap(err, "kubeconfig \"%s\"", file);
    if (value_kind(doc) != VALUE_MAP && value_kind(doc) != VALUE_NULL)
        return err_set(err, ERR_INVALID,
                       "kubeconfig \"%s\" holds a %s; a map with clusters, users and contexts is needed",
                       file, value_kind_name(doc));
    out->clusters = merge_named(arena, file, out->clusters, value_get(doc, "clusters"), "cluster");
    out->users = merge_named(arena, file, out->users, value_get(doc, "users"), "user");
    out->contexts = merge_named(arena, file, out->contexts, value_get(doc, "contexts"), "context");
    const char *current = value_dig_string(doc, "current-context", NULL);
    if (!out->current_context && current && *current)
        out->current_context = current;
    out->files = out->files ? arena_printf(arena, "%s:%s", out->files, file) : file;
    return true;
}

static const char *full_path(struct arena *arena, const char *file) {
    char real[PATH_MAX];
    const char *home = getenv("HOME");
    if (file[0] == '~' && (file[1] == '/' || !file[1]) && home)
        return arena_printf(arena, "%s%s", home, file + 1);
    if (*file == '/' || !getcwd(real, sizeof real))
        return file;
    return arena_printf(arena, "%s/%s", real, file);
}

bool kubeconfig_load(struct arena *arena, const char *const *files, size_t count, bool must_exist,
                     const char *origin, struct kubeconfig *out, struct err *err) {
    struct value none = value_map(arena, NULL, 0);
    *out = (struct kubeconfig){.clusters = none, .users = none, .contexts = none};
    for (size_t i = 0; i < count; i++) {
        const char *file = full_path(arena, files[i]);
        if (!*files[i] || (!must_exist && access(file, F_OK)))
            continue;
        if (!merge_file(arena, file, out, err)) {
            err->path = origin;
            return err_wrap(err, "%s", origin);
        }
    }
    return true;
}
