// SPDX-License-Identifier: Apache-2.0
// Fields that a configuration leaves to others (ignore_drift), as Argo CD's ignoreDifferences does:
//     Deployment/wandb-controller-manager spec.replicas
//     Ingress.networking.k8s.io/wandb/* metadata.annotations["alb.ingress.kubernetes.io/*"]
// An object first: its kind, with the API group where the kind alone does not say which, its namespace if
// that matters, and its name. Then a path (value/path.h): the field there, and all below it. Kind, group,
// namespace, name and keys may be shell patterns (fnmatch), an index may be "*". Pure.
#ifndef KUBE_IGNORED_H
#define KUBE_IGNORED_H

#include "kube/client.h"
#include "value/path.h"

struct kube_ignored_rule {
    const char *kind, *group, *namespace, *name; // patterns; group and namespace NULL for any
    const struct path_step *steps;               // keys are patterns, "*" is any index, too
    size_t count;
};

struct kube_ignored {
    const struct kube_ignored_rule *rules;
    size_t count;
};

// Reads a list of patterns, passing over what is no text (unknown as yet); no list is none. ERR_INVALID at
// the place of one that is none, below `attribute`. Only what is compared may be named: of the metadata
// labels and annotations, and no status.
bool kube_ignored_parse(struct arena *arena, const char *attribute, struct value patterns,
                        struct kube_ignored *out, struct err *err);

// Those that speak of this object. With its name as texts have it (kube_ref_text, "Kind/namespace/name"), a
// group that the name does not say is any.
struct kube_ignored kube_ignored_of(struct arena *arena, const struct kube_ignored *all,
                                    const struct kube_ref *ref);
struct kube_ignored kube_ignored_named(struct arena *arena, const struct kube_ignored *all,
                                       const char *object);

// How much of what is at a path (as text) of the object is ignored.
enum kube_ignored_extent {
    KUBE_IGNORED_NOT,
    KUBE_IGNORED_BELOW, // something below it may be
    KUBE_IGNORED_WHOLLY,
};
enum kube_ignored_extent kube_ignored_at(struct arena *arena, const struct kube_ignored *ignored,
                                         const char *path);

// An object with what `from` has at the ignored places, and without what it has not. Items of a list are
// matched by their names, where they have none by their index.
struct value kube_ignored_take(struct arena *arena, const struct kube_ignored *ignored, struct value object,
                               struct value from);

// What to apply of a manifest over the live object (null: none yet, then all of it): at the ignored places
// what we own there is said as it is now, so that nothing of it changes, and the rest is not said. Inside a
// list of which we own nothing all is said as it is.
struct value kube_ignored_left(struct arena *arena, const struct kube_ignored *ignored, struct value manifest,
                               struct value live, const char *manager);

#endif
