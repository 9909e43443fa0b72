// SPDX-License-Identifier: Apache-2.0
// Schemas that combine others: not, allOf, anyOf, oneOf, if, references, unevaluated….
#include "jsonschema/private.h"

#include <string.h>

static struct js_failure *try_one(struct js_visit *visit, struct value schema, bool quiet) {
    return js_validate_self(visit, js_subschema(visit->run, visit->schema, schema), quiet);
}

struct causes {
    struct js_failure *first, **tail;
};

static void collect(struct js_visit *visit, struct causes *causes, struct js_failure *failure) {
    if (!causes->first)
        causes->tail = &causes->first;
    if (visit->quiet)
        return;
    *causes->tail = failure;
    causes->tail = &failure->next;
}

static void check_all_of(struct js_visit *visit) {
    struct value all = js_keyword(visit, "allOf", VALUE_LIST);
    struct causes causes = {0};
    size_t failed = 0;
    for (size_t i = 0; i < value_len(all) && !(failed && visit->quiet); i++) {
        struct js_failure *failure = try_one(visit, value_at(all, i), false);
        failed += failure != NULL;
        if (failure)
            collect(visit, &causes, failure);
    }
    if (failed)
        js_fail(visit, causes.first, "'allOf' failed");
}

static bool wants_evaluation(const struct js_visit *visit) {
    for (size_t i = 0; i < visit->uneval.count; i++)
        if (visit->uneval.left[i])
            return true;
    return false;
}

// All are tried only where somebody asks what they evaluate.
static void check_any_of(struct js_visit *visit) {
    struct value any = js_keyword(visit, "anyOf", VALUE_LIST);
    struct causes causes = {0};
    bool matched = !value_len(any);
    for (size_t i = 0; i < value_len(any); i++) {
        struct js_failure *failure = try_one(visit, value_at(any, i), false);
        matched |= !failure;
        if (failure)
            collect(visit, &causes, failure);
        else if (!wants_evaluation(visit))
            break;
    }
    if (!matched)
        js_fail(visit, causes.first, "'anyOf' failed");
}

static void check_one_of(struct js_visit *visit) {
    struct value one = js_keyword(visit, "oneOf", VALUE_LIST);
    struct causes causes = {0};
    size_t count = value_len(one), matched = count;
    for (size_t i = 0; i < count; i++) {
        struct js_failure *failure = try_one(visit, value_at(one, i), matched < count);
        if (failure && matched == count)
            collect(visit, &causes, failure);
        if (failure)
            continue;
        if (matched < count) {
            js_fail(visit, NULL, "'oneOf' failed, subschemas %s, %s matched",
                    js_integer(visit->run, (int64_t)matched), js_integer(visit->run, (int64_t)i));
            return;
        }
        matched = i;
    }
    if (count && matched == count)
        js_fail(visit, causes.first, "'oneOf' failed, none matched");
}

static void check_condition(struct js_visit *visit) {
    if (visit->schema.resource->draft < 7 || !value_has(visit->schema.v, "if"))
        return;
    const char *branch = try_one(visit, value_get(visit->schema.v, "if"), true) ? "else" : "then";
    if (value_has(visit->schema.v, branch))
        js_add(visit, try_one(visit, value_get(visit->schema.v, branch), false));
}

void js_check_combinations(struct js_visit *visit) {
    if (value_has(visit->schema.v, "not") && !try_one(visit, value_get(visit->schema.v, "not"), true))
        js_fail(visit, NULL, "'not' failed");
    check_all_of(visit);
    check_any_of(visit);
    check_one_of(visit);
    check_condition(visit);
}

// A failure behind a reference stands for itself when it is one, else for a group.
static struct js_failure *follow(struct js_visit *visit, struct js_schema target) {
    struct js_failure *failure = js_validate_self(visit, target, false);
    if (!failure || visit->quiet)
        return failure;
    struct js_failure *reference = js_failure(visit, JS_REFERENCE, "validation failed");
    reference->causes = failure->kind == JS_GROUP ? failure->causes : failure;
    return reference;
}

bool js_check_reference(struct js_visit *visit) {
    struct value reference = js_keyword(visit, "$ref", VALUE_STRING);
    struct js_schema target;
    if (value_is_null(reference))
        return true;
    if (!js_resolve(visit->run, visit->schema, value_get_string(reference), &target, NULL))
        return false;
    js_add(visit, follow(visit, target));
    return visit->schema.resource->draft >= 2019;
}

static bool is_recursive(const struct js_resource *resource) {
    return value_get_bool(value_get(resource->root, "$recursiveAnchor"));
}

static void check_recursive(struct js_visit *visit) {
    struct value reference = js_keyword(visit, "$recursiveRef", VALUE_STRING);
    struct js_schema target;
    if (value_is_null(reference) ||
        !js_resolve(visit->run, visit->schema, value_get_string(reference), &target, NULL))
        return;
    if (value_get_bool(value_get(target.v, "$recursiveAnchor")))
        for (const struct js_visit *up = visit; up; up = up->parent)
            if (is_recursive(up->schema.resource))
                target = (struct js_schema){up->schema.resource->root, up->schema.resource};
    js_add(visit, follow(visit, target));
}

// An anchor that is dynamic where the reference first leads is looked for again in every
// resource on the way here; the outermost one wins.
static void check_dynamic(struct js_visit *visit) {
    struct value reference = js_keyword(visit, "$dynamicRef", VALUE_STRING);
    struct js_schema target;
    const char *anchor;
    if (value_is_null(reference) ||
        !js_resolve(visit->run, visit->schema, value_get_string(reference), &target, &anchor))
        return;
    if (anchor && value_is_text(value_get(target.v, "$dynamicAnchor"), anchor)) {
        for (const struct js_visit *up = visit; up; up = up->parent) {
            const struct js_anchor *found = js_find_anchor(up->schema.resource, anchor, true);
            if (found)
                target = (struct js_schema){found->schema, up->schema.resource};
        }
    }
    js_add(visit, follow(visit, target));
}

void js_check_late_references(struct js_visit *visit) {
    if (visit->schema.resource->draft == 2019)
        check_recursive(visit);
    else
        check_dynamic(visit);
}

void js_check_unevaluated(struct js_visit *visit) {
    bool map = value_kind(visit->v) == VALUE_MAP;
    const char *keyword = map ? "unevaluatedProperties" : "unevaluatedItems";
    if (!value_has(visit->schema.v, keyword))
        return;
    struct value schema = value_get(visit->schema.v, keyword);
    for (size_t i = 0; i < visit->uneval.count; i++) {
        const struct value_entry *entry = value_entry_at(visit->v, i);
        if (visit->uneval.left[i])
            js_add(visit, js_validate_child(visit, schema, entry ? entry->value : value_at(visit->v, i),
                                            entry ? entry->key : NULL, i));
    }
    visit->uneval = (struct js_uneval){0};
}
