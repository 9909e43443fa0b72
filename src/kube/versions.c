// SPDX-License-Identifier: Apache-2.0
// Under which version a kind is served whose version is gone. The object is the same: the server converts it.
#include "kube/private.h"

#include <string.h>

// Kinds that moved to another group. Source: kubernetes.io, "Deprecated API Migration Guide".
static const struct {
    const char *group, *kind, *moved_to;
} MOVES[] = {
    {"extensions", "DaemonSet", "apps"},
    {"extensions", "Deployment", "apps"},
    {"extensions", "ReplicaSet", "apps"},
    {"extensions", "Ingress", "networking.k8s.io"},
    {"extensions", "NetworkPolicy", "networking.k8s.io"},
    {"extensions", "PodSecurityPolicy", "policy"},
};

static const char *group_of(struct arena *arena, const char *api_version) {
    const char *slash = strchr(api_version, '/');
    return arena_strndup(arena, api_version, slash ? (size_t)(slash - api_version) : 0);
}

static const char *moved(const char *group, const char *kind) {
    for (size_t i = 0; i < sizeof MOVES / sizeof *MOVES; i++)
        if (!strcmp(MOVES[i].group, group) && !strcmp(MOVES[i].kind, kind))
            return MOVES[i].moved_to;
    return NULL;
}

// The versions of one group as /apis lists them, the preferred one first.
static struct value versions_of(struct arena *arena, struct value groups, const char *group) {
    struct value out = value_list(arena, NULL, 0);
    for (size_t i = 0; group && i < value_len(groups); i++) {
        struct value item = value_at(groups, i), versions = value_get(item, "versions");
        struct value preferred = value_dig(item, "preferredVersion", "groupVersion", NULL);
        if (!value_is_text(value_get(item, "name"), group))
            continue;
        if (value_kind(preferred) == VALUE_STRING)
            out = value_append(arena, out, preferred);
        for (size_t j = 0; j < value_len(versions); j++)
            out = value_append(arena, out, value_get(value_at(versions, j), "groupVersion"));
    }
    return out;
}

static bool find_among(struct call *call, struct kube_client *client, struct value versions, const char *kind,
                       const char **out, struct err *err) {
    for (size_t i = 0; i < value_len(versions) && !*out; i++) {
        struct kube_resource ignored;
        struct err failure = err_in(call->arena);
        const char *version = value_text_or(value_at(versions, i), "");
        if (!*version)
            continue;
        if (kube_resolve(call, client, version, kind, &ignored, &failure))
            *out = version;
        else if (failure.kind != ERR_NOT_FOUND)
            return err_set(err, failure.kind, "%s", failure.msg);
    }
    return true;
}

bool kube_find_version(struct call *call, struct kube_client *client, const struct kube_ref *ref,
                       const char **out, struct err *err) {
    struct arena *arena = call->arena;
    const char *group = group_of(arena, ref->api_version);
    struct value document;
    *out = NULL;
    if (!*group) // the core group has one version, and no kind ever left it
        return true;
    if (!kube_get_path(call, client, "/apis", NULL, "discover the API groups", &document, err))
        return false;
    struct value groups = value_get(document, "groups");
    return find_among(call, client, versions_of(arena, groups, group), ref->kind, out, err) &&
           (*out || find_among(call, client, versions_of(arena, groups, moved(group, ref->kind)), ref->kind,
                               out, err));
}
