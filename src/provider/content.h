// SPDX-License-Identifier: Apache-2.0
// What this provider offers, one object per file; provider.c lists them.
#ifndef PROVIDER_CONTENT_H
#define PROVIDER_CONTENT_H

#include "provider/provider.h"

extern const struct resource_impl resource_operator, resource_instance;
extern const struct data_impl data_instance, data_release_channel, data_chart_template,
    data_legacy_deployment;
extern const struct function_impl function_decode_license, function_merge_spec, function_helm_set,
    function_module_spec;

#endif
