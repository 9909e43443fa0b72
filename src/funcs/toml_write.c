// SPDX-License-Identifier: Apache-2.0
// Values as TOML, by their Go types: structs by their fields' names, byte slices as lists of numbers, what
// has MarshalText by that.
#include "funcs/time.h"
#include "funcs/toml.h"
#include "go/strconv.h"
#include "go/time.h"
#include "go/time_zone.h"
#include "template/fmt.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

// What the encoder takes a value for.
enum shape { NOTHING, SCALAR, ARRAY, TABLES, TABLE };

struct writer {
    struct buf *out;
    size_t start;
    struct err *err;
};

// A table's name, from the innermost part outwards.
struct table_name {
    const struct table_name *parent;
    const char *text;
    size_t len, depth; // depth 1 for a top-level key
};

static void quote(struct buf *out, const char *text, size_t len) {
    static const char from[] = "\"\\\b\t\n\f\r", to[] = "\"\\btnfr";
    buf_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        const char *found = text[i] ? strchr(from, text[i]) : NULL;
        if (found)
            buf_printf(out, "\\%c", to[found - from]);
        else if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            buf_printf(out, "\\u%04x", (unsigned char)text[i]);
        else
            buf_char(out, text[i]);
    }
    buf_char(out, '"');
}

void toml_key(struct buf *out, const char *text, size_t len) {
    size_t bare = 0;
    while (bare < len && (isalnum((unsigned char)text[bare]) || text[bare] == '_' || text[bare] == '-'))
        bare++;
    if (bare == len && len > 0)
        buf_add(out, text, len);
    else
        quote(out, text, len);
}

