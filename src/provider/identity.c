// SPDX-License-Identifier: Apache-2.0
#include "provider/identity.h"

#include <string.h>

const struct schema_attr identity_attrs[] = {
    {.name = "name", .type = &type_string, .flags = SCHEMA_REQUIRED, .doc = "Its name."},
    {.name = "namespace", .type = &type_string, .flags = SCHEMA_OPTIONAL, .doc = "Its namespace."},
    {0},
};

struct value identity_value(struct arena *arena, const char *name, const char *namespace) {
    struct value_entry identity[] = {{"name", value_string(arena, name)},
                                     {"namespace", value_string(arena, namespace)}};
    return value_map(arena, identity, 2);
}

bool identity_import(struct arena *arena, const struct schema *schema, const char *default_namespace,
                     const char *id, struct value identity, struct resource_state *state, struct err *err) {
    const char *name = value_dig_string(identity, "name", NULL);
    const char *namespace = value_dig_string(identity, "namespace", NULL);
    const char *slash = id ? strchr(id, '/') : NULL;
    if (id && (!slash || slash == id || !slash[1] || strchr(slash + 1, '/')))
        return err_set(err, ERR_INVALID, "the import id \"%s\" is not NAMESPACE/NAME, for example %s/example",
                       id, default_namespace);
    if (id) {
        namespace = arena_strndup(arena, id, (size_t)(slash - id));
        name = slash + 1;
    }
    if (!name)
        return err_set(err, ERR_INVALID, "the identity has no name");
    struct value known = identity_value(arena, name, namespace ? namespace : default_namespace);
    state->value = schema_defaults(arena, schema, known, known);
    return true;
}
