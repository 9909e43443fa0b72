// SPDX-License-Identifier: Apache-2.0
// Quoting as Go's strconv: C's escapes and \x, \u, \U for what does not print; a broken byte becomes \x and
// two digits.
#ifndef GO_QUOTE_H
#define GO_QUOTE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

// strconv.Quote.
void quote_text(struct buf *out, const char *text, size_t len);
const char *quote_of(struct arena *arena, const char *text);

// The same with another quote around it, and with nothing beyond ASCII left as it is when told
// (strconv.QuoteToASCII).
void quote_text_with(struct buf *out, const char *text, size_t len, char quote, bool ascii);

// strconv.QuoteRune, or QuoteRuneToASCII. What is no character becomes U+FFFD.
void quote_rune(struct buf *out, uint32_t rune, bool ascii);

#endif
