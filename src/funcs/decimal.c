// SPDX-License-Identifier: Apache-2.0
#include "funcs/decimal.h"

#include "value/number.h"

#include <stdlib.h>
#include <string.h>

enum { DIVISION_DECIMALS = 16 };

static void normalize(struct decimal *d) {
    while (d->len && !d->digits[d->len - 1])
        d->len--;
    if (!d->len)
        d->negative = false;
}

struct decimal decimal_from_double(struct arena *arena, double f) {
    char text[32];
    number_shortest(f, text);
    struct decimal d = {.negative = text[0] == '-', .digits = arena_alloc(arena, sizeof text)};
    bool fraction = false;
    const char *at = text + (text[0] == '-' || text[0] == '+');
    uint8_t high_first[sizeof text];
    for (; *at && *at != 'e'; at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        high_first[d.len++] = (uint8_t)(*at - '0');
        d.exp -= fraction;
    }
    if (*at == 'e')
        d.exp += atoi(at + 1);
    for (uint32_t i = 0; i < d.len; i++)
        d.digits[i] = high_first[d.len - 1 - i];
    normalize(&d);
    return d;
}

double decimal_to_double(struct arena *arena, struct decimal d) {
    char *text = arena_alloc(arena, d.len + 32), *at = text;
    if (d.negative)
        *at++ = '-';
    *at++ = '0';
    for (uint32_t i = d.len; i > 0; i--)
        *at++ = (char)('0' + d.digits[i - 1]);
    char *exponent = arena_printf(arena, "e%d", d.exp);
    memcpy(at, exponent, strlen(exponent) + 1);
    return strtod(text, NULL);
}

// The same number with `zeros` more digits at the low end.
static bool shift(struct arena *arena, struct decimal *d, int64_t zeros) {
    if (zeros < 0 || d->len + zeros > DECIMAL_MAX_DIGITS)
        return d->len == 0;
    uint8_t *digits = arena_alloc(arena, d->len + (size_t)zeros + 1);
    if (d->len)
        memcpy(digits + zeros, d->digits, d->len);
    d->digits = digits;
    d->len = d->len ? d->len + (uint32_t)zeros : 0;
    d->exp -= (int32_t)zeros;
    return true;
}

static int compare_digits(struct decimal a, struct decimal b) {
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    for (uint32_t i = a.len; i > 0; i--) {
        if (a.digits[i - 1] != b.digits[i - 1])
            return a.digits[i - 1] < b.digits[i - 1] ? -1 : 1;
    }
    return 0;
}

static uint8_t digit(struct decimal d, uint32_t i) {
    return i < d.len ? d.digits[i] : 0;
}

// |a| + |b|, or |a| - |b| where |a| >= |b|; exponents agree.
static void combine(struct arena *arena, struct decimal a, struct decimal b, bool minus,
                    struct decimal *out) {
    uint32_t len = (a.len > b.len ? a.len : b.len) + 1;
    *out = (struct decimal){a.negative, len, a.exp, arena_alloc(arena, len)};
    int carry = 0;
    for (uint32_t i = 0; i < len; i++) {
        int sum = minus ? digit(a, i) - digit(b, i) + carry : digit(a, i) + digit(b, i) + carry;
        carry = sum < 0 ? -1 : sum / 10;
        out->digits[i] = (uint8_t)(sum < 0 ? sum + 10 : sum % 10);
    }
    normalize(out);
}

bool decimal_add(struct arena *arena, struct decimal a, struct decimal b, struct decimal *out) {
    struct decimal *higher = a.exp > b.exp ? &a : &b;
    int64_t zeros = (int64_t)higher->exp - (higher == &a ? b.exp : a.exp);
    if (!shift(arena, higher, zeros))
        return false;
    a.exp = b.exp = a.exp < b.exp ? a.exp : b.exp;
    if (a.negative == b.negative)
        combine(arena, a, b, false, out);
    else if (compare_digits(a, b) >= 0)
        combine(arena, a, b, true, out);
    else
        combine(arena, b, a, true, out);
    return true;
}

bool decimal_sub(struct arena *arena, struct decimal a, struct decimal b, struct decimal *out) {
    b.negative = !b.negative && b.len;
    return decimal_add(arena, a, b, out);
}

bool decimal_mul(struct arena *arena, struct decimal a, struct decimal b, struct decimal *out) {
    uint32_t len = a.len + b.len;
    if (len > DECIMAL_MAX_DIGITS)
        return false;
    *out = (struct decimal){a.negative != b.negative, len, a.exp + b.exp, arena_alloc(arena, len + 1)};
    for (uint32_t i = 0; i < a.len; i++) {
        unsigned carry = 0;
        for (uint32_t k = 0; k < b.len || carry; k++) {
            unsigned sum = out->digits[i + k] + carry + a.digits[i] * digit(b, k);
            out->digits[i + k] = (uint8_t)(sum % 10);
            carry = sum / 10;
        }
    }
    normalize(out);
    return true;
}

// remainder = remainder * 10 + next, without moving more than it must.
static void push_digit(struct decimal *remainder, uint8_t next) {
    memmove(remainder->digits + 1, remainder->digits, remainder->len);
    remainder->digits[0] = next;
    remainder->len++;
    normalize(remainder);
}

static void subtract_once(struct decimal *from, struct decimal what) {
    int borrow = 0;
    for (uint32_t i = 0; i < from->len; i++) {
        int left = from->digits[i] - digit(what, i) - borrow;
        borrow = left < 0;
        from->digits[i] = (uint8_t)(left + 10 * borrow);
    }
    normalize(from);
}

bool decimal_div(struct arena *arena, struct decimal a, struct decimal b, struct decimal *out) {
    int64_t zeros = (int64_t)a.exp - b.exp + DIVISION_DECIMALS;
    bool negative = a.negative != b.negative;
    if (!b.len || !(zeros >= 0 ? shift(arena, &a, zeros) : shift(arena, &b, -zeros)))
        return false;
    struct decimal quotient = {negative, a.len, -DIVISION_DECIMALS, arena_alloc(arena, a.len + 1)};
    struct decimal remainder = {.digits = arena_alloc(arena, b.len + 2)};
    for (uint32_t i = a.len; i > 0; i--) {
        push_digit(&remainder, a.digits[i - 1]);
        while (compare_digits(remainder, b) >= 0) {
            subtract_once(&remainder, b);
            quotient.digits[i - 1]++;
        }
    }
    normalize(&quotient);
    *out = quotient;
    // Half and more rounds away from zero.
    struct decimal twice, one = {negative, 1, -DIVISION_DECIMALS, (uint8_t[]){1}};
    remainder.exp = 0;
    combine(arena, remainder, remainder, false, &twice);
    quotient.negative = negative;
    return compare_digits(twice, b) < 0 || decimal_add(arena, quotient, one, out);
}
