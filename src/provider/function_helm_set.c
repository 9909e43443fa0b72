// SPDX-License-Identifier: Apache-2.0
#include "helm/values.h"
#include "provider/content.h"

static bool call(struct arena *arena, const struct value *args, size_t count, struct value *out,
                 struct err *err) {
    struct value values = value_map(arena, NULL, 0);
    struct err why = err_in(arena);
    (void)count;
    for (size_t i = 0; i < value_len(args[0]); i++) {
        const char *text = value_get_string(value_at(args[0], i));
        if (!text)
            return err_at(err, arena_printf(arena, "expressions[%zu]", i),
                          "an expression must be a string such as \"image.tag=1.22.0\", found null");
        if (!helm_values_set(arena, HELM_INPUT_SET, text, &values, &why))
            return err_at(err, arena_printf(arena, "expressions[%zu]", i),
                          "this is not helm's --set syntax: %s. Write NAME.NAME=VALUE, LIST[0]=VALUE or "
                          "LIST={A,B}; a comma, "
                          "dot, brace or bracket that is part of a name or value has a backslash before it",
                          why.msg);
    }
    *out = value_typed(arena, type_of_value(arena, values), values);
    return true;
}

static const struct function_param PARAMS[] = {
    {.name = "expressions",
     .type = &schema_strings_type,
     .doc = "Expressions as `helm --set` takes them, applied in order."},
    {0},
};

const struct function_impl function_helm_set = {
    .name = "helm_set",
    .summary = "Reads Helm's --set syntax",
    .doc = "Turns expressions in the syntax of `helm install --set` into values, for configurations that "
           "carry its escapes and list "
           "indexes. Each may hold several settings with commas between. Words become what Helm makes of "
           "them: `1` a number, "
           "`true` a boolean, `null` a null, all else a string.",
    .params = PARAMS,
    .returns = &type_dynamic,
    .call = call,
    .example = "output \"values\" {\n  value = provider::wandb::helm_set([\"image.tag=1.22.0,replicas=2\", "
               "\"nodeSelector.kubernetes\\\\.io/os=linux\"])\n}",
};
