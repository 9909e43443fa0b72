// SPDX-License-Identifier: Apache-2.0
// fmt's walk over values: which verb means what for which kind.
#include "go/rune.h"
#include "go/strconv.h"
#include "template/fmt.h"
#include "template/private.h"

#include <string.h>

static void print_value(struct printer *p, struct rv v, int32_t verb, int depth);

static bool may_descend(struct printer *p, int depth) {
    p->cut = p->cut || depth >= RV_DEPTH_MAX;
    return !p->cut;
}

static void bad_verb(struct printer *p, struct rv v, int32_t verb) {
    p->erroring = true;
    buf_str(p->out, "%!");
    rune_add(p->out, verb);
    buf_char(p->out, '(');
    if (v.type == RT_NIL) {
        buf_str(p->out, "<nil>");
    } else {
        buf_printf(p->out, "%s=", rv_type_name(v));
        print_value(p, v, 'v', 0);
    }
    buf_char(p->out, ')');
    p->erroring = false;
}

static void print_0x(struct printer *p, uint64_t u, bool mark) {
    bool sharp = p->sharp;
    p->sharp = mark;
    fmt_integer(p, u, 16, false, 'v');
    p->sharp = sharp;
}

static void print_integer(struct printer *p, struct rv v, int32_t verb) {
    bool is_signed = rv_types[v.type].class == RV_INT;
    uint64_t u = (uint64_t)v.u.integer;
    switch (verb) {
    case 'v':
        if (p->sharp_v && !is_signed)
            print_0x(p, u, true);
        else
            fmt_integer(p, u, 10, is_signed, verb);
        break;
    case 'd': fmt_integer(p, u, 10, is_signed, verb); break;
    case 'b': fmt_integer(p, u, 2, is_signed, verb); break;
    case 'o':
    case 'O': fmt_integer(p, u, 8, is_signed, verb); break;
    case 'x':
    case 'X': fmt_integer(p, u, 16, is_signed, verb); break;
    case 'c': fmt_char(p, u, false); break;
    case 'q': fmt_char(p, u, true); break;
    case 'U': fmt_unicode(p, u); break;
    default: bad_verb(p, v, verb); break;
    }
}

static bool float_verb(int32_t verb, char *format, int *precision) {
    switch (verb) {
    case 'v':
    case 'g':
        *format = 'g';
        *precision = -1;
        return true;
    case 'b':
    case 'G':
    case 'x':
    case 'X':
        *format = (char)verb;
        *precision = -1;
        return true;
    case 'f':
    case 'F':
        *format = 'f';
        *precision = 6;
        return true;
    case 'e':
    case 'E':
        *format = (char)verb;
        *precision = 6;
        return true;
    default: return false;
    }
}

static void print_float(struct printer *p, struct rv v, int32_t verb) {
    char format;
    int precision;
    if (float_verb(verb, &format, &precision))
        fmt_float(p, v.u.real, format, precision);
    else
        bad_verb(p, v, verb);
}

static void print_complex(struct printer *p, struct rv v, int32_t verb) {
    char format;
    int precision;
    if (!float_verb(verb, &format, &precision)) {
        bad_verb(p, v, verb);
        return;
    }
    bool plus = p->plus;
    buf_char(p->out, '(');
    fmt_float(p, v.u.complex[0], format, precision);
    p->plus = true;
    fmt_float(p, v.u.complex[1], format, precision);
    buf_str(p->out, "i)");
    p->plus = plus;
}

static void print_string(struct printer *p, const char *text, size_t len, int32_t verb, struct rv v) {
    switch (verb) {
    case 'v':
        if (p->sharp_v)
            fmt_quoted(p, text, len);
        else
            fmt_text(p, text, len);
        break;
    case 's': fmt_text(p, text, len); break;
    case 'x':
    case 'X': fmt_hex(p, text, len, verb == 'X'); break;
    case 'q': fmt_quoted(p, text, len); break;
    default: bad_verb(p, v, verb); break;
    }
}

static void separate(struct printer *p, size_t index) {
    if (index > 0)
        buf_str(p->out, p->sharp_v ? ", " : " ");
}

static bool open_composite(struct printer *p, struct rv v, const char *plain, bool is_nil) {
    if (!p->sharp_v) {
        buf_str(p->out, plain);
        return true;
    }
    buf_str(p->out, rv_type_name(v));
    buf_str(p->out, is_nil ? "(nil)" : "{");
    return !is_nil;
}

static void print_slice(struct printer *p, struct rv v, int32_t verb, int depth) {
    struct rv slice = rv_under(v);
    if (!open_composite(p, v, "[", slice.len == 0 && !slice.u.items))
        return;
    for (size_t i = 0; i < slice.len && may_descend(p, depth); i++) {
        separate(p, i);
        struct rv item = rv_item(slice, i);
        item.iface = rv_types[slice.type].elem == RT_NIL;
        print_value(p, item, verb, depth + 1);
    }
    buf_char(p->out, p->sharp_v ? '}' : ']');
}

static void print_bytes(struct printer *p, struct rv v, int32_t verb, int depth) {
    if (verb == 's' || verb == 'x' || verb == 'X' || verb == 'q') {
        print_string(p, v.u.text, v.len, verb, v);
        return;
    }
    if (verb != 'v' && verb != 'd') {
        print_slice(p, v, verb, depth);
        return;
    }
    if (p->sharp_v && depth == 0)
        buf_str(p->out, v.u.text ? "[]byte{" : "[]byte(nil)");
    else if (!open_composite(p, v, "[", !v.u.text))
        return;
    if (p->sharp_v && !v.u.text)
        return;
    for (size_t i = 0; i < v.len; i++) {
        separate(p, i);
        if (p->sharp_v)
            print_0x(p, (unsigned char)v.u.text[i], true);
        else
            fmt_integer(p, (unsigned char)v.u.text[i], 10, false, verb);
    }
    buf_char(p->out, p->sharp_v ? '}' : ']');
}

