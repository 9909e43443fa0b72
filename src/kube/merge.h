// SPDX-License-Identifier: Apache-2.0
// An update that is computed on this side, where the server's own merge (server-side apply) is refused. It is
// made as Helm 3 makes it: of the manifest written last, the manifest to write, and the object as it is. The
// whole object is sent back under the resourceVersion that it was compared at. Pure; results live in the
// arena. Source: helm 3 pkg/kube/client.go, apimachinery pkg/util/strategicpatch.
//
// How the server merges a list is told by the object's managedFields: by keys, as a set, or not at all (then
// ours takes its place). So every kind is merged by its own schema, custom ones included.
#ifndef KUBE_MERGE_H
#define KUBE_MERGE_H

#include "value/value.h"

struct kube_merge {
    struct value original; // the manifest written last; null for none. What it alone says, goes
    struct value wanted;
    struct value live; // with managedFields
    // Causes of a refusal (kube_answer's details). Of either-or fields the server names the one it does not
    // take beside ours, or ours: then what others hold there goes, too, a server's defaults included. What
    // the control plane or a controller of a subresource wrote stays.
    struct value causes;
};

// The object to send. `taken` counts what went.
struct value kube_merged(struct arena *arena, const struct kube_merge *merge, size_t *taken);

// A manifest without the fields of its metadata that only the server writes.
struct value kube_without_server_fields(struct arena *arena, struct value manifest);

// Which of them the manifest gives a value, as a text: "metadata.uid and metadata.resourceVersion"; NULL for
// none.
const char *kube_server_fields_text(struct arena *arena, struct value manifest);

#endif
