// SPDX-License-Identifier: Apache-2.0
#include "go/regexp.h"
#include "jsonschema/private.h"

#include <string.h>

static void check_sizes(struct js_visit *visit) {
    int64_t count = (int64_t)value_len(visit->v), limit;
    if (js_count(visit, "minProperties", &limit) && count < limit)
        js_fail(visit, NULL, "minProperties: got %s, want %s", js_integer(visit->run, count),
                js_integer(visit->run, limit));
    if (js_count(visit, "maxProperties", &limit) && count > limit)
        js_fail(visit, NULL, "maxProperties: got %s, want %s", js_integer(visit->run, count),
                js_integer(visit->run, limit));
}

// Names in `wanted` that the object lacks.
static size_t find_missing(const struct js_visit *visit, struct value wanted, const char ***out) {
    size_t count = 0;
    *out = arena_array(visit->run->arena, value_len(wanted), sizeof **out);
    for (size_t i = 0; i < value_len(wanted); i++) {
        const char *name = value_get_string(value_at(wanted, i));
        if (name && value_kind(value_at(wanted, i)) == VALUE_STRING && !value_has(visit->v, name))
            (*out)[count++] = name;
    }
    return count;
}

static void check_required(struct js_visit *visit) {
    const char **missing;
    size_t count = find_missing(visit, js_keyword(visit, "required", VALUE_LIST), &missing);
    if (count)
        js_fail(visit, NULL, count == 1 ? "missing property %s" : "missing properties %s",
                js_quote_keys(visit->run, missing, count));
}

static void require_with(struct js_visit *visit, const char *name, struct value wanted) {
    const char **missing;
    size_t count = find_missing(visit, wanted, &missing);
    if (count)
        js_fail(visit, NULL, "properties %s required, if %s exists",
                js_quote_keys(visit->run, missing, count), js_quote(visit->run, name, strlen(name)));
}

// A list names further properties, anything else is a schema for the whole object.
static void check_dependencies(struct js_visit *visit, const char *keyword) {
    struct value all = js_keyword(visit, keyword, VALUE_MAP);
    for (size_t i = 0; i < value_len(all); i++) {
        const struct value_entry *entry = value_entry_at(all, i);
        if (!value_has(visit->v, entry->key))
            continue;
        if (value_kind(entry->value) == VALUE_LIST)
            require_with(visit, entry->key, entry->value);
        else
            js_add(visit,
                   js_validate_self(visit, js_subschema(visit->run, visit->schema, entry->value), false));
    }
}

// Whether the property's name matches one of the patterns; each that does judges it.
static bool check_patterns(struct js_visit *visit, const struct value_entry *property) {
    struct value patterns = js_keyword(visit, "patternProperties", VALUE_MAP);
    bool matched = false;
    for (size_t i = 0; i < value_len(patterns) && !visit->run->broken; i++) {
        const struct value_entry *pattern = value_entry_at(patterns, i);
        struct err reason = err_in(visit->run->arena);
        REGEXP regex = regexp_open(pattern->key, strlen(pattern->key), &reason);
        struct regexp_span span;
        if (!regex) {
            js_broken(visit->run, "invalid regex \"%s\" at \"patternProperties\": %s", pattern->key,
                      reason.msg);
        } else if (regexp_find(regex, cursor_of(property->key), 0, &span, 1)) {
            matched = true;
            js_add(visit, js_validate_child(visit, pattern->value, property->value, property->key, 0));
        }
    }
    return matched;
}

// True when some keyword looked at the property; `extra` when additionalProperties forbids it.
static bool check_property(struct js_visit *visit, const struct value_entry *property, bool *extra) {
    struct value properties = js_keyword(visit, "properties", VALUE_MAP);
    bool evaluated = value_has(properties, property->key);
    if (evaluated)
        js_add(visit, js_validate_child(visit, value_get(properties, property->key), property->value,
                                        property->key, 0));
    evaluated |= check_patterns(visit, property);
    if (evaluated || !value_has(visit->schema.v, "additionalProperties"))
        return evaluated;
    struct value additional = value_get(visit->schema.v, "additionalProperties");
    *extra = value_kind(additional) == VALUE_BOOL && !value_get_bool(additional);
    if (value_kind(additional) != VALUE_BOOL)
        js_add(visit, js_validate_child(visit, additional, property->value, property->key, 0));
    return true;
}

static void check_properties(struct js_visit *visit) {
    const char **extra = arena_array(visit->run->arena, value_len(visit->v), sizeof *extra);
    size_t count = 0;
    for (size_t i = 0; i < value_len(visit->v) && !visit->run->broken; i++) {
        const struct value_entry *property = value_entry_at(visit->v, i);
        bool forbidden = false;
        if (check_property(visit, property, &forbidden) && i < visit->uneval.count)
            visit->uneval.left[i] = false;
        if (forbidden)
            extra[count++] = property->key;
    }
    if (count)
        js_fail(visit, NULL, "additional properties %s not allowed", js_quote_keys(visit->run, extra, count));
}

static void check_names(struct js_visit *visit) {
    for (size_t i = 0; value_has(visit->schema.v, "propertyNames") && i < value_len(visit->v); i++) {
        const char *name = value_entry_at(visit->v, i)->key;
        struct js_failure *failure =
            js_validate_apart(visit, value_get(visit->schema.v, "propertyNames"), value_string_ref(name));
        if (!failure)
            continue;
        const struct path *at = visit->at;
        visit->at = NULL; // the validator tells these without a place
        js_fail(visit, failure->kind == JS_GROUP ? failure->causes : failure, "invalid propertyName %s",
                js_quote(visit->run, name, strlen(name)));
        visit->at = at;
    }
}

void js_check_object(struct js_visit *visit) {
    int draft = visit->schema.resource->draft;
    check_sizes(visit);
    check_required(visit);
    if (visit->quiet && visit->count)
        return;
    check_dependencies(visit, "dependencies");
    check_properties(visit);
    if (draft >= 6)
        check_names(visit);
    if (draft < 2019)
        return;
    check_dependencies(visit, "dependentSchemas");
    check_dependencies(visit, "dependentRequired");
}
