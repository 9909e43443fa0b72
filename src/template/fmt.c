// SPDX-License-Identifier: Apache-2.0
// Formats, and the space rules of Sprint.
#include "template/fmt.h"

#include "go/rune.h"
#include "go/strconv.h"
#include "template/private.h"

#include <limits.h>
#include <string.h>

enum { NUMBER_MAX = 1000000 }; // widths and precisions beyond are refused, as in Go

// Where a format is being read.
struct format {
    const char *text;
    size_t len, at;
    const struct rv *args;
    size_t count, next; // operands, and the one whose turn it is
    bool reordered, after_index, good_index;
    bool cut; // a value was
};

static bool more(const struct format *f) {
    return f->at < f->len;
}

static char current(const struct format *f) {
    return more(f) ? f->text[f->at] : 0;
}

// Digits from *at on; false, at the end, when there are too many.
static bool read_number(const char *text, size_t end, size_t *at, int *out) {
    bool any = false;
    *out = 0;
    for (; *at < end && text[*at] >= '0' && text[*at] <= '9'; (*at)++) {
        if (*out > NUMBER_MAX) {
            *out = 0;
            *at = end;
            return false;
        }
        *out = *out * 10 + (text[*at] - '0');
        any = true;
    }
    return any;
}

// "[n]" names the operand to use next.
static void read_index(struct format *f) {
    f->after_index = false;
    if (current(f) != '[')
        return;
    f->reordered = true;
    const char *close = f->len - f->at >= 3 ? memchr(f->text + f->at, ']', f->len - f->at) : NULL;
    if (!close) {
        f->good_index = false;
        f->at++;
        return;
    }
    size_t end = (size_t)(close - f->text), at = f->at + 1;
    int number;
    bool ok = read_number(f->text, end, &at, &number) && at == end;
    f->at = end + 1;
    f->after_index = ok;
    if (ok && number >= 1 && (size_t)number <= f->count)
        f->next = (size_t)number - 1;
    else
        f->good_index = false;
}

// A '*': takes an integer operand.
static bool take_integer(struct format *f, int *out) {
    *out = 0;
    if (f->next >= f->count)
        return false;
    struct rv v = f->args[f->next++];
    enum rv_kind kind = rv_kind(v);
    if ((kind != RV_INT && kind != RV_UINT) || v.u.integer > NUMBER_MAX || v.u.integer < -NUMBER_MAX)
        return false;
    *out = (int)v.u.integer;
    return true;
}

static void read_width(struct format *f, struct printer *p) {
    if (current(f) != '*') {
        p->has_width = read_number(f->text, f->len, &f->at, &p->width);
        if (f->after_index && p->has_width)
            f->good_index = false;
        return;
    }
    f->at++;
    p->has_width = take_integer(f, &p->width);
    if (!p->has_width)
        buf_str(p->out, "%!(BADWIDTH)");
    if (p->width < 0) {
        p->width = -p->width;
        p->minus = true;
        p->zero = false;
    }
    f->after_index = false;
}

static void read_precision(struct format *f, struct printer *p) {
    if (f->at + 1 >= f->len || current(f) != '.')
        return;
    f->at++;
    if (f->after_index)
        f->good_index = false;
    read_index(f);
    if (current(f) != '*') {
        read_number(f->text, f->len, &f->at, &p->precision);
        p->has_precision = true;
        return;
    }
    f->at++;
    p->has_precision = take_integer(f, &p->precision) && p->precision >= 0;
    if (!p->has_precision)
        buf_str(p->out, "%!(BADPREC)");
    f->after_index = false;
}

static void read_flags(struct format *f, struct printer *p) {
    for (; more(f); f->at++) {
        switch (f->text[f->at]) {
        case '#': p->sharp = true; break;
        case '0': p->zero = true; break;
        case '+': p->plus = true; break;
        case '-': p->minus = true; break;
        case ' ': p->space = true; break;
        default: return;
        }
    }
}

