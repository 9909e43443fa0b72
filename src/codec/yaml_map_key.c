// SPDX-License-Identifier: Apache-2.0
#include "codec/yaml_map_key.h"

#include "base/utf8.h"
#include "codec/base64.h"
#include "go/quote.h"
#include "value/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool yaml_node_has_tag(const struct yaml_node *node, const char *name) {
    return node->tag && !strcmp(node->tag, name);
}

const struct yaml_node *yaml_behind_alias(const struct yaml_node *node) {
    while (node->kind == NODE_ALIAS)
        node = node->alias;
    return node;
}

// !!float takes an int as well.
static bool check_tag(const struct yaml_node *node, struct yaml_scalar *scalar, struct err *err) {
    const char *found = yaml_scalar_tag(scalar->kind);
    if (!strcmp(found + 2, node->tag))
        return true;
    if (yaml_node_has_tag(node, "float") && scalar->kind == YAML_INT) {
        *scalar = (struct yaml_scalar){.kind = YAML_FLOAT, .u.real = (double)scalar->u.integer};
        return true;
    }
    return err_set(err, ERR_INVALID, "yaml: cannot decode %s `%s` as a !!%s", found, node->text, node->tag);
}

bool yaml_resolve_node(const struct yaml_node *node, struct yaml_scalar *out, struct err *err) {
    static const char *const checked[] = {"bool", "int", "float", "null", "timestamp"};
    *out = (struct yaml_scalar){.kind = YAML_STRING};
    if (!node->tag) {
        if (node->implicit)
            *out = yaml_resolve(node->text, node->len, true);
        return true;
    }
    for (size_t i = 0; i < sizeof checked / sizeof *checked; i++) {
        if (yaml_node_has_tag(node, checked[i])) {
            *out = yaml_resolve(node->text, node->len, !strcmp(checked[i], "timestamp"));
            return check_tag(node, out, err);
        }
    }
    return true;
}

enum { SHOWN_DEPTH = 20, SHOWN_MEMBERS = 100, SHOWN_BYTES = 4096, SHOWN_WORK = 64 * SHOWN_BYTES };

static size_t shown_len(size_t len) {
    return len < SHOWN_BYTES ? len : SHOWN_BYTES;
}

static void go_scalar(struct buf *out, const struct yaml_node *node, bool inside) {
    struct err ignored = err_in(out->arena);
    struct yaml_scalar scalar;
    char text[NUMBER_TEXT];
    if (!yaml_resolve_node(node, &scalar, &ignored))
        scalar.kind = YAML_STRING;
    switch (scalar.kind) {
    case YAML_NULL: buf_str(out, inside ? "interface {}(nil)" : "<nil>"); break;
    case YAML_BOOL: buf_str(out, scalar.u.boolean ? "true" : "false"); break;
    case YAML_INT: buf_printf(out, "%lld", (long long)scalar.u.integer); break;
    case YAML_UINT: buf_printf(out, "0x%llx", (unsigned long long)scalar.u.natural); break;
    case YAML_FLOAT:
        number_g(scalar.u.real, text);
        buf_str(out, text);
        break;
    default: quote_text(out, node->text, utf8_valid_prefix(node->text, shown_len(node->len))); break;
    }
}

static void go_syntax(struct buf *out, const struct yaml_node *node, size_t depth);

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_full(const struct buf *out) {
    return out->len > SHOWN_BYTES || arena_used(out->arena) > SHOWN_WORK;
}

// fmt prints maps sorted by key.
static void go_mapping(struct buf *out, const struct yaml_node *node, size_t depth) {
    const char *members[SHOWN_MEMBERS];
    size_t count = 0;
    for (size_t i = 0; i + 1 < node->count && count < SHOWN_MEMBERS && !is_full(out); i += 2) {
        struct buf member;
        buf_init(&member, out->arena);
        go_syntax(&member, node->children[i], depth);
        buf_char(&member, ':');
        go_syntax(&member, node->children[i + 1], depth);
        members[count++] = buf_text(&member);
    }
    qsort(members, count, sizeof *members, by_text);
    buf_str(out, "map[interface {}]interface {}{");
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s%s", i ? ", " : "", members[i]);
    buf_str(out, count < node->count / 2 ? ", …}" : "}");
}

