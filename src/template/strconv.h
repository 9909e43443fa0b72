// SPDX-License-Identifier: Apache-2.0
// What the strconv files share. Private to src/template.
#ifndef TEMPLATE_STRCONV_H
#define TEMPLATE_STRCONV_H

#include "template/funcs.h"

// ParseUint with base 0 (prefixes and underscores) or a given base.
bool strconv_parse_uint(const char *text, size_t len, int base, uint64_t *out);

#endif
