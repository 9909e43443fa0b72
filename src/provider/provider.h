// SPDX-License-Identifier: Apache-2.0
// The waist between the protocol and the domain: what a resource, a data source
// and a function ARE, and the configured provider that they share. Objects are
// plain `struct value` maps; everything born in a handler lives in call->arena.
#ifndef PROVIDER_PROVIDER_H
#define PROVIDER_PROVIDER_H

#include "base/call.h"
#include "schema/schema.h"

struct provider; // provider/config.h: a configuration, immutable, shared by threads without locks

// How long anything but a write may take, unless the object's attribute `timeouts.read` (a duration, where
// its schema has it) says otherwise. The protocol gives the call that deadline; writes set their own.
enum { PROVIDER_READ_MS = 5 * 60 * 1000 };

// One object as it is stored between calls.
struct resource_state {
    struct value value;    // its attributes; null: there is no such object
    struct value identity; // its identity attributes, null when the type has none
    struct value private;  // a map for the provider's own notes, stored as JSON; null for none. No secrets.
};

struct resource_plan {
    struct value config;         // may hold unknowns; null: to be destroyed
    struct resource_state prior; // value null: to be created
    struct resource_state
        planned; // in: what the schema says; the handler may make computed parts known or unknown,
                 // and note what apply needs in `private`. Value null exactly when config is.
    struct schema_strings replace; // paths that need a new object; the handler may add to them
    bool changes; // whether planned differs from prior so far. A handler that finds a further reason
                  // to write calls resource_plan_update
};

struct resource_change {
    struct value config;           // known; null when deleting. The only place that holds write-only values
    struct resource_state prior;   // value null when creating
    struct resource_state planned; // value null when deleting
};

// What another provider (or this one) stored for an object that a `moved` block hands over.
struct resource_source {
    const char *provider; // "registry.terraform.io/hashicorp/helm"; compare the part after the host
    const char *type;     // "helm_release"
    int64_t version;      // schema version
    struct value state;   // decoded JSON, everything the other provider stored
};

// Handlers return false with `err` filled for an error, and leave warnings with call_warn. Optional
// ones may be NULL. `validate` and `move` run on an unconfigured provider: no API access.
struct resource_impl {
    const struct schema *schema;   // schema->name is the type's name
    const struct schema *identity; // REQUIRED: needed for import; OPTIONAL: may be given. NULL: no identity

    // Optional. What the table cannot say; any part of config may be unknown. After the table's own checks
    // passed.
    bool (*validate)(struct call *call, struct provider *provider, struct value config, struct err *err);

    // Optional. Called for create, update, no change, and destroy. Must give the same answer again at apply
    // for what it made known.
    bool (*plan)(struct call *call, struct provider *provider, struct resource_plan *plan, struct err *err);

    // `state` comes in as what is stored now (null value for create) and goes out as what to store, also when
    // the handler fails: set it as soon as something exists, and a failed create is kept as tainted. Unknown
    // parts of a failed state are stored as null. After success: all of `planned`'s known values, no
    // unknowns. Identity and private are stored too: they come in as planned.
    bool (*create)(struct call *call, struct provider *provider, const struct resource_change *change,
                   struct resource_state *state, struct err *err);
    bool (*update)(struct call *call, struct provider *provider, const struct resource_change *change,
                   struct resource_state *state, struct err *err);

    // Success means it is gone; a failure keeps `state` as the handler leaves it.
    bool (*destroy)(struct call *call, struct provider *provider, struct resource_state *state,
                    struct err *err);

    // Brings `state` up to date; sets state->value to null only when the object is confirmed gone.
    bool (*read)(struct call *call, struct provider *provider, struct resource_state *state, struct err *err);

    // Optional. By id, or by identity when id is NULL. `state` may be partial: what is null gets its default,
    // and a read follows.
    bool (*import)(struct call *call, struct provider *provider, const char *id, struct value identity,
                   struct resource_state *state, struct err *err);

    // Optional. Turns a foreign object into one of this type; ERR_UNSUPPORTED when the source is not one it
    // knows. What is null gets its default; upgrade, read and plan follow.
    bool (*move)(struct call *call, struct provider *provider, const struct resource_source *source,
                 struct resource_state *state, struct err *err);

    // Optional. Rewrites decoded JSON stored by an older schema version to today's names; attributes that
    // today's schema lacks are dropped and missing ones become null afterwards.
    bool (*upgrade)(struct arena *arena, int64_t version, struct value json, struct value *out,
                    struct err *err);
};

struct data_impl {
    const struct schema *schema;
    // Optional, as for resources.
    bool (*validate)(struct call *call, struct provider *provider, struct value config, struct err *err);
    // The result holds config's values and every computed attribute, known.
    bool (*read)(struct call *call, struct provider *provider, struct value config, struct value *out,
                 struct err *err);
};

struct function_param {
    const char *name; // NULL ends a table
    const struct type *type;
    bool allow_null;
    bool allow_unknown; // without it Terraform calls only with wholly known arguments
    const char *doc;
};

struct function_impl {
    const char *name;
    const char *summary;                   // one line
    const char *doc;                       // Markdown
    const struct function_param *params;   // NULL-name terminated; may be NULL
    const struct function_param *variadic; // or NULL
    const struct type *returns;
    // Pure: equal arguments, equal result; no clock. An error about one argument is made with err_at and the
    // parameter's name as path ("values", or "values[2]" within a variadic one).
    bool (*call)(struct arena *arena, const struct value *args, size_t count, struct value *out,
                 struct err *err);
    const char *example; // HCL expression for the docs page
};

// Everything the provider offers; tables end with NULL.
struct provider_content {
    const struct schema *config;
    const struct resource_impl *const *resources;
    const struct data_impl *const *data_sources;
    const struct function_impl *const *functions;
};

extern const struct provider_content provider_content;

// For plan handlers that find a reason to write which the configuration does not show (a changed chart, a
// changed write-only value): marks the computed attributes unknown and sets plan->changes. No effect when it
// is set already.
void resource_plan_update(struct arena *arena, const struct schema *schema, struct resource_plan *plan);

// Adds a path to plan->replace.
void resource_plan_replace(struct arena *arena, struct resource_plan *plan, const char *path);

#endif
