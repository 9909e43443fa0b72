// SPDX-License-Identifier: Apache-2.0
#include "codec/json.h"
#include "codec/msgpack.h"
#include "value/number.h"
#include "value/path.h"

#include <math.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    msgpack_packer packer;
    struct buf *out;
    struct arena *scratch;
};

static int append(void *data, const char *bytes, size_t len) {
    buf_add(((struct writer *)data)->out, bytes, len);
    return 0;
}

static bool encode(struct writer *writer, struct value v, const struct type *type, const struct path *path,
                   struct err *err);

static void encode_text(struct writer *writer, const char *text, size_t len) {
    msgpack_pack_str(&writer->packer, len);
    msgpack_pack_str_body(&writer->packer, text, len);
}

static void encode_unknown(struct writer *writer) {
    buf_add(writer->out, "\xd4\0\0", 3);
}

// True when the double is exactly the decimal that its shortest text says: a fraction of k
// binary digits has k decimal digits, neither more nor less.
static bool is_exact(double real, const char *plain) {
    int exponent;
    double mantissa = ldexp(frexp(real, &exponent), 53);
    for (exponent -= 53; exponent < 0 && fmod(mantissa, 2) == 0; exponent++)
        mantissa /= 2;
    const char *point = strchr(plain, '.');
    return exponent >= 0 || (point && strlen(point + 1) >= (size_t)-exponent);
}

static void encode_number(struct writer *writer, struct value v) {
    if (value_kind(v) == VALUE_INT) {
        msgpack_pack_int64(&writer->packer, value_get_int(v));
        return;
    }
    double real = value_get_float(v);
    if (value_kind(v) == VALUE_FLOAT && !isfinite(real)) {
        msgpack_pack_double(&writer->packer, real);
        return;
    }
    const char *plain = number_plain(writer->scratch, v);
    if (value_kind(v) == VALUE_FLOAT && strchr(plain, '.') && is_exact(real, plain))
        msgpack_pack_double(&writer->packer, real);
    else
        encode_text(writer, plain, strlen(plain));
}

static bool encode_list(struct writer *writer, struct value v, const struct type *type,
                        const struct path *path, struct err *err) {
    msgpack_pack_array(&writer->packer, value_len(v));
    for (size_t i = 0; i < value_len(v); i++) {
        struct path here = {path, {.index = i}};
        const struct type *elem = type->kind == TYPE_TUPLE ? type->attrs[i].type : type->elem;
        if (!encode(writer, value_at(v, i), elem, &here, err))
            return false;
    }
    return true;
}

static int by_value(const void *a, const void *b) {
    return value_compare(*(const struct value *)a, *(const struct value *)b);
}

// Unknown elements are never equal to each other, so none of them is dropped.
static struct value sorted_set(struct arena *arena, struct value v) {
    size_t count = value_len(v), kept = 0;
    struct value *items = arena_array(arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = value_at(v, i);
    if (count)
        qsort(items, count, sizeof *items, by_value);
    for (size_t i = 0; i < count; i++)
        if (!kept || !value_is_known(items[i]) || !value_equal(items[kept - 1], items[i]))
            items[kept++] = items[i];
    return value_list(arena, items, kept);
}

static bool encode_map(struct writer *writer, struct value v, const struct type *type,
                       const struct path *path, struct err *err) {
    msgpack_pack_map(&writer->packer, value_len(v));
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        struct path here = {path, {.key = entry->key}};
        encode_text(writer, entry->key, strlen(entry->key));
        if (!encode(writer, entry->value, type->elem, &here, err))
            return false;
    }
    return true;
}

static bool encode_object(struct writer *writer, struct value v, const struct type *type,
                          const struct path *path, struct err *err) {
    for (size_t i = 0; i < value_len(v); i++) {
        struct path here = {path, {.key = value_entry_at(v, i)->key}};
        if (!type_attr(type, here.step.key))
            return err_at(err, path_text(err->arena, &here), "the type has no attribute of this name");
    }
    msgpack_pack_map(&writer->packer, type->count);
    for (size_t i = 0; i < type->count; i++) {
        const struct type_attr *attr = &type->attrs[i];
        struct path here = {path, {.key = attr->name}};
        encode_text(writer, attr->name, strlen(attr->name));
        if (!encode(writer, value_get(v, attr->name), attr->type, &here, err))
            return false;
    }
    return true;
}

