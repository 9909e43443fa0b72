// SPDX-License-Identifier: Apache-2.0
// Decimal numbers without rounding: comparison and text of the three number kinds.
#ifndef VALUE_NUMBER_H
#define VALUE_NUMBER_H

#include "value/value.h"

// Shortest decimal text that reads back as the same double ("0.1", "1e+30"), C locale.
// `out` holds at least 32 bytes.
void number_shortest(double real, char out[32]);

// Orders two values of number kinds by what they say; doubles by their shortest text.
int number_compare(struct value a, struct value b);

// The best kind for a decimal literal (JSON grammar): int64 when it is one exactly,
// a double when its shortest text says the same number, else VALUE_NUMBER.
// False when the text is no number.
bool number_parse(struct arena *arena, const char *text, size_t len, struct value *out);

// Plain decimal digits, no exponent ("1000", "0.000001"), as Terraform's wire wants them.
const char *number_plain(struct arena *arena, struct value number);

#endif
