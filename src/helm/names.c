// SPDX-License-Identifier: Apache-2.0
#include "go/rune.h"
#include "helm/private.h"

#include <string.h>

const char *helm_quote(struct arena *arena, const char *text) {
    struct buf out;
    buf_init(&out, arena);
    buf_char(&out, '"');
    for (const char *p = text; *p;) {
        size_t len = rune_width(p, strlen(p));
        unsigned char c = (unsigned char)*p;
        static const char escapes[] = "\aa\bb\ff\nn\rr\tt\vv\"\"\\\\";
        const char *escape = NULL;
        for (size_t i = 0; len == 1 && i + 1 < sizeof escapes; i += 2)
            if (escapes[i] == (char)c)
                escape = &escapes[i + 1];
        if (escape)
            buf_printf(&out, "\\%c", *escape);
        else if (len == 1 && (c < 0x20 || c >= 0x7f))
            buf_printf(&out, "\\x%02x", c);
        else
            buf_add(&out, p, len);
        p += len;
    }
    buf_char(&out, '"');
    return buf_text(&out);
}
