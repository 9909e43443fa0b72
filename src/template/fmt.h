// SPDX-License-Identifier: Apache-2.0
// What the fmt files share. Private to src/template.
#ifndef TEMPLATE_FMT_H
#define TEMPLATE_FMT_H

#include "template/function.h"

// Depth of nested values that may be printed, encoded or compared (a map that holds itself would never end),
// and how long a printed text may become. Beyond them the walk is cut, and its result says so.
enum { RV_DEPTH_MAX = 2000, FMT_BYTES_MAX = 256 * 1024 * 1024 };

struct printer {
    struct buf *out;
    int width, precision;
    bool has_width, has_precision;
    bool minus, plus, sharp, space, zero;
    bool plus_v, sharp_v;
    bool erroring; // inside %!verb(…): methods are not called
    bool cut;      // went beyond a limit, and prints nothing more
};

// Whether so many more bytes may be printed.
bool fmt_has_room(struct printer *p, size_t more);
void fmt_pad(struct printer *p, const char *text, size_t len);
void fmt_boolean(struct printer *p, bool b);
void fmt_integer(struct printer *p, uint64_t u, unsigned base, bool is_signed, int32_t verb);
void fmt_unicode(struct printer *p, uint64_t u);
void fmt_float(struct printer *p, double f, char verb, int precision);
void fmt_text(struct printer *p, const char *text, size_t len);
void fmt_hex(struct printer *p, const char *text, size_t len, bool upper);
void fmt_quoted(struct printer *p, const char *text, size_t len);
void fmt_char(struct printer *p, uint64_t c, bool quoted);

// One operand under one verb.
void fmt_arg(struct printer *p, struct rv v, int32_t verb);

// String() or Error() of a value that has one.
bool rv_stringer(struct rv v, struct buf *out);

#endif
