// SPDX-License-Identifier: Apache-2.0
// sprig's functions (v3.3.0, without env and expandenv) by family; each table ends with a NULL name.
#ifndef TEMPLATE_SPRIG_H
#define TEMPLATE_SPRIG_H

#include "template/funcs.h"

extern const struct rt_func funcs_strings[], funcs_join[], funcs_numeric[], funcs_list[], funcs_dict[],
    funcs_defaults[], funcs_path[], funcs_regex[], funcs_semver[], funcs_date[], funcs_duration[],
    funcs_url[], funcs_random[], funcs_crypto[], funcs_cert[];

#endif