static bool encode_dynamic(struct writer *writer, struct value v, const struct path *path, struct err *err) {
    const struct type *type = value_type_of(v);
    if (!type)
        type = type_of_value(writer->scratch, v);
    const char *json = json_text(writer->scratch, type_to_value(writer->scratch, type));
    msgpack_pack_array(&writer->packer, 2);
    msgpack_pack_bin(&writer->packer, strlen(json));
    msgpack_pack_bin_body(&writer->packer, json, strlen(json));
    return encode(writer, value_untyped(v), type, path, err);
}

// The kind of value that a type takes; numbers have three.
static bool fits(struct value v, const struct type *type) {
    static const enum value_kind kinds[] = {
        [TYPE_BOOL] = VALUE_BOOL,  [TYPE_STRING] = VALUE_STRING, [TYPE_LIST] = VALUE_LIST,
        [TYPE_SET] = VALUE_LIST,   [TYPE_TUPLE] = VALUE_LIST,    [TYPE_MAP] = VALUE_MAP,
        [TYPE_OBJECT] = VALUE_MAP,
    };
    if (type->kind == TYPE_NUMBER)
        return value_is_number(v);
    return value_kind(v) == kinds[type->kind] && (type->kind != TYPE_TUPLE || value_len(v) == type->count);
}

static bool mismatch(struct value v, const struct type *type, const struct path *path, struct err *err) {
    static const char *const names[] = {"a dynamic value", "a bool", "a number",  "a string", "a list",
                                        "a set",           "a map",  "an object", "a tuple"};
    if (type->kind == TYPE_TUPLE && value_kind(v) == VALUE_LIST)
        return err_at(err, path_text(err->arena, path), "a tuple of %zu is needed, found %zu elements",
                      type->count, value_len(v));
    return err_at(err, path_text(err->arena, path), "%s is needed, found a %s", names[type->kind],
                  value_kind_name(v));
}

static bool encode_known(struct writer *writer, struct value v, const struct type *type,
                         const struct path *path, struct err *err) {
    switch (type->kind) {
    case TYPE_STRING: encode_text(writer, value_get_string(v), value_len(v)); return true;
    case TYPE_NUMBER: encode_number(writer, v); return true;
    case TYPE_BOOL:
        if (value_get_bool(v))
            msgpack_pack_true(&writer->packer);
        else
            msgpack_pack_false(&writer->packer);
        return true;
    case TYPE_SET: return encode_list(writer, sorted_set(writer->scratch, v), type, path, err);
    case TYPE_MAP: return encode_map(writer, v, type, path, err);
    case TYPE_OBJECT: return encode_object(writer, v, type, path, err);
    default: return encode_list(writer, v, type, path, err);
    }
}

static bool encode(struct writer *writer, struct value v, const struct type *type, const struct path *path,
                   struct err *err) {
    if (type->kind != TYPE_DYNAMIC)
        v = value_untyped(v);
    if (value_kind(v) == VALUE_UNKNOWN) {
        encode_unknown(writer);
        return true;
    }
    if (value_is_null(v)) {
        msgpack_pack_nil(&writer->packer);
        return true;
    }
    if (type->kind == TYPE_DYNAMIC)
        return encode_dynamic(writer, v, path, err);
    return fits(v, type) ? encode_known(writer, v, type, path, err) : mismatch(v, type, path, err);
}

bool msgpack_encode(struct buf *out, struct value v, const struct type *type, struct err *err) {
    SCRATCH_ARENA(scratch);
    struct writer writer = {.out = out, .scratch = scratch};
    size_t start = out->len;
    msgpack_packer_init(&writer.packer, &writer, append);
    if (encode(&writer, v, type, NULL, err))
        return true;
    buf_truncate(out, start);
    return false;
}
