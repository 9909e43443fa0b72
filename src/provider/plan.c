// SPDX-License-Identifier: Apache-2.0
#include "provider/provider.h"

#include <string.h>

void resource_plan_update(struct arena *arena, const struct schema *schema, struct resource_plan *plan) {
    if (plan->changes || value_is_null(plan->config))
        return;
    plan->planned.value =
        schema_unknowns(arena, schema, plan->config, plan->prior.value, plan->planned.value);
    plan->changes = true;
}

void resource_plan_replace(struct arena *arena, struct resource_plan *plan, const char *path) {
    size_t count = plan->replace.count;
    const char **items = arena_array(arena, count + 1, sizeof *items);
    if (count)
        memcpy(items, plan->replace.items, count * sizeof *items);
    items[count] = arena_strdup(arena, path);
    plan->replace = (struct schema_strings){items, count + 1};
}
