// SPDX-License-Identifier: Apache-2.0
#include "jsonschema/private.h"

#include <string.h>

struct value js_keyword(const struct js_visit *visit, const char *name, enum value_kind kind) {
    struct value v = value_get(visit->schema.v, name);
    return value_kind(v) == kind ? v : value_null();
}

bool js_bool(const struct js_visit *visit, const char *name, bool fallback) {
    struct value v = value_get(visit->schema.v, name);
    return value_kind(v) == VALUE_BOOL ? value_get_bool(v) : fallback;
}

bool js_count(const struct js_visit *visit, const char *name, int64_t *out) {
    struct value v = value_get(visit->schema.v, name);
    double real = value_get_float(v);
    *out = value_kind(v) == VALUE_INT ? value_get_int(v)
                                      : (int64_t)(value_is_number(v) && real > 0 && real < 1e18 ? real : 0);
    return value_kind(v) == VALUE_INT || (value_kind(v) == VALUE_FLOAT && real == (double)*out);
}

// How many first items the schema's own keywords evaluate whatever they say; SIZE_MAX for all.
static size_t evaluated_items(struct js_schema schema) {
    struct value items = value_get(schema.v, "items");
    if (schema.resource->draft >= 2020)
        return value_has(schema.v, "items") ? SIZE_MAX : value_len(value_get(schema.v, "prefixItems"));
    if (value_kind(items) != VALUE_LIST)
        return value_has(schema.v, "items") ? SIZE_MAX : 0;
    return value_has(schema.v, "additionalItems") ? SIZE_MAX : value_len(items);
}

// Starts the bookkeeping of unevaluated parts where this schema or its caller wants it.
static struct js_uneval start_uneval(struct js_run *run, struct value v, struct js_schema schema,
                                     bool caller_needs) {
    struct js_uneval uneval = {0};
    bool map = value_kind(v) == VALUE_MAP;
    const char *keyword = map ? "unevaluatedProperties" : "unevaluatedItems";
    if ((!map && value_kind(v) != VALUE_LIST) || (!caller_needs && !value_has(schema.v, keyword)))
        return uneval;
    size_t from =
        map ? (value_has(schema.v, "additionalProperties") ? SIZE_MAX : 0) : evaluated_items(schema);
    if (from >= value_len(v))
        return uneval;
    uneval.count = value_len(v);
    uneval.left = arena_array(run->arena, uneval.count, sizeof *uneval.left);
    for (size_t i = from; i < uneval.count; i++)
        uneval.left[i] = true;
    return uneval;
}

static bool anything_left(const struct js_uneval *uneval) {
    for (size_t i = 0; i < uneval->count; i++)
        if (uneval->left[i])
            return true;
    return false;
}

static void merge_uneval(struct js_uneval *into, const struct js_uneval *from) {
    for (size_t i = 0; i < into->count; i++)
        into->left[i] &= from->left && from->left[i];
}

static struct js_visit enter(const struct js_visit *from, struct js_schema schema, struct value v,
                             const struct path *at) {
    struct js_visit visit = {
        .run = from->run, .schema = schema, .v = v, .at = at, .parent = from, .quiet = from->quiet};
    visit.value_id = from->value_id;
    return visit;
}

static struct js_failure *validate(struct js_visit *visit);

struct js_failure *js_validate_self(struct js_visit *visit, struct js_schema schema, bool quiet) {
    schema = js_meta_switch(visit->run, schema, visit->v);
    struct js_visit sub = enter(visit, schema, visit->v, visit->at);
    sub.quiet |= quiet;
    sub.uneval = start_uneval(visit->run, visit->v, schema, anything_left(&visit->uneval));
    struct js_failure *failure = validate(&sub);
    if (!failure)
        merge_uneval(&visit->uneval, &sub.uneval);
    return failure;
}

static struct js_failure *validate_other(struct js_visit *visit, struct value schema, struct value v,
                                         const struct path *at) {
    struct js_schema found = js_subschema(visit->run, visit->schema, schema);
    struct js_visit sub = enter(visit, js_meta_switch(visit->run, found, v), v, at);
    sub.value_id = ++visit->run->next_id;
    sub.uneval = start_uneval(visit->run, v, sub.schema, false);
    return validate(&sub);
}

struct js_failure *js_validate_child(struct js_visit *visit, struct value schema, struct value v,
                                     const char *key, size_t index) {
    struct path here = {visit->at, {key, index}};
    return validate_other(visit, schema, v, &here);
}

struct js_failure *js_validate_apart(struct js_visit *visit, struct value schema, struct value v) {
    return validate_other(visit, schema, v, NULL);
}

static bool is_cycle(const struct js_visit *visit) {
    for (const struct js_visit *up = visit->parent; up && up->value_id == visit->value_id; up = up->parent)
        if (js_same(up->schema.v, visit->schema.v))
            return true;
    return false;
}

static void check_by_kind(struct js_visit *visit) {
    switch (value_kind(visit->v)) {
    case VALUE_MAP: js_check_object(visit); break;
    case VALUE_LIST: js_check_array(visit); break;
    case VALUE_STRING: js_check_string(visit); break;
    default:
        if (value_is_number(visit->v))
            js_check_number(visit);
    }
}

// The keywords in the order in which their failures are told.
static void check_keywords(struct js_visit *visit) {
    bool late = visit->schema.resource->draft >= 2019;
    bool alone = !late && value_kind(value_get(visit->schema.v, "$ref")) == VALUE_STRING;
    if (!alone && (!js_check_type(visit) || !js_check_format(visit)))
        return;
    if (!js_check_reference(visit))
        return;
    check_by_kind(visit);
    if (visit->count && visit->quiet)
        return;
    if (late)
        js_check_late_references(visit);
    js_check_combinations(visit);
    if (late)
        js_check_unevaluated(visit);
}

static struct js_failure *validate(struct js_visit *visit) {
    visit->tail = &visit->first;
    if (visit->run->broken)
        return NULL;
    if (value_kind(visit->schema.v) == VALUE_BOOL)
        return value_get_bool(visit->schema.v) ? NULL : js_failure(visit, JS_PLAIN, "false schema");
    if (value_kind(visit->schema.v) != VALUE_MAP || !value_len(visit->schema.v))
        return NULL;
    if (is_cycle(visit))
        js_fail(visit, NULL, "a reference leads back to itself in %s", visit->schema.resource->id);
    else
        check_keywords(visit);
    if (visit->count <= 1 || visit->quiet)
        return visit->first;
    struct js_failure *group = js_failure(visit, JS_GROUP, "validation failed");
    group->causes = visit->first;
    return group;
}

struct js_failure *js_validate_root(struct js_run *run, struct js_schema schema, struct value v) {
    struct js_visit visit = {.run = run, .schema = schema, .v = v};
    visit.uneval = start_uneval(run, v, schema, false);
    return validate(&visit);
}

bool jsonschema_check(struct arena *arena, const struct jsonschema_document *document, struct value instance,
                      const char **report, struct err *err) {
    struct js_run run = {.arena = arena, .loader = document->loader, .err = err};
    *report = NULL;
    struct js_resource *resource = js_add_document(&run, document->schema, document->url, 2020);
    if (run.broken)
        return false;
    struct js_failure *failure =
        js_validate_root(&run, (struct js_schema){resource->root, resource}, instance);
    if (run.broken)
        return false;
    if (failure)
        *report = js_report(arena, failure);
    return true;
}