static void print_map(struct printer *p, struct rv v, int32_t verb, int depth) {
    struct rv map = rv_under(v);
    if (!open_composite(p, v, "map[", !map.u.map))
        return;
    struct rmap_walk walk = rmap_walk(map.u.map);
    for (size_t i = 0; i < walk.count && may_descend(p, depth); i++) {
        separate(p, i);
        print_value(p, rv_string(walk.entries[i].key, walk.entries[i].len), verb, depth + 1);
        buf_char(p->out, ':');
        struct rv item = walk.entries[i].value;
        item.iface = rv_types[map.type].elem == RT_NIL;
        print_value(p, item, verb, depth + 1);
    }
    buf_char(p->out, p->sharp_v ? '}' : ']');
}

enum { UNEXPORTED_MAX = 8 };

static void print_struct(struct printer *p, struct rv v, int32_t verb, int depth) {
    const struct rclass *class = v.u.object->class;
    struct rv unexported[UNEXPORTED_MAX], *fields = v.u.object->fields;
    if (!fields && class->unexported && class->field_count <= UNEXPORTED_MAX) {
        class->unexported(v.u.object, unexported);
        fields = unexported;
    }
    if (p->sharp_v)
        buf_str(p->out, class->name + (class->name[0] == '*'));
    buf_char(p->out, '{');
    for (size_t i = 0; i < class->field_count && fields && may_descend(p, depth); i++) {
        separate(p, i);
        if (p->plus_v || p->sharp_v)
            buf_printf(p->out, "%s:", class->fields[i].name);
        print_value(p, fields[i], verb, depth + 1);
    }
    buf_char(p->out, '}');
}

// Where an object lies says nothing to anybody: print an address that never changes.
static void print_pointer(struct printer *p, struct rv v, int32_t verb, int depth) {
    if (depth == 0) {
        buf_char(p->out, '&');
        print_struct(p, v, verb, depth + 1);
    } else {
        print_0x(p, 0xc000000000u, !p->sharp);
    }
}

static bool print_go_string(struct printer *p, struct rv v) {
    if (v.type != RT_OBJECT || !v.u.object->class->go_string)
        return false;
    SCRATCH_ARENA(scratch);
    struct buf text;
    buf_init(&text, scratch);
    v.u.object->class->go_string(v.u.object, &text);
    fmt_text(p, buf_text(&text), text.len);
    return true;
}

static bool print_by_method(struct printer *p, struct rv v, int32_t verb) {
    if (p->erroring || !strchr("vsxXq", verb < 0x80 ? verb : 0) || verb == 0)
        return false;
    if (p->sharp_v)
        return print_go_string(p, v);
    if (v.type != RT_OBJECT && v.type != RT_DURATION && v.type != RT_MONTH && v.type != RT_WEEKDAY)
        return false;
    SCRATCH_ARENA(scratch);
    struct buf text;
    buf_init(&text, scratch);
    if (!rv_stringer(v, &text))
        return false;
    print_string(p, buf_text(&text), text.len, verb, v);
    return true;
}

static void print_nil(struct printer *p, struct rv v, int32_t verb) {
    if (v.iface && p->sharp_v)
        buf_str(p->out, "interface {}(nil)");
    else if (v.iface || verb == 'v')
        buf_str(p->out, "<nil>");
    else
        bad_verb(p, v, verb);
}

static void print_value(struct printer *p, struct rv v, int32_t verb, int depth) {
    if (!may_descend(p, depth) || (v.type != RT_NIL && print_by_method(p, v, verb)))
        return;
    switch (rv_kind(v)) {
    case RV_INVALID: print_nil(p, v, verb); break;
    case RV_BOOL:
        if (verb == 't' || verb == 'v')
            fmt_boolean(p, v.u.boolean);
        else
            bad_verb(p, v, verb);
        break;
    case RV_INT:
    case RV_UINT: print_integer(p, v, verb); break;
    case RV_FLOAT: print_float(p, v, verb); break;
    case RV_COMPLEX: print_complex(p, v, verb); break;
    case RV_STRING: print_string(p, v.u.text, v.len, verb, v); break;
    case RV_SLICE:
        if (v.type == RT_BYTES)
            print_bytes(p, v, verb, depth);
        else
            print_slice(p, v, verb, depth);
        break;
    case RV_MAP: print_map(p, v, verb, depth); break;
    case RV_STRUCT: print_struct(p, v, verb, depth); break;
    case RV_POINTER: print_pointer(p, v, verb, depth); break;
    }
}

void fmt_arg(struct printer *p, struct rv v, int32_t verb) {
    v.iface = false;
    if (verb == 'T') {
        const char *name = rv_type_name(v);
        if (v.type == RT_NIL)
            fmt_pad(p, name, strlen(name));
        else
            fmt_text(p, name, strlen(name));
        return;
    }
    if (v.type == RT_NIL) {
        if (verb == 'v')
            fmt_pad(p, "<nil>", 5);
        else
            bad_verb(p, v, verb);
        return;
    }
    enum rv_kind kind = rv_kind(v);
    if (verb == 'w' && v.type != RT_BYTES) // wraps an error, but not here; Go looks no further into it
        bad_verb(p, v, verb);
    else if (verb == 'p' && (kind == RV_SLICE || kind == RV_MAP || kind == RV_POINTER))
        print_0x(p, 0xc000000000u, !p->sharp);
    else if (verb == 'p')
        bad_verb(p, v, verb);
    else
        print_value(p, v, verb, 0);
}
