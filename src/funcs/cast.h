// SPDX-License-Identifier: Apache-2.0
// How functions with untyped parameters read them: numbers as spf13/cast 1.7 does
// (what cannot be read is 0), texts and string lists as sprig does.
#ifndef FUNCS_CAST_H
#define FUNCS_CAST_H

#include "template/function.h"

// "0x10" is 16, "010" is 8, "1.0" is 1, "1.5" and " 5" are 0, true is 1, 1.9 is 1.
int64_t cast_int64(struct rv v);

// "1e3" is 1000, "0x10" is not a float and 0.
double cast_float64(struct rv v);

// A float as Go's conversion makes it an int64 on amd64: toward zero, out of range the smallest.
int64_t cast_truncate(double f);

// Decimal digits with a sign, as where Go code ignores strconv's error: a number too big is the
// biggest there is, anything else is 0.
int64_t cast_decimal(const char *text, size_t len);

// The string without white space around it.
struct rv cast_trim(struct rv text);
// The string without the runes around it that `in` holds for.
struct rv cast_trim_runes(struct rv text, bool (*in)(int32_t rune, struct rv set), struct rv set);

// sprig's strval: a string or bytes as they are, else as %v prints. False where that is too deep or too
// large.
bool cast_text(struct rt *rt, struct rv v, struct rv *out);

// sprig's strslice: a []string itself (the same elements, not a copy), the texts of other lists
// without their nils, nothing for nil, else one text. False as cast_text.
bool cast_strings(struct rt *rt, struct rv v, struct rv *out);

// True when `v` is a slice or a named slice; `*out` is then the plain slice.
bool cast_slice(struct rv v, struct rv *out);

#endif
