// SPDX-License-Identifier: Apache-2.0
// Objects that are known by name and namespace: their identity, and importing by it.
#ifndef PROVIDER_IDENTITY_H
#define PROVIDER_IDENTITY_H

#include "provider/provider.h"

extern const struct schema_attr identity_attrs[]; // name (required), namespace (optional)

struct value identity_value(struct arena *arena, const char *name, const char *namespace);

// Fills `state` for an import by "NAMESPACE/NAME" or by identity: the two names and every default of
// `schema`. ERR_INVALID for an id of another form; `default_namespace` is an identity's without one.
bool identity_import(struct arena *arena, const struct schema *schema, const char *default_namespace,
                     const char *id, struct value identity, struct resource_state *state, struct err *err);

#endif
