// SPDX-License-Identifier: Apache-2.0
// What the API server says of who may not do something (apiserver pkg/endpoints/handlers/responsewriters,
// forbiddenMessage):
//     User "u" cannot patch resource "pods/status" in API group "" in the namespace "ns"
//     User "u" cannot list resource "nodes" in API group "" at the cluster scope
//     User "u" cannot get path "/version"
#include "kube/private.h"

#include "base/cursor.h"

#include <string.h>

// Past the words, and takes the quoted text after them.
static bool quoted_after(struct cursor *text, const char *words, struct cursor *out) {
    if (!cursor_eat(text, words) || !cursor_eat(text, "\""))
        return false;
    *out = cursor_until(text, "\"");
    return cursor_eat(text, "\"");
}

const char *kube_missing_rule(struct arena *arena, const char *message) {
    const char *at = message ? strstr(message, "\" cannot ") : NULL;
    struct cursor text = cursor_of(at ? at + 1 : ""), verb, what, group, namespace;
    if (!cursor_eat(&text, " cannot "))
        return NULL;
    verb = cursor_until(&text, " ");
    if (quoted_after(&text, " path ", &what))
        return arena_printf(arena,
                            "The rule that is missing, for a ClusterRole:\n\n  - nonResourceURLs: "
                            "[\"%s\"]\n    verbs: [\"%s\"]",
                            cursor_text(what, arena), cursor_text(verb, arena));
    if (!quoted_after(&text, " resource ", &what) || !quoted_after(&text, " in API group ", &group))
        return NULL;
    const char *whose = quoted_after(&text, " in the namespace ", &namespace)
                            ? arena_printf(arena, "Role in namespace %s", cursor_text(namespace, arena))
                            : "ClusterRole";
    return arena_printf(arena,
                        "The rule that is missing, for a %s:\n\n  - apiGroups: [\"%s\"]\n    resources: "
                        "[\"%s\"]\n    verbs: [\"%s\"]",
                        whose, cursor_text(group, arena), cursor_text(what, arena), cursor_text(verb, arena));
}
