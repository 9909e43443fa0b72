// SPDX-License-Identifier: Apache-2.0
#include "release/write.h"

#include "codec/yaml.h"

#include <stdlib.h>
#include <string.h>

enum { SETTLE_MS = 5000, ASK_AGAIN_MS = 250 };

// A CRD that has just come or gone takes the server's discovery a moment to follow.
static bool find_kind(struct run *run, const struct kube_ref *ref, bool strict, struct kube_resource *out,
                      struct err *err) {
    int64_t until = call_now() + SETTLE_MS;
    while (!kube_resolve(run->call, run->kube, ref->api_version, ref->kind, out, err)) {
        bool passing = err->kind == ERR_UNAVAILABLE || (strict && err->kind == ERR_NOT_FOUND);
        if (!passing || call_now() >= until || !call_sleep(run->call, ASK_AGAIN_MS, err))
            return false;
    }
    err->kind = ERR_NONE;
    return true;
}

// A chart that is written now must say a version that is served. One that is stored may be older than the
// server: its objects are where the kind is now.
static bool find_elsewhere(struct run *run, bool strict, struct kube_ref *ref, struct kube_resource *resource,
                           struct err *err) {
    const char *version;
    struct err failure = err_in(run->call->arena);
    bool told = kube_find_version(run->call, run->kube, ref, &version, &failure);
    if (strict && told && version)
        return err_wrap(err, "%s is served as %s now: use a chart that says so", ref->kind, version);
    if (strict || (told && !version))
        return false;
    *err = failure;
    if (!told)
        return false;
    ref->api_version = version;
    return kube_resolve(run->call, run->kube, version, ref->kind, resource, err);
}

// The kind's scope, and in `ref` the version that is served. A kind that the server does not know is taken
// for namespaced: nearly all custom kinds are.
static bool resolve(struct run *run, struct kube_ref *ref, bool strict, struct release_object *out,
                    bool *namespaced, struct err *err) {
    struct kube_resource resource;
    bool found = find_kind(run, ref, strict, &resource, err);
    if (!found && err->kind == ERR_NOT_FOUND)
        found = find_elsewhere(run, strict, ref, &resource, err);
    out->unserved = !found;
    *namespaced = !found || resource.namespaced;
    if (found)
        return true;
    if (strict || err->kind != ERR_NOT_FOUND)
        return err_wrap(err, "%s \"%s\"", ref->kind, ref->name);
    err->kind = ERR_NONE;
    return true;
}

bool objects_place(struct run *run, struct value object, bool strict, struct release_object *out,
                   struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_ref ref = kube_ref_of(object);
    bool namespaced;
    if (!resolve(run, &ref, strict, out, &namespaced, err))
        return false;
    if (strcmp(ref.api_version, value_text_or(value_get(object, "apiVersion"), "")) != 0)
        object = value_with(arena, object, "apiVersion", value_string(arena, ref.api_version));
    if (namespaced && (!ref.namespace || !*ref.namespace)) {
        struct value metadata = value_with(arena, value_get(object, "metadata"), "namespace",
                                           value_string(arena, run->release.namespace));
        object = value_with(arena, object, "metadata", metadata);
    }
    out->object = object;
    out->ref = kube_ref_of(object);
    if (!namespaced)
        out->ref.namespace = NULL;
    return true;
}

static struct release_object *grow(struct arena *arena, struct release_objects *objects) {
    size_t old = objects->count, size = sizeof *objects->items;
    if ((old & (old - 1)) == 0)
        objects->items = arena_grow(arena, objects->items, old * size, (old ? old * 2 : 1) * size);
    objects->items[old] = (struct release_object){.unserved = false};
    return &objects->items[objects->count++];
}

// Helm finds a list's own kind before it looks at the items: a kind that is served, and "List".
static bool check_list_kind(struct run *run, struct value list, bool strict, struct err *err) {
    const char *kind = value_text_or(value_get(list, "kind"), "");
    struct kube_ref ref = KUBE_REF(value_dig_string(list, "apiVersion", NULL), kind, NULL, "");
    struct release_object ignored;
    bool namespaced;
    if (!strcmp(kind, "List"))
        return true;
    if (documents_is_list_kind(kind))
        ref.kind = arena_strndup(run->call->arena, kind, strlen(kind) - 4);
    return resolve(run, &ref, strict, &ignored, &namespaced, err);
}

static bool add_document(struct run *run, struct value document, bool strict, struct release_objects *out,
                         struct err *err) {
    struct arena *arena = run->call->arena;
    struct objects objects = {0};
    if (!documents_add(arena, document, &objects, err) ||
        (documents_is_list(document) && !check_list_kind(run, document, strict, err)))
        return false;
    enum release_policy policy = policy_of(arena, document);
    for (size_t i = 0; i < objects.count; i++) {
        struct release_object *object = grow(arena, out);
        if (!objects_place(run, objects.items[i], strict, object, err))
            return false;
        object->object = ownership_stamp(arena, object->object, &run->release);
        object->policy =
            policy_of(arena, objects.items[i]) == RELEASE_POLICY_KEEP ? RELEASE_POLICY_KEEP : policy;
    }
    return true;
}

