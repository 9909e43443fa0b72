// SPDX-License-Identifier: Apache-2.0
// encoding/json's Marshal: unlike a struct value this keeps structs in field order.
#include "codec/base64.h"
#include "codec/json.h"
#include "template/fmt.h"
#include "template/private.h"

#include <math.h>
#include <string.h>

struct writer {
    struct buf *out;
    const char *indent;
    unsigned style;
    const char *bad; // stays NULL where a value is too deep
};

static bool write_value(struct writer *w, struct rv v, int depth);

static void new_line(struct writer *w, int depth) {
    if (!w->indent)
        return;
    buf_char(w->out, '\n');
    for (int i = 0; i < depth; i++)
        buf_str(w->out, w->indent);
}

static void write_key(struct writer *w, const char *key, size_t len, bool first, int depth) {
    buf_str(w->out, first ? "" : ",");
    new_line(w, depth);
    json_quote(w->out, key, len, w->style);
    buf_str(w->out, w->indent ? ": " : ":");
}

static bool write_entries(struct writer *w, struct rmap *map, int depth) {
    struct rmap_walk walk = rmap_walk(map);
    buf_char(w->out, '{');
    for (size_t i = 0; i < walk.count; i++) {
        write_key(w, walk.entries[i].key, walk.entries[i].len, i == 0, depth + 1);
        if (!write_value(w, walk.entries[i].value, depth + 1))
            return false;
    }
    if (walk.count)
        new_line(w, depth);
    buf_char(w->out, '}');
    return true;
}

static bool write_map(struct writer *w, struct rv map, int depth) {
    bool *seen = rv_dump_begin(map);
    bool ok = write_entries(w, map.u.map, depth);
    rv_dump_end(map, seen);
    return ok;
}

static bool write_list(struct writer *w, struct rv v, int depth) {
    if (v.len == 0 && !v.u.items) {
        buf_str(w->out, "null");
        return true;
    }
    if (v.type == RT_BYTES) {
        buf_char(w->out, '"');
        base64_encode(w->out, v.u.text, v.len);
        buf_char(w->out, '"');
        return true;
    }
    buf_char(w->out, '[');
    for (size_t i = 0; i < v.len; i++) {
        buf_str(w->out, i ? "," : "");
        new_line(w, depth + 1);
        if (!write_value(w, rv_item(v, i), depth + 1))
            return false;
    }
    if (v.len)
        new_line(w, depth);
    buf_char(w->out, ']');
    return true;
}

static bool write_fields(struct writer *w, const struct robject *object, bool *first, int depth) {
    for (size_t i = 0; i < object->class->field_count && object->fields; i++) {
        const struct rfield *field = &object->class->fields[i];
        struct rv v = object->fields[i];
        if (!field->json || (field->omitempty && !rv_truth(v)))
            continue;
        if (!*field->json && v.type == RT_OBJECT) {
            if (!write_fields(w, v.u.object, first, depth))
                return false;
            continue;
        }
        write_key(w, field->json, strlen(field->json), *first, depth + 1);
        *first = false;
        if (!write_value(w, v, depth + 1))
            return false;
    }
    return true;
}

static bool write_object(struct writer *w, const struct robject *object, int depth) {
    if (object->class->json) {
        SCRATCH_ARENA(scratch);
        struct value value;
        const char *wrong = object->class->json(object, scratch, &value);
        if (wrong)
            w->bad = arena_printf(w->out->arena, "json: error calling MarshalJSON for type %s: %s",
                                  object->class->name, wrong);
        else
            json_encode(w->out, value, w->style);
        return !wrong;
    }
    if (object->under.type != RT_NIL)
        return write_value(w, object->under, depth);
    bool first = true;
    buf_char(w->out, '{');
    if (!write_fields(w, object, &first, depth))
        return false;
    if (!first)
        new_line(w, depth);
    buf_char(w->out, '}');
    return true;
}

static bool write_float(struct writer *w, double f) {
    if (!isfinite(f)) {
        w->bad = isnan(f) ? "json: unsupported value: NaN"
                 : f > 0  ? "json: unsupported value: +Inf"
                          : "json: unsupported value: -Inf";
        return false;
    }
    json_encode(w->out, value_float(f), 0);
    return true;
}

static bool write_value(struct writer *w, struct rv v, int depth) {
    if (depth >= RV_DEPTH_MAX)
        return false;
    switch ((enum rv_kind)rv_types[v.type].class) {
    case RV_INVALID: buf_str(w->out, "null"); return true;
    case RV_BOOL: buf_str(w->out, v.u.boolean ? "true" : "false"); return true;
    case RV_INT: buf_printf(w->out, "%lld", (long long)v.u.integer); return true;
    case RV_UINT: buf_printf(w->out, "%llu", (unsigned long long)v.u.integer); return true;
    case RV_FLOAT: return write_float(w, v.u.real);
    case RV_COMPLEX: w->bad = "json: unsupported type: complex128"; return false;
    case RV_STRING: json_quote(w->out, v.u.text ? v.u.text : "", v.len, w->style); return true;
    case RV_SLICE: return write_list(w, v, depth);
    case RV_MAP:
        if (v.u.map)
            return write_map(w, v, depth);
        buf_str(w->out, "null");
        return true;
    default: return write_object(w, v.u.object, depth);
    }
}

bool rv_json(struct buf *out, struct rv v, bool escape_html, const char *indent, const char **bad) {
    struct writer w = {.out = out, .indent = indent, .style = escape_html ? JSON_ESCAPE_HTML : 0};
    bool ok = write_value(&w, v, 0);
    *bad = w.bad;
    return ok;
}
