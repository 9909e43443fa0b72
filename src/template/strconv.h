// SPDX-License-Identifier: Apache-2.0
// What the strconv files share. Private to src/template.
#ifndef TEMPLATE_STRCONV_H
#define TEMPLATE_STRCONV_H

#include "template/funcs.h"

// Quoting as fmt's %q does: `quote` around it, only ASCII when told.
void strconv_quote_with(struct buf *out, const char *text, size_t len, char quote, bool ascii);
void strconv_quote_rune(struct buf *out, int32_t rune, bool ascii);

// ParseUint with base 0 (prefixes and underscores) or a given base.
bool strconv_parse_uint(const char *text, size_t len, int base, uint64_t *out);

#endif
