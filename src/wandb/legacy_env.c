// SPDX-License-Identifier: Apache-2.0
// The effective environment of the old container, by the kubelet's rules.
#include "base/buf.h"
#include "wandb/legacy_private.h"

#include <string.h>

const struct legacy_variable *legacy_variable_of(const struct legacy_environment *environment,
                                                 const char *name) {
    for (size_t i = 0; i < environment->count; i++)
        if (!strcmp(environment->items[i].name, name))
            return &environment->items[i];
    return NULL;
}

// Of a name that comes again the last one counts, at the place of the first.
static void define(struct legacy_environment *environment, struct legacy_variable variable) {
    for (size_t i = 0; i < environment->count; i++)
        if (!strcmp(environment->items[i].name, variable.name)) {
            environment->items[i] = variable;
            return;
        }
    environment->items[environment->count++] = variable;
}

// After "$(": the name up to ")", when there is one.
static const char *reference(struct arena *arena, const char *at, const char **name) {
    const char *end = strchr(at, ')');
    *name = end ? arena_strndup(arena, at, (size_t)(end - at)) : NULL;
    return end ? end + 1 : at;
}

// "$(NAME)" of what was defined before becomes its value, others stay; "$$" is one "$".
static void expand(struct arena *arena, const struct legacy_environment *environment, const char *text,
                   struct legacy_variable *out) {
    struct buf buf;
    buf_init(&buf, arena);
    while (*text) {
        const char *name = NULL, *rest = text + 1;
        if (*text != '$' || (text[1] != '$' && text[1] != '(')) {
            buf_char(&buf, *text++);
            continue;
        }
        if (text[1] == '(')
            rest = reference(arena, text + 2, &name);
        const struct legacy_variable *other = name ? legacy_variable_of(environment, name) : NULL;
        if (other && other->text) {
            buf_str(&buf, other->text);
            out->secret = out->secret || other->secret;
            text = rest;
        } else if (text[1] == '$') {
            buf_char(&buf, '$');
            text += 2;
        } else {
            buf_str(&buf, "$(");
            text += 2;
        }
    }
    out->text = buf_text(&buf);
}

// A key of a Secret or ConfigMap. False when the variable is not there at all.
static bool from_key(struct arena *arena, struct value objects, struct value ref, const char *kind,
                     struct legacy_variable *out) {
    const char *name = value_dig_string(ref, "name", NULL), *key = value_dig_string(ref, "key", NULL);
    struct value data = value_get(objects, name ? name : "");
    out->text = value_dig_string(data, key ? key : "", NULL);
    if (!out->text && value_get_bool(value_get(ref, "optional")))
        return false;
    if (!out->text)
        out->why = value_is_null(data)
                       ? arena_printf(arena, "%s \"%s\", where it comes from, is not there", kind, name)
                       : arena_printf(arena, "%s \"%s\" has no key \"%s\"", kind, name, key);
    return true;
}

static bool resolve(struct arena *arena, const struct legacy_objects *objects,
                    const struct legacy_environment *environment, struct value item,
                    struct legacy_variable *out) {
    struct value from = value_get(item, "valueFrom"), ref = value_get(from, "secretKeyRef");
    const char *text = value_dig_string(item, "value", NULL);
    if (value_is_null(from)) {
        expand(arena, environment, text ? text : "", out);
        return true;
    }
    if (value_kind(ref) == VALUE_MAP) {
        out->secret = true;
        return from_key(arena, objects->secrets, ref, "the Secret", out);
    }
    ref = value_get(from, "configMapKeyRef");
    if (value_kind(ref) == VALUE_MAP)
        return from_key(arena, objects->config_maps, ref, "the ConfigMap", out);
    out->source = from;
    return true;
}

static void define_all(struct arena *arena, struct legacy_environment *environment, struct value data,
                       const char *prefix, bool secret) {
    for (size_t i = 0; i < value_len(data); i++) {
        const struct value_entry *entry = value_entry_at(data, i);
        define(environment, (struct legacy_variable){.name = arena_printf(arena, "%s%s", prefix, entry->key),
                                                     .text = value_get_string(entry->value),
                                                     .secret = secret});
    }
}

// All keys of the Secret or ConfigMap that an item of envFrom names; null when it is not there.
static struct value source_of(const struct legacy_objects *objects, struct value item, bool *secret) {
    const char *config = value_dig_string(item, "configMapRef", "name", NULL);
    const char *name = value_dig_string(item, "secretRef", "name", NULL);
    *secret = name != NULL;
    return value_get(name ? objects->secrets : objects->config_maps, name ? name : config ? config : "");
}

struct legacy_environment legacy_environment_of(struct arena *arena, const struct legacy_objects *objects,
                                                struct value container) {
    struct value sources = value_get(container, "envFrom"), items = value_get(container, "env");
    struct legacy_environment environment = {0};
    size_t most = value_len(items);
    bool secret;
    for (size_t i = 0; i < value_len(sources); i++)
        most += value_len(source_of(objects, value_at(sources, i), &secret));
    environment.items = arena_array(arena, most + 1, sizeof *environment.items);
    for (size_t i = 0; i < value_len(sources); i++) {
        struct value data = source_of(objects, value_at(sources, i), &secret);
        const char *prefix = value_dig_string(value_at(sources, i), "prefix", NULL);
        define_all(arena, &environment, data, prefix ? prefix : "", secret);
    }
    for (size_t i = 0; i < value_len(items); i++) {
        struct legacy_variable variable = {.name = value_dig_string(value_at(items, i), "name", NULL)};
        if (variable.name && resolve(arena, objects, &environment, value_at(items, i), &variable))
            define(&environment, variable);
    }
    return environment;
}
