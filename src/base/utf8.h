// SPDX-License-Identifier: Apache-2.0
// UTF-8 as Go reads it: surrogates, overlong forms and anything past U+10FFFF are errors.
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Reads the first character and returns its length in bytes. What is invalid or cut short is U+FFFD and one
// byte long, so that whoever goes on by the length arrives at the end; only where nothing is left is it 0.
size_t utf8_decode(const char *text, size_t len, uint32_t *rune);

// Whether utf8_decode found a broken byte: a U+FFFD that was written is three bytes long.
static inline bool utf8_is_broken(uint32_t rune, size_t width) {
    return rune == 0xfffd && width == 1;
}

// Writes one character to `out`, returns its length. What is no character becomes U+FFFD.
size_t utf8_put(uint32_t rune, char out[4]);

// The offset of the first invalid byte, `len` when there is none.
size_t utf8_valid_prefix(const char *text, size_t len);

#endif
