// SPDX-License-Identifier: Apache-2.0
// What the user gives becomes one tree, in Helm's order.
#include "helm/private.h"

#include <ctype.h>
#include <string.h>

static size_t length_of(const struct helm_input *input) {
    return input->len || !input->text ? input->len : strlen(input->text);
}

static bool add_file(struct arena *arena, const struct helm_input *input, enum helm_profile profile,
                     struct value *tree, struct err *err) {
    size_t len = length_of(input);
    struct value document;
    bool fine = profile == HELM_4 ? helm_values_decode_all(arena, input->text, len, &document, err)
                                  : helm_values_decode(arena, input->text, len, &document, err);
    if (!fine)
        return err_wrap(err, "failed to parse %s", input->name ? input->name : "values");
    *tree = helm_values_merge(arena, *tree, document);
    return true;
}

// A whole JSON object is taken since Helm 4; Helm 3 reads it as an expression, and fails.
static bool add_json(struct call *call, const struct helm_input *input, enum helm_profile profile,
                     struct value *tree, struct err *err) {
    struct arena *arena = call->arena;
    const char *text = input->text;
    while (isspace((unsigned char)*text))
        text++;
    if (profile == HELM_4 && *text == '{') {
        struct value object;
        if (!helm_json_values(arena, text, length_of(input) - (size_t)(text - input->text), &object, err))
            return err_set(err, ERR_INVALID, "failed parsing --set-json data JSON: %s", input->text);
        *tree = helm_values_merge(arena, *tree, object);
        return true;
    }
    struct table *table = table_from_value(arena, *tree);
    if (!strvals_parse(call, input, table, err))
        return err_set(err, ERR_INVALID, "failed parsing --set-json data %s", input->text);
    *tree = table_to_value(arena, table);
    return true;
}

// Helm 4 takes an index that never closes for the end of the text.
static bool is_end(enum helm_profile profile, const struct err *err) {
    return profile == HELM_4 && !strcmp(err->msg, "error parsing index: EOF");
}

static bool add_expression(struct call *call, const struct helm_input *input, enum helm_profile profile,
                           struct value *tree, struct err *err) {
    static const char *const flags[] = {
        [HELM_INPUT_SET] = "--set",
        [HELM_INPUT_SET_STRING] = "--set-string",
        [HELM_INPUT_SET_FILE] = "--set-file",
        [HELM_INPUT_SET_LITERAL] = "--set-literal",
    };
    struct arena *arena = call->arena;
    struct table *table = table_from_value(arena, *tree);
    if (!strvals_parse(call, input, table, err) && !is_end(profile, err))
        return err_wrap(err, "failed parsing %s data", flags[input->kind]);
    *tree = table_to_value(arena, table);
    return true;
}

static bool add_input(struct call *call, const struct helm_input *input, enum helm_profile profile,
                      struct value *tree, struct err *err) {
    struct arena *arena = call->arena;
    switch (input->kind) {
    case HELM_INPUT_VALUES: *tree = helm_values_merge(arena, *tree, input->values); return true;
    case HELM_INPUT_FILE: return add_file(arena, input, profile, tree, err);
    case HELM_INPUT_SET_JSON: return add_json(call, input, profile, tree, err);
    default: return add_expression(call, input, profile, tree, err);
    }
}

// VALUES and FILE share a rank; the others follow kind by kind.
static int rank(enum helm_input_kind kind) {
    return kind == HELM_INPUT_VALUES ? HELM_INPUT_FILE : (int)kind;
}

bool helm_values_compose(struct call *call, const struct helm_input *inputs, size_t count,
                         enum helm_profile profile, struct value *out, struct err *err) {
    *out = value_map(call->arena, NULL, 0);
    for (int turn = HELM_INPUT_FILE; turn <= HELM_INPUT_SET_LITERAL; turn++)
        for (size_t i = 0; i < count; i++)
            if (rank(inputs[i].kind) == turn && !add_input(call, &inputs[i], profile, out, err))
                return false;
    return true;
}

bool helm_values_set(struct arena *arena, enum helm_input_kind kind, const char *text, struct value *tree,
                     struct err *err) {
    struct call call = call_in(arena);
    struct helm_input input = {.kind = kind, .text = text};
    struct table *table = table_from_value(arena, *tree);
    if (!strvals_parse(&call, &input, table, err))
        return false;
    *tree = table_to_value(arena, table);
    return true;
}
