// SPDX-License-Identifier: Apache-2.0
// What objects are called in texts and notes.
#include "release/private.h"

#include <string.h>

static size_t group_length(const struct kube_ref *ref) {
    const char *slash = strchr(ref->api_version, '/');
    return slash ? (size_t)(slash - ref->api_version) : 0;
}

bool naming_same_group(const struct kube_ref *a, const struct kube_ref *b) {
    return group_length(a) == group_length(b) && !strncmp(a->api_version, b->api_version, group_length(a));
}

void naming_tell_apart(struct release_objects *objects) {
    for (size_t i = 0; i < objects->count; i++) {
        struct release_object *object = &objects->items[i];
        for (size_t j = 0; j < objects->count && !object->grouped; j++)
            object->grouped = !strcmp(object->ref.kind, objects->items[j].ref.kind) &&
                              !naming_same_group(&object->ref, &objects->items[j].ref);
    }
}

const char *release_object_text(struct arena *arena, const struct release_object *object) {
    struct kube_ref ref = object->ref;
    size_t group = object->grouped ? group_length(&ref) : 0;
    if (group)
        ref.kind = arena_printf(arena, "%s.%.*s", ref.kind, (int)group, ref.api_version);
    return kube_ref_text(arena, &ref);
}