static void complain(struct printer *p, int32_t verb, const char *what) {
    buf_str(p->out, "%!");
    rune_add(p->out, verb);
    buf_str(p->out, what);
}

static void print_verb(struct format *f, struct printer *p, int32_t verb) {
    if (verb == '%') {
        buf_char(p->out, '%');
    } else if (!f->good_index) {
        complain(p, verb, "(BADINDEX)");
    } else if (f->next >= f->count) {
        complain(p, verb, "(MISSING)");
    } else {
        if (verb == 'v' || verb == 'w') {
            p->sharp_v = p->sharp;
            p->plus_v = p->plus;
            p->sharp = p->plus = false;
        }
        fmt_arg(p, f->args[f->next++], verb);
        f->cut = p->cut;
    }
}

// After a '%'. False when no verb follows, or its value was cut.
static bool read_directive(struct format *f, struct buf *out) {
    struct printer p = {.out = out};
    f->good_index = true;
    read_flags(f, &p);
    read_index(f);
    read_width(f, &p);
    read_precision(f, &p);
    if (!f->after_index)
        read_index(f);
    if (!more(f)) {
        buf_str(out, "%!(NOVERB)");
        return false;
    }
    size_t size;
    int32_t verb = rune_at(f->text + f->at, f->len - f->at, &size);
    f->at += size;
    print_verb(f, &p, verb);
    return !f->cut;
}

static void print_extra(struct format *f, struct buf *out) {
    buf_str(out, "%!(EXTRA ");
    for (size_t i = f->next; i < f->count && !f->cut; i++) {
        struct printer p = {.out = out};
        buf_str(out, i > f->next ? ", " : "");
        if (f->args[i].type != RT_NIL)
            buf_printf(out, "%s=", rv_type_name(f->args[i]));
        fmt_arg(&p, f->args[i], 'v');
        f->cut = p.cut;
    }
    buf_char(out, ')');
}

bool fmt_sprintf(struct buf *out, const char *format, size_t len, const struct rv *args, size_t count) {
    struct format f = {.text = format, .len = len, .args = args, .count = count};
    while (more(&f)) {
        const char *percent = memchr(f.text + f.at, '%', f.len - f.at);
        size_t plain = percent ? (size_t)(percent - f.text) : f.len;
        buf_add(out, f.text + f.at, plain - f.at);
        f.at = plain + 1;
        if (!percent || !read_directive(&f, out))
            break;
    }
    if (!f.reordered && f.next < f.count)
        print_extra(&f, out);
    return !f.cut;
}

// Most of what templates print is one of these three.
bool fmt_value(struct buf *out, struct rv v) {
    struct printer p = {.out = out};
    if (v.type == RT_STRING && fmt_has_room(&p, v.len))
        buf_add(out, v.u.text, v.len);
    else if (v.type == RT_INT || v.type == RT_INT64)
        buf_printf(out, "%lld", (long long)v.u.integer);
    else if (v.type == RT_FLOAT64)
        strconv_format_float(out, v.u.real, 'g', -1);
    else
        fmt_arg(&p, v, 'v');
    return !p.cut;
}

bool fmt_verb(struct buf *out, const char *verb, struct rv v) {
    return fmt_sprintf(out, verb, strlen(verb), &v, 1);
}

bool fmt_sprint(struct buf *out, const struct rv *args, size_t count) {
    bool text = false;
    for (size_t i = 0; i < count; i++) {
        bool is_text = args[i].type == RT_STRING;
        if (i > 0 && !is_text && !text)
            buf_char(out, ' ');
        if (!fmt_value(out, args[i]))
            return false;
        text = is_text;
    }
    return true;
}

bool fmt_sprintln(struct buf *out, const struct rv *args, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_char(out, ' ');
        if (!fmt_value(out, args[i]))
            return false;
    }
    buf_char(out, '\n');
    return true;
}
