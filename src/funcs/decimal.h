// SPDX-License-Identifier: Apache-2.0
// Exact decimal numbers for addf, subf, mulf and divf: 0.1 times 3 is 0.3. The rules are
// shopspring/decimal's: a float is its shortest decimal text, division gives 16 decimals.
#ifndef FUNCS_DECIMAL_H
#define FUNCS_DECIMAL_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum { DECIMAL_MAX_DIGITS = 5000 }; // of an operand or a result

struct decimal {
    bool negative;
    uint32_t len;    // digits; 0 for zero
    int32_t exp;     // the value is digits times ten to this
    uint8_t *digits; // 0 to 9, least significant first, no zeros at the high end
};

// `f` must be finite.
struct decimal decimal_from_double(struct arena *arena, double f);
// Nearest double; infinite when too big.
double decimal_to_double(struct arena *arena, struct decimal d);

// False when the result would have too many digits, or on division by zero (see decimal.len of b).
bool decimal_add(struct arena *arena, struct decimal a, struct decimal b, struct decimal *out);
bool decimal_sub(struct arena *arena, struct decimal a, struct decimal b, struct decimal *out);
bool decimal_mul(struct arena *arena, struct decimal a, struct decimal b, struct decimal *out);
bool decimal_div(struct arena *arena, struct decimal a, struct decimal b, struct decimal *out);

#endif
