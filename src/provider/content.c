// SPDX-License-Identifier: Apache-2.0
#include "provider/provider.h"

#include "provider/config.h"
#include "provider/content.h"

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