static bool refuse(struct writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool refuse(struct writer *w, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(w->out->arena, format, args);
    va_end(args);
    return err_set(w->err, ERR_INVALID, "%s", text);
}

// Whether a value so deep may be written.
static bool may_write(struct writer *w, int depth) {
    return (depth < RV_DEPTH_MAX && w->out->len <= FMT_BYTES_MAX) ||
           err_set(w->err, ERR_LIMIT, "a value is too deep or too large");
}

static bool is_marshaler(struct rv v) {
    return v.type == RT_OBJECT && rv_method(v, "MarshalText", 11);
}

static bool is_nil(struct rv v) {
    struct rv under = rv_under(v);
    return rv_kind(v) == RV_INVALID || rv_is_nil(under) ||
           (rv_kind(v) == RV_SLICE && under.len == 0 && !under.u.items);
}

static bool shape_of(struct writer *w, struct rv v, enum shape *out, int depth);

static bool shape_of_slice(struct writer *w, struct rv v, enum shape *out, int depth) {
    size_t count = rv_len(v), tables = 0;
    for (size_t i = 0; i < count; i++) {
        enum shape item;
        if (!may_write(w, depth) || !shape_of(w, rv_item(v, i), &item, depth + 1))
            return false;
        if (item == NOTHING)
            return refuse(w, "toml: cannot encode array with nil element");
        tables += item == TABLE;
    }
    *out = count && tables == count ? TABLES : ARRAY;
    return true;
}

static bool shape_of(struct writer *w, struct rv v, enum shape *out, int depth) {
    *out = SCALAR;
    if (is_nil(v)) {
        *out = NOTHING;
        return true;
    }
    if (is_marshaler(v))
        return true;
    switch (rv_kind(v)) {
    case RV_COMPLEX: return refuse(w, "unsupported type: %s", rv_kind_name(v));
    case RV_SLICE: return shape_of_slice(w, v, out, depth);
    case RV_MAP:
    case RV_STRUCT:
    case RV_POINTER: *out = TABLE; return true;
    default: return true;
    }
}

// --- elements ---

static bool put_element(struct writer *w, struct rv v, int depth);

static void put_float(struct buf *out, double real) {
    if (!isfinite(real)) {
        buf_str(out, signbit(real) ? "-" : "");
        buf_str(out, isnan(real) ? "nan" : "inf");
        return;
    }
    size_t start = out->len;
    strconv_format_float(out, real, 'g', -1);
    if (!strpbrk(buf_text(out) + start, "e."))
        buf_str(out, ".0");
}

// Dates and times without a zone are as they were read.
static void put_moment(struct buf *out, struct go_time when) {
    static const char *const layouts[][2] = {{"datetime-local", "2006-01-02T15:04:05.999999999"},
                                             {"date-local", "2006-01-02"},
                                             {"time-local", "15:04:05.999999999"}};
    const char *layout = "2006-01-02T15:04:05.999999999Z07:00";
    for (size_t i = 0; i < 3; i++)
        if (!strcmp(time_zone_name(when.zone), layouts[i][0])) {
            layout = layouts[i][1];
            when.zone = time_zone_utc();
        }
    go_time_format(out, when, layout, strlen(layout));
}

static bool put_object(struct writer *w, struct rv v) {
    SCRATCH_ARENA(scratch);
    struct buf text;
    if (date_is_time(v)) {
        put_moment(w->out, date_of(v));
        return true;
    }
    buf_init(&text, scratch);
    rv_stringer(v, &text);
    quote(w->out, buf_text(&text), text.len);
    return true;
}

static bool put_array(struct writer *w, struct rv v, int depth) {
    size_t count = rv_len(v);
    buf_char(w->out, '[');
    for (size_t i = 0; i < count; i++) {
        buf_str(w->out, i ? ", " : "");
        if (!put_element(w, rv_item(v, i), depth + 1))
            return false;
    }
    buf_char(w->out, ']');
    return true;
}

// Members of a table, one after another.
struct member {
    const char *name;
    size_t len;
    struct rv value;
    size_t index; // of a struct's field
};
struct members {
    struct member *items;
    size_t count;
    bool of_map;
};

static void add_fields(struct members *members, const struct robject *object, size_t index) {
    for (size_t i = 0; i < object->class->field_count && object->fields; i++) {
        const struct rfield *field = &object->class->fields[i];
        struct rv v = object->fields[i];
        if (field->json && !*field->json && v.type == RT_OBJECT)
            add_fields(members, v.u.object, index == SIZE_MAX ? i : index);
        else if (field->name[0] >= 'A' && field->name[0] <= 'Z')
            members->items[members->count++] =
                (struct member){field->name, strlen(field->name), v, index == SIZE_MAX ? i : index};
    }
}

static size_t count_fields(const struct robject *object) {
    size_t count = object->class->field_count;
    for (size_t i = 0; i < object->class->field_count && object->fields; i++)
        if (object->fields[i].type == RT_OBJECT)
            count += count_fields(object->fields[i].u.object);
    return count;
}

static struct members members_of(struct arena *arena, struct rv v) {
    struct members members = {.of_map = rv_kind(v) == RV_MAP};
    if (!members.of_map) {
        members.items = arena_array(arena, count_fields(v.u.object) + 1, sizeof *members.items);
        add_fields(&members, v.u.object, SIZE_MAX);
        return members;
    }
    struct rmap_walk walk = rmap_walk(rv_under(v).u.map);
    members.items = arena_array(arena, walk.count + 1, sizeof *members.items);
    for (size_t i = 0; i < walk.count; i++)
        members.items[members.count++] =
            (struct member){walk.entries[i].key, walk.entries[i].len, walk.entries[i].value, i};
    return members;
}

// What is no table first, then what is one; nils count as none. `direct`: how many come first.
static bool sort_members(struct writer *w, struct members *members, size_t *direct, int depth) {
    SCRATCH_ARENA(scratch);
    struct member *later = arena_array(scratch, members->count + 1, sizeof *later);
    size_t count = 0;
    *direct = 0;
    for (size_t i = 0; i < members->count; i++) {
        struct member member = members->items[i];
        enum shape shape;
        if (!shape_of(w, member.value, &shape, depth))
            return false;
        if (shape == TABLE || shape == TABLES)
            later[count++] = member;
        else
            members->items[(*direct)++] = member;
    }
    if (count)
        memcpy(members->items + *direct, later, count * sizeof *later);
    return true;
}

// The comma behind a member is decided without looking whether a nil is left out after it.
static bool comma_follows(const struct members *members, size_t i, size_t direct) {
    if (!members->of_map)
        return members->items[i].index != members->count - 1;
    return i < direct ? members->count > direct || i + 1 != direct : i + 1 != members->count;
}

static bool put_inline_table(struct writer *w, struct rv v, int depth) {
    SCRATCH_ARENA(scratch);
    struct members members = members_of(scratch, v);
    size_t direct;
    if (!sort_members(w, &members, &direct, depth))
        return false;
    buf_char(w->out, '{');
    for (size_t i = 0; i < members.count; i++) {
        const struct member *member = &members.items[i];
        if (is_nil(member->value))
            continue;
        toml_key(w->out, member->name, member->len);
        buf_str(w->out, " = ");
        if (!put_element(w, member->value, depth + 1))
            return false;
        buf_str(w->out, comma_follows(&members, i, direct) ? ", " : "");
    }
    buf_char(w->out, '}');
    return true;
}

static bool put_element(struct writer *w, struct rv v, int depth) {
    if (!may_write(w, depth))
        return false;
    if (is_marshaler(v) || v.type == RT_DURATION)
        return put_object(w, v);
    switch (rv_kind(v)) {
    case RV_BOOL: buf_str(w->out, v.u.boolean ? "true" : "false"); return true;
    case RV_INT: buf_printf(w->out, "%lld", (long long)v.u.integer); return true;
    case RV_UINT: buf_printf(w->out, "%llu", (unsigned long long)v.u.integer); return true;
    case RV_FLOAT: put_float(w->out, v.u.real); return true;
    case RV_STRING: quote(w->out, v.u.text, v.len); return true;
    case RV_SLICE: return put_array(w, v, depth);
    case RV_MAP:
    case RV_STRUCT:
    case RV_POINTER: return put_inline_table(w, v, depth);
    default: return refuse(w, "unexpected type: %s", rv_type_name(v));
    }
}

// --- tables ---

static bool put_table(struct writer *w, struct rv v, const struct table_name *name, int depth);

static void new_line(struct writer *w) {
    if (w->out->len > w->start)
        buf_char(w->out, '\n');
}

static void put_name(struct buf *out, const struct table_name *name) {
    if (name->parent) {
        put_name(out, name->parent);
        buf_char(out, '.');
    }
    toml_key(out, name->text, name->len);
}

static void put_header(struct writer *w, const struct table_name *name, const char *open, const char *close) {
    buf_fill(w->out, ' ', 2 * (name->depth - 1));
    buf_str(w->out, open);
    put_name(w->out, name);
    buf_str(w->out, close);
}

static bool put_tables(struct writer *w, struct rv v, const struct table_name *name, int depth) {
    for (size_t i = 0; i < rv_len(v); i++) {
        new_line(w);
        put_header(w, name, "[[", "]]\n");
        if (!put_table(w, rv_item(v, i), name, depth + 1))
            return false;
    }
    return true;
}

static bool put_member(struct writer *w, struct rv v, const struct table_name *name, int depth) {
    enum shape shape;
    if (!may_write(w, depth) || !shape_of(w, v, &shape, depth))
        return false;
    if (shape == TABLES)
        return put_tables(w, v, name, depth);
    if (shape == TABLE) {
        if (name->depth == 1)
            new_line(w);
        put_header(w, name, "[", "]\n");
        return put_table(w, v, name, depth);
    }
    buf_fill(w->out, ' ', 2 * (name->depth - 1));
    toml_key(w->out, name->text, name->len);
    buf_str(w->out, " = ");
    if (!put_element(w, v, depth))
        return false;
    buf_char(w->out, '\n');
    return true;
}

static bool put_table(struct writer *w, struct rv v, const struct table_name *name, int depth) {
    SCRATCH_ARENA(scratch);
    struct members members = members_of(scratch, v);
    size_t direct;
    if (!sort_members(w, &members, &direct, depth))
        return false;
    for (size_t i = 0; i < members.count; i++) {
        const struct member *member = &members.items[i];
        struct table_name here = {name, member->name, member->len, name ? name->depth + 1 : 1};
        if (!is_nil(member->value) && !put_member(w, member->value, &here, depth + 1))
            return false;
    }
    return true;
}

bool toml_write(struct buf *out, struct rv v, struct err *err) {
    struct writer w = {out, out->len, err};
    enum shape shape;
    if (v.type == RT_NIL)
        return err_set(err, ERR_UNSUPPORTED, "reflect: call of reflect.Value.Type on zero Value");
    if (rv_kind(v) == RV_COMPLEX)
        return refuse(&w, "unsupported type for key '': %s", rv_kind_name(v));
    if (!shape_of(&w, v, &shape, 0))
        return false;
    if (shape == TABLES)
        return refuse(&w, "toml: top-level values must be Go maps or structs");
    if (shape == TABLE)
        return put_table(&w, v, NULL, 0);
    return shape == NOTHING || put_element(&w, v, 0);
}