// Where a release has one kind of two API groups, the kind alone does not say which object is meant.
static void tell_apart(struct release_objects *objects) {
    for (size_t i = 0; i < objects->count; i++) {
        struct kube_ref *ref = &objects->items[i].ref;
        for (size_t j = 0; j < objects->count && !ref->grouped; j++)
            ref->grouped = !strcmp(ref->kind, objects->items[j].ref.kind) &&
                           !kube_same_group(ref, &objects->items[j].ref);
    }
}

bool objects_parse(struct call *call, struct kube_client *kube, const struct release *release, bool strict,
                   struct release_objects *out, struct err *err) {
    struct run run = {.call = call, .kube = kube, .release = *release};
    const struct helm_manifest *manifests;
    size_t count;
    *out = (struct release_objects){0};
    if (!helm_manifest_split(call->arena, HELM_3, release->manifest, &manifests, &count, err))
        return err_wrap(err, "manifest of release \"%s\"", release->name);
    for (size_t i = 0; i < count; i++)
        if (!add_document(&run, manifests[i].object, strict, out, err))
            return err_wrap(err, "manifest of release \"%s\", document %zu%s%s%s", release->name,
                            manifests[i].document, *manifests[i].source ? " (" : "", manifests[i].source,
                            *manifests[i].source ? ")" : "");
    tell_apart(out);
    return true;
}

bool release_objects_of(struct call *call, struct kube_client *kube, const struct release *release,
                        struct release_objects *out, struct err *err) {
    return objects_parse(call, kube, release, false, out, err);
}

static bool same_text(const char *a, const char *b) {
    return !strcmp(a ? a : "", b ? b : "");
}

// One object whatever version of its API is named.
static bool same_ref(const struct kube_ref *a, const struct kube_ref *b) {
    return kube_same_group(a, b) && same_text(a->kind, b->kind) && same_text(a->namespace, b->namespace) &&
           same_text(a->name, b->name);
}

const struct release_object *objects_find(const struct release_objects *objects, const struct kube_ref *ref) {
    for (size_t i = 0; i < objects->count; i++)
        if (same_ref(&objects->items[i].ref, ref))
            return &objects->items[i];
    return NULL;
}

struct release_objects objects_minus(struct arena *arena, const struct release_objects *a,
                                     const struct release_objects *b) {
    struct release_objects out = {arena_array(arena, a->count + 1, sizeof *out.items), 0};
    for (size_t i = 0; i < a->count; i++)
        if (!objects_find(b, &a->items[i].ref))
            out.items[out.count++] = a->items[i];
    return out;
}

void objects_add(struct arena *arena, struct release_objects *objects, const struct release_objects *more) {
    struct release_object *items = arena_array(arena, objects->count + more->count + 1, sizeof *items);
    for (size_t i = 0; i < objects->count + more->count; i++)
        items[i] = i < objects->count ? objects->items[i] : more->items[i - objects->count];
    *objects = (struct release_objects){items, objects->count + more->count};
}

static bool add_crds(struct arena *arena, struct value document, struct release_objects *out,
                     struct err *err) {
    struct objects objects = {0};
    if (!documents_add(arena, document, &objects, err))
        return false;
    for (size_t i = 0; i < objects.count; i++)
        *grow(arena, out) = (struct release_object){
            .object = objects.items[i], .ref = kube_ref_of(objects.items[i]), .policy = RELEASE_POLICY_KEEP};
    return true;
}

bool release_crds_of(struct arena *arena, const struct helm_crds *crds, struct release_objects *out,
                     struct err *err) {
    *out = (struct release_objects){0};
    for (size_t i = 0; i < crds->count; i++) {
        struct value documents;
        if (!yaml_decode_all(arena, crds->items[i].text, crds->items[i].len, YAML_NUMBERS_EXACT, &documents,
                             err))
            return err_wrap(err, "%s", crds->items[i].file);
        for (size_t j = 0; j < value_len(documents); j++)
            if (!add_crds(arena, value_at(documents, j), out, err))
                return err_wrap(err, "%s, document %zu", crds->items[i].file, j + 1);
    }
    return true;
}

// A release's objects are its own: what others edited in them is put back, so force is right here.
struct kube_request apply_request(const struct run *run, const struct release_object *object) {
    return (struct kube_request){.verb = KUBE_APPLY,
                                 .ref = object->ref,
                                 .body = object->object,
                                 .manager = run->manager,
                                 .force = true};
}
