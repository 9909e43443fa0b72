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

static const char TAG_PREFIX[] = "tag:yaml.org,2002:";

bool yaml_node_has_tag(const struct yaml_node *node, const char *name) {
    size_t len = strlen(TAG_PREFIX);
    return node->tag && !strncmp(node->tag, TAG_PREFIX, len) && !strcmp(node->tag + len, name);
}

const struct yaml_node *yaml_behind_alias(const struct yaml_node *node) {
    while (node->kind == NODE_ALIAS)
        node = node->alias;
    return node;
}

// !!float takes an int as well.
static bool check_tag(const struct yaml_node *node, struct yaml_scalar *scalar, struct err *err) {
    const char *found = yaml_scalar_tag(scalar->kind);
    const char *wanted = node->tag + strlen(TAG_PREFIX);
    if (!strcmp(found + 2, wanted))
        return true;
    if (!strcmp(wanted, "float") && scalar->kind == YAML_INT) {
        *scalar = (struct yaml_scalar){.kind = YAML_FLOAT, .u.real = (double)scalar->u.integer};
        return true;
    }
    return err_set(err, ERR_INVALID, "yaml: cannot decode %s `%s` as a !!%s", found, node->text, wanted);
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
    default: quote_text(out, node->text, node->len); break;
    }
}

enum { SHOWN_DEPTH = 20, SHOWN_BYTES = 4096 };

static void go_syntax(struct buf *out, const struct yaml_node *node, size_t depth);

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// fmt prints maps sorted by key.
static void go_mapping(struct buf *out, const struct yaml_node *node, size_t depth) {
    const char **members = arena_array(out->arena, node->count / 2 + 1, sizeof *members);
    size_t count = 0;
    for (size_t i = 0; i + 1 < node->count; i += 2) {
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
    buf_char(out, '}');
}

// As %#v prints what goyaml decodes: depth and length are bounded, aliases could make them endless.
static void go_syntax(struct buf *out, const struct yaml_node *node, size_t depth) {
    node = yaml_behind_alias(node);
    if (depth > SHOWN_DEPTH || out->len > SHOWN_BYTES || arena_used(out->arena) > 64 * SHOWN_BYTES) {
        buf_str(out, "…");
    } else if (node->kind == NODE_SCALAR) {
        go_scalar(out, node, depth > 0);
    } else if (node->kind == NODE_MAPPING) {
        go_mapping(out, node, depth + 1);
    } else {
        buf_str(out, "[]interface {}{");
        for (size_t i = 0; i < node->count; i++) {
            buf_str(out, i ? ", " : "");
            go_syntax(out, node->children[i], depth + 1);
        }
        buf_char(out, '}');
    }
}

// goyaml decodes a key before it looks at it, so a bad key inside is met first.
static const struct yaml_node *first_bad_key(const struct yaml_node *node, size_t depth) {
    node = yaml_behind_alias(node);
    for (size_t i = 0; depth < SHOWN_DEPTH && i < node->count; i++) {
        const struct yaml_node *child = yaml_behind_alias(node->children[i]),
                               *bad = first_bad_key(child, depth + 1);
        if (bad)
            return bad;
        if (node->kind == NODE_MAPPING && i % 2 == 0 && child->kind != NODE_SCALAR)
            return child;
    }
    return NULL;
}

static bool invalid_key(const struct yaml_node *key, struct err *err) {
    SCRATCH_ARENA(scratch);
    struct buf shown;
    buf_init(&shown, scratch);
    const struct yaml_node *inside = first_bad_key(key, 0);
    go_syntax(&shown, inside ? inside : key, 0);
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
    return err_set(err, ERR_INVALID, "unsupported map key of type: %s, key: %s", type, buf_text(&shown));
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
    if (node->kind != NODE_SCALAR)
        return invalid_key(node, err);
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
