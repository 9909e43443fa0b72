// SPDX-License-Identifier: Apache-2.0
// Decimal numbers without rounding: comparison and text of the three number kinds.
#ifndef VALUE_NUMBER_H
#define VALUE_NUMBER_H

#include "value/value.h"

// Shortest decimal text that reads back as the same double ("0.1", "1e+30"), C locale.
// `out` holds at least 32 bytes.
void number_shortest(double real, char out[32]);

enum { NUMBER_TEXT = 40 }; // bytes that hold any of the two texts below

// As Go's encoding/json writes it: plain for 1e-6 <= |real| < 1e21, else "1e-7", "1e+21".
void number_json(double real, char out[NUMBER_TEXT]);

// As Go's %v and %g write it: plain for decimal exponents -4 to 5, else "1e+06", "1.2345675e+06"; "NaN",
// "+Inf", "-Inf".
void number_g(double real, char out[NUMBER_TEXT]);

// Orders two values of number kinds by what they say; doubles by their shortest text.
int number_compare(struct value a, struct value b);

// The best kind for a decimal literal (JSON grammar): int64 when it is one exactly,
// a double when its shortest text says the same number, else VALUE_NUMBER.
// False when the text is no number, or its exponent is beyond ±9999 (a few bytes of hostile
// input would otherwise become gigabytes of digits in number_plain).
bool number_parse(struct arena *arena, const char *text, size_t len, struct value *out);

// True when `number` is a whole multiple of `of` (which is not zero), exactly, doubles by their
// shortest text: 0.3 is a multiple of 0.1.
bool number_is_multiple(struct value number, struct value of);

// Plain decimal digits, no exponent ("1000", "0.000001"), as Terraform's wire wants them.
const char *number_plain(struct arena *arena, struct value number);

#endif
