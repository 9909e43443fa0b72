// SPDX-License-Identifier: Apache-2.0
// What a configuration may say: one static table per schema, used for the
// protocol's schema message, validation, planning, decoding and the docs pages.
// Objects are `struct value` maps with every attribute present (null when unset).
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include "base/call.h"
#include "value/type.h"
#include "value/value.h"

enum schema_flag {
    SCHEMA_REQUIRED = 1 << 0,
    SCHEMA_OPTIONAL = 1 << 1,
    SCHEMA_COMPUTED = 1 << 2,   // with OPTIONAL: the provider chooses when the user does not
    SCHEMA_SENSITIVE = 1 << 3,  // masked in plans and logs
    SCHEMA_WRITE_ONLY = 1 << 4, // in config only: never planned, never stored
    SCHEMA_REPLACE = 1 << 5,    // a change needs a new object
    SCHEMA_STABLE = 1 << 6, // computed once: an update keeps the prior value instead of "known after apply"
};

enum schema_nesting { SCHEMA_NOT_NESTED, SCHEMA_SINGLE, SCHEMA_LIST, SCHEMA_MAP };

// Where schema_decode puts an attribute. Null and unknown leave the member as it was (zero).
enum schema_member {
    SCHEMA_NO_MEMBER, // not decoded; nested SINGLE: its members lie in the enclosing struct (offset 0)
    SCHEMA_STRING,    // const char *
    SCHEMA_BOOL,      // bool
    SCHEMA_INT,       // int64_t
    SCHEMA_MS,        // int64_t milliseconds, from a duration ("1h30m", "45s")
    SCHEMA_STRINGS,   // struct schema_strings: a list of strings
    SCHEMA_VALUE,     // struct value as it is, so null and unknown show
    SCHEMA_STRUCT,    // nested SINGLE: the members' struct lies at the offset
    SCHEMA_STRUCTS,   // nested LIST: struct schema_structs, elements of `size` bytes
};

struct schema_strings {
    const char *const *items;
    size_t count;
};

struct schema_structs {
    void *items;
    size_t count;
};

struct schema_attr;

// Says what is wrong with a known, non-null value: err_at(err, path, "…") with what was found,
// what is allowed and what to do. For sensitive attributes the text never holds the value.
typedef bool schema_check(const struct schema_attr *attr, struct value value, const char *path,
                          struct err *err);

struct schema_attr {
    const char *name;                // NULL ends a table
    const struct type *type;         // NULL for nested attributes
    enum schema_nesting nesting;     // how `attrs` repeat
    const struct schema_attr *attrs; // nested attributes
    unsigned flags;
    const char *fallback;       // default (attribute is OPTIONAL|COMPUTED): text of a string, "true", "10",
                                // "[]", "{}" (nested SINGLE: an object of its members' defaults)
    const char *const *allowed; // the strings that may stand here, NULL-terminated, or NULL for any
    schema_check *check;        // may be NULL
    const char *deprecated;     // what to use instead, or NULL
    const char *doc;            // Markdown, one or more sentences
    enum schema_member member;  // for schema_decode:
    size_t offset;              //   offsetof() the member
    size_t size;                //   SCHEMA_STRUCTS: of one element
};

struct schema {
    const char *name; // "wandb_operator"
    int64_t version;
    const char *doc; // Markdown; the first sentence is the page's description
    const struct schema_attr *attrs;
};

extern const struct type schema_strings_type;    // list(string)
extern const struct type schema_string_map_type; // map(string)

// The object type of a schema.
const struct type *schema_type(struct arena *arena, const struct schema *schema);

struct schema_problems {
    const struct err *items;
    size_t count;
};

// Every problem of a configuration: allowed, check, missing required members; unknown parts are
// passed over. With `write_only_allowed` false a write-only attribute that is set is a problem too.
struct schema_problems schema_validate(struct arena *arena, const struct schema *schema, struct value config,
                                       bool write_only_allowed);

// True when a text path leads to a sensitive or write-only attribute. Terraform quotes the line of the
// configuration that a diagnostic points at, so none may point there.
bool schema_hides(const struct schema *schema, const char *path);

// Lets the call hide (call_hide) every text in the object's sensitive and write-only attributes, and the
// passwords of URLs in the others.
void schema_hide(const struct call *call, const struct schema *schema, struct value object);

// Text path of the first unknown part of `value`, NULL when all is known.
const char *schema_first_unknown(struct arena *arena, struct value value);

// Fills the members of the struct at `out` (zeroed by the caller) that the table names. Strings
// are copied into the arena. Fails only when a value does not fit its member (an int beyond int64).
bool schema_decode(struct arena *arena, const struct schema *schema, struct value value, void *out,
                   struct err *err);

// ---- Planning (hashicorp/terraform, docs/resource-instance-change-lifecycle.md) ----

// The proposed object with defaults where config is null and write-only attributes null.
struct value schema_defaults(struct arena *arena, const struct schema *schema, struct value config,
                             struct value proposed);

// `planned` with every computed attribute that config leaves null and that has no default turned
// unknown; STABLE ones take the prior value where it has one. For a plan known to change something.
struct value schema_unknowns(struct arena *arena, const struct schema *schema, struct value config,
                             struct value prior, struct value planned);

// Both: the prior value itself when nothing changes, else the planned object with its unknowns.
struct value schema_plan(struct arena *arena, const struct schema *schema, struct value config,
                         struct value prior, struct value proposed);

// Text paths of REPLACE attributes whose value changes from `prior` to `planned`; none when either
// is null. An attribute the provider chooses (config null) counts only when its new value is known.
struct schema_strings schema_replaces(struct arena *arena, const struct schema *schema, struct value config,
                                      struct value prior, struct value planned);

// Copies for what may be stored: write-only attributes null; unknown parts null.
struct value schema_without_write_only(struct arena *arena, const struct schema *schema, struct value object);
struct value schema_without_unknowns(struct arena *arena, struct value value);

// The shortest configuration that an existing object can have come from: nothing that the provider chooses,
// no defaults, no write-only values. Its plan is empty.
struct value schema_config(struct arena *arena, const struct schema *schema, struct value object);

// ---- Checks for tables ----

schema_check schema_check_duration;  // "90s", "1h30m", positive
schema_check schema_check_url;       // http:// or https:// and a host
schema_check schema_check_dns_label; // a Kubernetes name part: RFC 1123 label
schema_check schema_check_dns_name;  // a Kubernetes object name: RFC 1123 subdomain
schema_check schema_check_not_empty;

// Milliseconds, rounded, of a duration in Go's form without a sign; false when it is none.
bool schema_duration(const char *text, int64_t *ms);

#endif
