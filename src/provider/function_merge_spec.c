// SPDX-License-Identifier: Apache-2.0
#include "provider/content.h"
#include "wandb/hierarchy.h"

static bool check(struct arena *arena, struct value level, size_t index, struct err *err) {
    enum value_kind kind = value_kind(level);
    if (kind == VALUE_MAP || kind == VALUE_NULL)
        return true;
    return err_at(err, arena_printf(arena, "levels[%zu]", index),
                  "a level must be an object or a map of values, or null for none; found a %s",
                  value_kind_name(level));
}

static bool call(struct arena *arena, const struct value *args, size_t count, struct value *out,
                 struct err *err) {
    struct hierarchy_level *levels = arena_array(arena, count + 1, sizeof *levels);
    for (size_t i = 0; i < count; i++) {
        levels[i] =
            (struct hierarchy_level){arena_printf(arena, "argument %zu", i + 1), value_untyped(args[i])};
        if (!check(arena, levels[i].values, i, err))
            return false;
    }
    struct value merged;
    if (!hierarchy_merge_values(arena, levels, count, &merged, err))
        return err_at(err, "levels", "%s", err->msg);
    *out = value_typed(arena, type_of_value(arena, merged), merged);
    return true;
}

static const struct function_param LEVELS = {
    .name = "levels",
    .type = &type_dynamic,
    .allow_null = true,
    .doc = "Values of each level, the highest first: custom resource, System Console, release channel.",
};

const struct function_impl function_merge_spec = {
    .name = "merge_spec",
    .summary = "Merges levels of values as W&B's operator does",
    .doc = "Merges values, the highest level first, exactly as W&B's operator 1.x makes the values of an "
           "instance: maps are "
           "merged, of other values the highest level's counts, and **lists are appended**, the higher "
           "level's items first. "
           "Values of two kinds in one place (`\"3306\"` and `3306`), or `null` against a value, are an "
           "error here; they would "
           "stop the operator.",
    .variadic = &LEVELS,
    .returns = &type_dynamic,
    .call = call,
    .example = "output \"hosts\" {\n  value = provider::wandb::merge_spec({ hosts = [\"a\"] }, { hosts = "
               "[\"b\"], size = "
               "\"small\" }).hosts # [\"a\", \"b\"]\n}",
};
