// SPDX-License-Identifier: Apache-2.0
// The template function `lookup`, answered by the cluster: what is not there is an empty map, as is a kind
// that its group does not have; a group and version that the server does not serve ends the template.
#include "release/private.h"

#include <string.h>

static struct value empty(void) {
    return value_map_of(NULL, 0);
}

static struct value list_of(struct arena *arena, const struct kube_ref *ref, struct value items) {
    struct value_entry entries[] = {{"apiVersion", value_string(arena, ref->api_version)},
                                    {"items", items},
                                    {"kind", value_string(arena, arena_printf(arena, "%sList", ref->kind))}};
    return value_map(arena, entries, 3);
}

// As Go prints the kind of "group/version"; NULL where there is more than one slash, or nothing.
static const char *kind_shown(struct arena *arena, const char *api_version, const char *kind) {
    const char *slash = strchr(api_version, '/');
    if (!*api_version || (slash && strchr(slash + 1, '/')))
        return NULL;
    return arena_printf(arena, "%s%s, Kind=%s", slash ? "" : "/", api_version, kind);
}

// Helm installs a chart's own CRDs before it renders; we render first, so their kinds may be unknown yet.
static bool is_own_kind(struct run *run, const char *api_version, const char *kind) {
    struct arena *arena = run->call->arena;
    const char *const *apis;
    size_t count;
    struct err ignored = err_in(arena);
    const char *wanted = arena_printf(arena, "%s/%s", api_version, kind);
    if (!crds_apis(run, &apis, &count, &ignored))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(apis[i], wanted))
            return true;
    return false;
}

static bool no_such_kind(struct run *run, const struct kube_ref *ref, struct value *out, struct err *err) {
    struct arena *arena = run->call->arena;
    const char *shown = kind_shown(arena, ref->api_version, ref->kind);
    *out = ref->name ? empty() : list_of(arena, ref, value_list(arena, NULL, 0));
    if (!shown)
        return err_set(err, ERR_INVALID,
                       "unable to get apiresource from unstructured: /, Kind=%s: groupVersion shouldn't be "
                       "empty",
                       ref->kind);
    return kube_serves_version(run->kube, ref->api_version) ||
           is_own_kind(run, ref->api_version, ref->kind) ||
           err_set(err, ERR_INVALID,
                   "unable to get apiresource from unstructured: %s: the server could not find the requested "
                   "resource",
                   shown);
}

static bool list(struct run *run, const struct kube_ref *ref, struct value *out, struct err *err) {
    struct value items;
    if (!kube_list(run->call, run->kube, ref, NULL, &items, err))
        return false;
    *out = list_of(run->call->arena, ref, items);
    return true;
}

bool release_lookup(void *context, const char *api_version, const char *kind, const char *namespace,
                    const char *name, struct value *out, struct err *err) {
    struct run *run = context;
    struct kube_ref ref = KUBE_REF(api_version, kind, *namespace ? namespace : NULL, *name ? name : NULL);
    struct kube_resource resource;
    struct err failure = err_in(run->call->arena);
    if (!kind_shown(run->call->arena, api_version, kind))
        return no_such_kind(run, &ref, out, err);
    if (!kube_resolve(run->call, run->kube, api_version, kind, &resource, &failure))
        return failure.kind == ERR_NOT_FOUND ? no_such_kind(run, &ref, out, err)
                                             : err_set(err, failure.kind, "%s", failure.msg);
    *out = empty();
    if (*name && resource.namespaced && !*namespace)
        return true; // there is no such path, says the server
    return *name ? kube_find(run->call, run->kube, &ref, out, err) : list(run, &ref, out, err);
}