static void go_sequence(struct buf *out, const struct yaml_node *node, size_t depth) {
    buf_str(out, "[]interface {}{");
    size_t i = 0;
    for (; i < node->count && !is_full(out); i++) {
        buf_str(out, i ? ", " : "");
        go_syntax(out, node->children[i], depth);
    }
    buf_str(out, i < node->count ? ", …}" : "}");
}

// As %#v prints what goyaml decodes, up to a bound: aliases could make it endless.
static void go_syntax(struct buf *out, const struct yaml_node *node, size_t depth) {
    node = yaml_behind_alias(node);
    if (depth > SHOWN_DEPTH || is_full(out))
        buf_str(out, "…");
    else if (node->kind == NODE_SCALAR)
        go_scalar(out, node, depth > 0);
    else if (node->kind == NODE_MAPPING)
        go_mapping(out, node, depth + 1);
    else
        go_sequence(out, node, depth + 1);
}

bool yaml_refuse_key(const struct yaml_node *key, struct err *err) {
    SCRATCH_ARENA(scratch);
    struct buf shown;
    buf_init(&shown, scratch);
    go_syntax(&shown, key, 0);
    return err_set(err, ERR_INVALID, "yaml: invalid map key: %s", buf_text(&shown));
}

static bool unsupported_key(const char *type, const struct yaml_node *key, const struct yaml_node *value,
                            struct err *err) {
    SCRATCH_ARENA(scratch);
    struct buf shown;
    buf_init(&shown, scratch);
    go_syntax(&shown, key, 0);
    buf_str(&shown, ", value: ");
    go_syntax(&shown, value, 0);
    return err_set(err, ERR_UNSUPPORTED, "unsupported map key of type: %s, key: %s", type, buf_text(&shown));
}

// Float keys are written with the precision of a 32-bit float.
static const char *float_key(struct arena *arena, double real) {
    if (!isfinite(real))
        return isnan(real) ? ".nan" : real > 0 ? ".inf" : "-.inf";
    if (!isfinite((float)real))
        return real > 0 ? ".inf" : "-.inf";
    char text[NUMBER_TEXT];
    for (int precision = 6; precision <= 9; precision++) {
        snprintf(text, sizeof text, "%.*g", precision, (double)(float)real);
        if (strtof(text, NULL) == (float)real)
            break;
    }
    number_g(strtod(text, NULL), text);
    return arena_strdup(arena, text);
}

static bool text_key(struct arena *arena, const struct yaml_node *node, const char **out, struct err *err) {
    size_t len = node->len;
    *out = arena_strndup(arena, node->text, len);
    if (yaml_node_has_tag(node, "binary")) {
        struct buf data;
        buf_init(&data, arena);
        if (!base64_decode(&data, node->text, node->len, err))
            return err_set(err, ERR_INVALID, "yaml: !!binary value contains invalid base64 data");
        *out = buf_text(&data);
        len = data.len;
    }
    if (strlen(*out) != len || utf8_valid_prefix(*out, len) != len)
        return err_set(err, ERR_INVALID, "yaml: a map key holds a NUL character or is not UTF-8: no key may");
    return true;
}

bool yaml_decode_key(struct arena *arena, const struct yaml_node *key, const struct yaml_node *value,
                     const char **out, struct err *err) {
    const struct yaml_node *node = yaml_behind_alias(key);
    struct yaml_scalar scalar;
    if (!yaml_resolve_node(node, &scalar, err))
        return false;
    switch (scalar.kind) {
    case YAML_NULL: return unsupported_key("%!s(<nil>)", node, value, err);
    case YAML_UINT: return unsupported_key("uint64", node, value, err);
    case YAML_BOOL: *out = scalar.u.boolean ? "true" : "false"; return true;
    case YAML_INT: *out = arena_printf(arena, "%lld", (long long)scalar.u.integer); return true;
    case YAML_FLOAT: *out = float_key(arena, scalar.u.real); return true;
    default: return text_key(arena, node, out, err);
    }
}
