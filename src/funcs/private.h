// SPDX-License-Identifier: Apache-2.0
// The families, each a table ending with a NULL name. A later one hides an earlier name.
#ifndef FUNCS_PRIVATE_H
#define FUNCS_PRIVATE_H

#include "template/function.h"

extern const struct rt_func funcs_strings[], funcs_join[], funcs_numeric[], funcs_list[], funcs_dict[],
    funcs_defaults[], funcs_path[], funcs_regex[], funcs_semver[], funcs_date[], funcs_duration[],
    funcs_url[], funcs_random[], funcs_crypto[], funcs_cert[], funcs_helm[];

#endif
