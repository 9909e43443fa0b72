// SPDX-License-Identifier: Apache-2.0
// What the documents of manifests, hooks and CRD files hold. Private to src/release.
#ifndef RELEASE_DOCUMENTS_H
#define RELEASE_DOCUMENTS_H

#include "helm/render.h"
#include "value/value.h"

struct objects {
    struct value *items;
    size_t count;
};
bool documents_is_list(struct value document);
bool documents_is_list_kind(const char *kind); // "List", "ConfigMapList"
// Adds the objects of a document. ERR_INVALID says what is missing in it.
bool documents_add(struct arena *arena, struct value document, struct objects *out, struct err *err);
// That what was rendered consists of objects, the hooks of the two events included; names file and document.
bool documents_check(struct arena *arena, const struct helm_rendered *rendered, const char *const events[2],
                     struct err *err);

#endif
