// SPDX-License-Identifier: Apache-2.0
#include "wandb/written.h"

#include "kube/fields.h"

#include <string.h>

bool written_by(struct value live, const char *manager) {
    struct value fields = value_dig(live, "metadata", "managedFields", NULL);
    for (size_t i = 0; i < value_len(fields); i++) {
        struct value entry = value_at(fields, i);
        if (value_is_text(value_get(entry, "manager"), manager) &&
            value_is_text(value_get(entry, "operation"), "Apply") &&
            value_equal(value_get(entry, "apiVersion"), value_get(live, "apiVersion")))
            return true;
    }
    return false;
}

static struct value written(struct arena *arena, struct value live, const struct path *path, struct value v) {
    size_t count = 0;
    struct value_entry *entries = arena_array(arena, value_len(v) + 1, sizeof *entries);
    if (value_kind(v) != VALUE_MAP)
        return v;
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        struct path here = {path, {.key = entry->key}};
        if (kube_owners_at(arena, live, path_text(arena, &here)).count)
            entries[count++] = (struct value_entry){entry->key, written(arena, live, &here, entry->value)};
    }
    return count || !value_len(v) ? value_map(arena, entries, count) : v;
}

struct value written_spec(struct arena *arena, struct value live, const char *manager) {
    struct path root = {NULL, {.key = "spec"}};
    struct value spec = value_get(live, "spec");
    return written_by(live, manager) ? written(arena, live, &root, spec) : spec;
}
