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

// Digits of |f|: up to 17, without trailing zeros, and where the point is (0.d1d2… * 10^point).
struct digits {
    char text[800];
    int count;
    int point;
    bool negative;
};
// Shortest digits that read back as f.
void strconv_shortest(double f, struct digits *out);

#endif
