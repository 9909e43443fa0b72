// SPDX-License-Identifier: Apache-2.0
// What comes out of the mapping: values, secrets, what is left over, and notes.
#include "wandb/legacy_private.h"

#include "base/buf.h"
#include "codec/yaml.h"
#include "drift/secret_names.h"
#include "value/path.h"

#include <stdarg.h>
#include <string.h>

enum { DEEPEST = 8 };

static void put(struct legacy_mapping *mapping, struct value *tree, const char *const *keys,
                struct value value) {
    struct path_step steps[DEEPEST];
    struct err never = err_in(mapping->arena);
    size_t count = 0;
    for (; keys[count] && count < DEEPEST; count++)
        steps[count] = (struct path_step){.key = keys[count]};
    path_set(mapping->arena, *tree, steps, count, value, tree, &never);
}

void legacy_put(struct legacy_mapping *mapping, const char *const *keys, struct value value) {
    put(mapping, &mapping->values, keys, value);
}

void legacy_put_text(struct legacy_mapping *mapping, const char *const *keys, const char *text) {
    bool secret = secret_names_text(text);
    put(mapping, secret ? &mapping->secrets : &mapping->values, keys, value_string(mapping->arena, text));
}

void legacy_put_secret(struct legacy_mapping *mapping, const char *const *keys, const char *text) {
    put(mapping, &mapping->secrets, keys, value_string(mapping->arena, text));
}

void legacy_unmapped(struct legacy_mapping *mapping, enum legacy_weight weight, const char *what,
                     const char *why, const char *todo) {
    struct arena *arena = mapping->arena;
    struct value_entry entries[] = {{"blocks", value_bool(weight == LEGACY_BLOCKS)},
                                    {"todo", value_string(arena, todo)},
                                    {"what", value_string(arena, what)},
                                    {"why", value_string(arena, why)}};
    mapping->unmapped = value_append(arena, mapping->unmapped, value_map(arena, entries, 4));
    mapping->blocked = mapping->blocked || weight == LEGACY_BLOCKS;
}

void legacy_note(struct legacy_mapping *mapping, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(mapping->arena, format, args);
    va_end(args);
    mapping->notes = value_append(mapping->arena, mapping->notes, value_string(mapping->arena, text));
}

bool legacy_fits_quoted(const char *text) {
    return !strpbrk(text, "\"\\\n");
}

bool legacy_fits_bare(struct arena *arena, const char *text) {
    const char *yaml = arena_printf(arena, "x: %s\n", text);
    struct err err = err_in(arena);
    struct value read;
    if (!yaml_decode(arena, yaml, strlen(yaml), YAML_NUMBERS_EXACT, &read, &err))
        return false;
    return value_is_text(value_get(read, "x"), text);
}
