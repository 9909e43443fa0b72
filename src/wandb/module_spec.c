// SPDX-License-Identifier: Apache-2.0
#include "wandb/module_spec.h"

#include "codec/yaml.h"
#include "drift/secret_names.h"
#include "value/path.h"

#include <string.h>

// ---- escapes ----

// helm's --set takes every backslash away; before commas and quotes only, where YAML has a say too.
static const char *without_backslashes(struct arena *arena, const char *text, bool all) {
    struct buf out;
    buf_init(&out, arena);
    for (; *text; text++) {
        if (*text == '\\' && text[1] && (all || strchr(",\"", text[1])))
            text++;
        buf_char(&out, *text);
    }
    return buf_text(&out);
}

static bool has_bare_quote(const char *text) {
    for (; *text; text++) {
        if (*text == '"')
            return true;
        text += *text == '\\' && text[1];
    }
    return false;
}

// yamlencode writes a text of one line in quotes and doubles its backslashes, --set halves them again: what
// is left is read by YAML. A text of several lines becomes a block, where only --set reads them.
static const char *arrived(struct arena *arena, const char *text) {
    struct value read;
    struct err err = err_in(arena);
    if (!strchr(text, '\\'))
        return text;
    if (strchr(text, '\n'))
        return without_backslashes(arena, text, true);
    const char *quoted = arena_printf(arena, "\"%s\"", text);
    if (!has_bare_quote(text) &&
        yaml_decode(arena, quoted, strlen(quoted), YAML_NUMBERS_EXACT, &read, &err) &&
        value_kind(read) == VALUE_STRING)
        return value_get_string(read);
    return without_backslashes(arena, text, false);
}

struct value module_spec_unescaped(struct arena *arena, struct value spec) {
    spec = value_untyped(spec);
    size_t count = value_len(spec);
    if (value_kind(spec) == VALUE_STRING) {
        const char *text = value_text_or(spec, "");
        return strlen(text) == count ? value_string(arena, arrived(arena, text)) : spec;
    }
    if (value_kind(spec) == VALUE_MAP) {
        struct value_entry *entries = arena_array(arena, count + 1, sizeof *entries);
        for (size_t i = 0; i < count; i++) {
            const struct value_entry *entry = value_entry_at(spec, i);
            entries[i] =
                (struct value_entry){arrived(arena, entry->key), module_spec_unescaped(arena, entry->value)};
        }
        return value_map(arena, entries, count);
    }
    if (value_kind(spec) != VALUE_LIST)
        return spec;
    struct value *items = arena_array(arena, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = module_spec_unescaped(arena, value_at(spec, i));
    return value_list(arena, items, count);
}

// ---- secrets ----

static bool may_be_map(const struct type *type, bool named) {
    bool open = !type || type->kind == TYPE_DYNAMIC;
    return (open && !named) || (!open && (type->kind == TYPE_MAP || type->kind == TYPE_OBJECT));
}

static const struct type *member_type(const struct type *type, const char *key) {
    if (type && type->kind == TYPE_OBJECT)
        return type_attr(type, key);
    return type && type->kind == TYPE_MAP ? type->elem : NULL;
}

static bool is_secret_leaf(const char *path, struct value v, const struct type *type) {
    bool text = value_kind(v) == VALUE_STRING && secret_names_text(value_get_string(v));
    bool question = value_kind(v) == VALUE_BOOL || (type && type->kind == TYPE_BOOL);
    return text || (!question && secret_names_path(path));
}

static bool holds_secret(struct arena *arena, const struct path *path, struct value v) {
    bool map = value_kind(v) == VALUE_MAP, list = value_kind(v) == VALUE_LIST;
    for (size_t i = 0; (map || list) && i < value_len(v); i++) {
        const struct value_entry *entry = map ? value_entry_at(v, i) : NULL;
        struct path here = {path, {.key = map ? secret_names_key(v, entry->key) : NULL, .index = i}};
        if (holds_secret(arena, &here, map ? entry->value : value_at(v, i)))
            return true;
    }
    return !map && !list && is_secret_leaf(path_text(arena, path), v, NULL);
}

struct halves {
    struct value plain, secret;
    bool has_plain, has_secret;
};

static struct halves split(struct arena *arena, const struct path *path, struct value v,
                           const struct type *type);

static struct halves split_map(struct arena *arena, const struct path *path, struct value map,
                               const struct type *type) {
    size_t plain = 0, secret = 0, count = value_len(map);
    struct value_entry *plains = arena_array(arena, count + 1, sizeof *plains);
    struct value_entry *secrets = arena_array(arena, count + 1, sizeof *secrets);
    for (size_t i = 0; i < count; i++) {
        const struct value_entry *entry = value_entry_at(map, i);
        struct path here = {path, {.key = entry->key}};
        struct halves halves = split(arena, &here, entry->value, member_type(type, entry->key));
        if (halves.has_plain)
            plains[plain++] = (struct value_entry){entry->key, halves.plain};
        if (halves.has_secret)
            secrets[secret++] = (struct value_entry){entry->key, halves.secret};
    }
    return (struct halves){value_map(arena, plains, plain), value_map(arena, secrets, secret), true,
                           secret > 0};
}

static struct halves split(struct arena *arena, const struct path *path, struct value v,
                           const struct type *type) {
    bool unknown = value_kind(v) == VALUE_UNKNOWN, list = value_kind(v) == VALUE_LIST;
    if (value_kind(v) == VALUE_MAP)
        return split_map(arena, path, v, type);
    bool secret = list ? holds_secret(arena, path, v) : is_secret_leaf(path_text(arena, path), v, type);
    bool both = unknown && may_be_map(type, secret);
    return (struct halves){v, v, both || !secret, both || secret};
}

void module_spec_split(struct arena *arena, struct value spec, const struct type *type, struct value *plain,
                       struct value *secrets) {
    struct halves halves = split(arena, NULL, spec, type);
    *plain = halves.has_plain ? halves.plain : value_map(arena, NULL, 0);
    *secrets = halves.has_secret ? halves.secret : value_map(arena, NULL, 0);
}
