// SPDX-License-Identifier: Apache-2.0
#include "provider/provider.h"

#include "provider/config.h"
#include "provider/content.h"

#include <string.h>

static const struct resource_impl *const RESOURCES[] = {&resource_operator, &resource_instance, NULL};

static const struct data_impl *const DATA_SOURCES[] = {&data_instance, &data_release_channel,
                                                       &data_chart_template, &data_legacy_deployment, NULL};

static const struct function_impl *const FUNCTIONS[] = {&function_decode_license, &function_merge_spec,
                                                        &function_helm_set, &function_module_spec, NULL};

const struct provider_content provider_content = {
    .config = &provider_config_schema,
    .resources = RESOURCES,
    .data_sources = DATA_SOURCES,
    .functions = FUNCTIONS,
};

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
