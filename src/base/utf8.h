// SPDX-License-Identifier: Apache-2.0
// UTF-8 as Go reads it: surrogates, overlong forms and anything past U+10FFFF are errors.
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

// Reads the first character. Returns its length in bytes, 0 when it is invalid or cut short
// (then `rune` is U+FFFD; skip one byte).
size_t utf8_decode(const char *text, size_t len, uint32_t *rune);

// Writes one character to `out`, returns its length. What is no character becomes U+FFFD.
size_t utf8_put(uint32_t rune, char out[4]);

// The offset of the first invalid byte, `len` when there is none.
size_t utf8_valid_prefix(const char *text, size_t len);

#endif
