// SPDX-License-Identifier: Apache-2.0
// Shared by src/jsonschema: schemas and their resources, a visit of one value by
// one schema, and the tree of failures.
#ifndef JSONSCHEMA_PRIVATE_H
#define JSONSCHEMA_PRIVATE_H

#include "jsonschema/resource.h"
#include "jsonschema/validate.h"
#include "value/path.h"

enum js_failure_kind { JS_PLAIN, JS_GROUP, JS_REFERENCE };

struct js_failure {
    struct js_failure *next;
    enum js_failure_kind kind;
    const struct js_failure *causes;
    const char *at; // JSON pointer into the instance
    const char *text;
};

struct js_run {
    struct arena *arena;
    const struct jsonschema_loader *loader;
    struct js_run *subject; // whose schemas are the values here: this is a check by a metaschema
    struct js_resource *resources;
    size_t next_id;              // of values being visited
    struct js_anchor *elsewhere; // schemas that references found where no keyword holds any
    const char *url;             // of the document whose resources are being collected
    struct value document;
    bool broken; // `err` holds why the schema is of no use
    struct err *err;
};

// Which members or items no keyword has looked at yet; NULL flags mean that nobody asks.
struct js_uneval {
    bool *left; // by index of the member or item
    size_t count;
};

struct js_visit {
    struct js_run *run;
    struct js_schema schema;
    struct value v;
    const struct path *at;
    const struct js_visit *parent; // the schema that led here
    size_t value_id;               // two visits of the same value share it
    bool quiet;                    // only whether it fails matters, not why
    struct js_uneval uneval;
    struct js_failure *first, **tail;
    size_t count;
};

// --- resource.c

// Registers a document and the resources inside it.
struct js_resource *js_add_document(struct js_run *run, struct value document, const char *url, int draft);
// The subschema `v` met inside `parent`: a resource of its own when it has an id.
struct js_schema js_subschema(struct js_run *run, struct js_schema parent, struct value v);
// What a reference means, seen from `from`. False when it leads nowhere; the run is broken then.
bool js_resolve(struct js_run *run, struct js_schema from, const char *reference, struct js_schema *out,
                const char **anchor);
const struct js_anchor *js_find_anchor(const struct js_resource *resource, const char *name, bool dynamic);
// Marks the run as broken.
void js_broken(struct js_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The same value, not an equal one. Only non-empty maps have an identity.
bool js_same(struct value a, struct value b);

// The resource that has this very value as its root, or NULL.
struct js_resource *js_find_root(const struct js_run *run, struct value schema);

// Whether a keyword holds schemas: 1 one or a list of them, 2 a map of them, 0 neither.
int js_holds(const char *keyword);

// --- meta.c

// The document of a json-schema.org URL; false when it is none of the published ones.
bool js_meta_load(struct arena *arena, const char *url, struct value *out);
// Checks a schema by the metaschema of its draft or by its vocabularies. A schema that is none breaks the
// run.
void js_meta_check(struct js_run *run, const struct js_resource *resource, struct value schema,
                   const char *url, const char *pointer);
// Which schema a check by a metaschema goes on with: a resource of another draft has another.
struct js_schema js_meta_switch(struct js_run *run, struct js_schema schema, struct value v);

// --- jsonschema.c

// Validates a document's root; NULL when it passes.
struct js_failure *js_validate_root(struct js_run *run, struct js_schema schema, struct value v);

// The visited value under another schema; what that evaluates counts as evaluated here.
struct js_failure *js_validate_self(struct js_visit *visit, struct js_schema schema, bool quiet);
// A member (`key`) or item of the visited value.
struct js_failure *js_validate_child(struct js_visit *visit, struct value schema, struct value v,
                                     const char *key, size_t index);
// Like js_validate_child, but for a value that is not part of the visited one (a property's name).
struct js_failure *js_validate_apart(struct js_visit *visit, struct value schema, struct value v);
// The keyword's value when it is of that kind, else null.
struct value js_keyword(const struct js_visit *visit, const char *name, enum value_kind kind);
bool js_bool(const struct js_visit *visit, const char *name, bool fallback);
// A keyword that counts; false when it is absent or no whole number.
bool js_count(const struct js_visit *visit, const char *name, int64_t *out);

// --- one family of keywords each

bool js_check_type(struct js_visit *visit);   // scalar.c: type, const, enum; false ends the visit
bool js_check_format(struct js_visit *visit); // format.c; false ends the visit
void js_check_string(struct js_visit *visit);
void js_check_number(struct js_visit *visit);
void js_check_object(struct js_visit *visit);
void js_check_array(struct js_visit *visit);
void js_check_combinations(struct js_visit *visit);    // combine.c: not, allOf, anyOf, oneOf, if
bool js_check_reference(struct js_visit *visit);       // $ref; false ends the visit (drafts before 2019-09)
void js_check_late_references(struct js_visit *visit); // $recursiveRef, $dynamicRef
void js_check_unevaluated(struct js_visit *visit);

// --- report.c

// Adds a failure to the visit. `causes` may be NULL.
void js_fail(struct js_visit *visit, const struct js_failure *causes, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// A failure for its caller to place.
struct js_failure *js_failure(const struct js_visit *visit, enum js_failure_kind kind, const char *text);
// Appends what a sub-visit returned; NULL adds nothing.
void js_add(struct js_visit *visit, struct js_failure *failure);
// 'text' as the validator quotes it, in the run's arena.
const char *js_quote(struct js_run *run, const char *text, size_t len);
const char *js_quote_keys(struct js_run *run, const char *const *keys, size_t count);
// Numbers as an English reader gets them: 1,000 and 1.5×10⁰⁶.
const char *js_number(struct js_run *run, struct value number);
const char *js_integer(struct js_run *run, int64_t number);
// A scalar as enum and const show it.
const char *js_display(struct js_run *run, struct value v);
// The lines below a schema's own failure.
const char *js_report(struct arena *arena, const struct js_failure *failure);

#endif
