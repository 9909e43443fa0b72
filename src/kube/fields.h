// SPDX-License-Identifier: Apache-2.0
// Who wrote what: metadata.managedFields (fieldsV1) read against the object.
// Pure functions; results live in the arena.
#ifndef KUBE_FIELDS_H
#define KUBE_FIELDS_H

#include "value/path.h"
#include "value/value.h"

struct kube_owner {
    const char *manager;     // "kubectl-edit"
    const char *operation;   // "Apply" or "Update"
    const char *subresource; // "status", …; NULL for the object itself
    const char *time;        // RFC 3339, NULL when the server did not say
};

struct kube_owners {
    const struct kube_owner *items; // newest first
    size_t count;
};

// The owners of the field at a path (as value/path.h writes them: `spec.values.list[0].a`). A field
// inside a list that is owned as a whole belongs to the list's owner; a map's owners are those of
// anything below it. Where the path itself is owned by nobody (a deleted field), the result is empty.
struct kube_owners kube_field_owners(struct arena *arena, struct value object, const struct path_step *steps,
                                     size_t count);

// The same for a path as text; empty for a text that is no path.
struct kube_owners kube_owners_at(struct arena *arena, struct value object, const char *path);

// Paths, as text and sorted, of all fields that the manager owns (leaves: a field with owned fields below
// it is not listed itself). `operation` and `subresource` NULL: any. Keyed list items become their index
// in the object; items that are gone are left out.
struct kube_paths {
    const char *const *items;
    size_t count;
};
struct kube_paths kube_fields_of(struct arena *arena, struct value object, const char *manager,
                                 const char *operation, const char *subresource);

// The part of the object that the manager owns by whatever operation, without subresources: what applying it
// would say to leave everything as it is. Source: client-go util/managedfields (extract).
struct value kube_fields_extract(struct arena *arena, struct value object, const char *manager);

// Whether an entry of managedFields is of those that hand their fields over.
typedef bool kube_is_predecessor(const void *context, struct value entry);

// The object's managedFields with the entries of predecessors merged into the manager's own Apply entry,
// which is made of the first of them where it has none: what it applies next, conflicts with none of them,
// and takes away what they had and it does not say. Entries of subresources stay. Null when there is nothing
// to hand over. Source: client-go util/csaupgrade.
struct value kube_fields_handed_over(struct arena *arena, struct value object, const char *manager,
                                     kube_is_predecessor *is_predecessor, const void *context);

// Everything that anybody owns, as one set (fieldsV1); what it says of a map's member and of a list's item
// (null, or false, for nothing).
struct value kube_fields_union(struct arena *arena, struct value object);
struct value kube_fields_member(struct arena *arena, struct value set, const char *key);
bool kube_fields_item(struct arena *arena, struct value set, size_t index, struct value list,
                      struct value *out);

// How the server merges the list of which a set tells: by keys (a map with the names of them), as a set of
// values (null); false when as a whole, or when the set does not tell.
bool kube_fields_keys(struct arena *arena, struct value set, struct value *out);

// Controllers of the control plane and the kubelet, by the names of their field managers.
bool kube_is_control_plane(const struct kube_owner *owner);

// True when the manager owns anything in the object.
bool kube_is_manager(struct value object, const char *manager);

#endif
