// SPDX-License-Identifier: Apache-2.0
#include "go/quote.h"

#include "base/utf8.h"
#include "go/unicode.h"

#include <string.h>

static void add(struct buf *out, uint32_t rune, char quote, bool ascii) {
    static const char escaped[] = "\a\b\f\n\r\t\v", letters[] = "abfnrtv";
    if (rune == (unsigned char)quote || rune == '\\') {
        buf_char(out, '\\');
        buf_char(out, (char)rune);
        return;
    }
    if ((rune < 0x80 || !ascii) && unicode_is_print(rune)) {
        char bytes[4];
        buf_add(out, bytes, utf8_put(rune, bytes));
        return;
    }
    const char *at = rune && rune < 0x80 ? strchr(escaped, (int)rune) : NULL;
    if (at)
        buf_printf(out, "\\%c", letters[at - escaped]);
    else if (rune < ' ' || rune == 0x7f)
        buf_printf(out, "\\x%02x", rune);
    else
        buf_printf(out, rune < 0x10000 ? "\\u%04x" : "\\U%08x", rune);
}

void quote_text_with(struct buf *out, const char *text, size_t len, char quote, bool ascii) {
    buf_char(out, quote);
    for (size_t at = 0; at < len;) {
        uint32_t rune;
        size_t width = utf8_decode(text + at, len - at, &rune);
        if (utf8_is_broken(rune, width))
            buf_printf(out, "\\x%02x", (unsigned char)text[at]);
        else
            add(out, rune, quote, ascii);
        at += width;
    }
    buf_char(out, quote);
}

void quote_text(struct buf *out, const char *text, size_t len) {
    quote_text_with(out, text, len, '"', false);
}

const char *quote_of(struct arena *arena, const char *text) {
    struct buf out;
    buf_init(&out, arena);
    quote_text(&out, text, strlen(text));
    return buf_text(&out);
}

void quote_rune(struct buf *out, uint32_t rune, bool ascii) {
    if (rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
        rune = 0xfffd;
    buf_char(out, '\'');
    add(out, rune, '\'', ascii);
    buf_char(out, '\'');
}
