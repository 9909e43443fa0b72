// SPDX-License-Identifier: Apache-2.0
// A schema table as the Markdown that registries show.
#ifndef SCHEMA_DOCS_H
#define SCHEMA_DOCS_H

#include "base/buf.h"
#include "schema/schema.h"

// Appends the page's "## Schema" part: attributes by required, optional and read-only, then nested ones.
void schema_docs(struct buf *out, const struct schema *schema);

// "List of String", "Dynamic", …
const char *schema_docs_type(struct arena *arena, const struct type *type);

#endif
