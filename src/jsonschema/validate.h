// SPDX-License-Identifier: Apache-2.0
// JSON Schema, drafts 4, 6, 7, 2019-09 and 2020-12, with the words of the validator inside
// Helm (santhosh-tekuri/jsonschema v6): "- at '/age': minimum: got -5, want 0".
#ifndef JSONSCHEMA_VALIDATE_H
#define JSONSCHEMA_VALIDATE_H

#include "base/err.h"
#include "value/value.h"

// Fetches a document that a schema refers to; `url` is absolute and has no fragment.
struct jsonschema_loader {
    bool (*load)(void *user, struct arena *arena, const char *url, struct value *out, struct err *err);
    void *user;
};

// A schema, and where it lies. Without "$schema" it is draft 2020-12.
struct jsonschema_document {
    struct value schema;
    const char *url;
    const struct jsonschema_loader *loader; // NULL: references to other documents are refused
};

// Checks `instance` against the schema.
// `report` becomes NULL when the instance is valid, else every violation, one a line, in the order
// of the keywords and of sorted property names, without a final newline. False, with ERR_INVALID,
// when the schema itself is of no use: a reference that leads nowhere, a bad pattern.
bool jsonschema_check(struct arena *arena, const struct jsonschema_document *document, struct value instance,
                      const char **report, struct err *err);

#endif
