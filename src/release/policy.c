// SPDX-License-Identifier: Apache-2.0
// The annotation helm.sh/resource-policy (helm pkg/action/resource_policy.go). Uninstalling, Helm reads it in
// the manifest and compares it without regard to case and blanks; what has another word it neither deletes
// nor names. Pruning, it reads the live object's to the letter. We keep more than that: what says keep in
// either place, in any spelling, is never deleted.
#include "release/private.h"

#include "helm/render.h"

#include <string.h>

#define POLICY "helm.sh/resource-policy"

enum release_policy policy_of(struct arena *arena, struct value object) {
    struct value annotations = value_dig(object, "metadata", "annotations", NULL),
                 word = value_get(annotations, POLICY);
    if (!value_has(annotations, POLICY))
        return RELEASE_POLICY_NONE;
    if (value_kind(word) != VALUE_STRING)
        return RELEASE_POLICY_OTHER;
    bool keep = !strcmp(helm_annotation_word(arena, value_text_or(word, ""), value_len(word)), "keep");
    return keep ? RELEASE_POLICY_KEEP : RELEASE_POLICY_OTHER;
}
