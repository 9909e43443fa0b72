// SPDX-License-Identifier: Apache-2.0
// One table with an attribute of every sort, and short ways to write objects of it.
#ifndef TESTS_UNIT_SCHEMA_FIXTURE_H
#define TESTS_UNIT_SCHEMA_FIXTURE_H

#include "schema/schema.h"
#include "value/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct limits {
    const char *cpu;
    int64_t replicas;
};

struct rule {
    const char *host;
    bool tls;
};

struct thing {
    const char *name, *drift;
    bool wait;
    int64_t retries, timeout;
    struct schema_strings tags;
    struct value spec;
    struct limits limits;
    struct schema_structs rules;
    int64_t create_timeout;
};

static const char *const DRIFT[] = {"enforce", "report", NULL};

static const struct schema_attr LIMITS[] = {
    {.name = "cpu",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "1",
     .doc = "d",
     .member = SCHEMA_STRING,
     .offset = offsetof(struct limits, cpu)},
    {.name = "replicas",
     .type = &type_number,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "2",
     .doc = "d",
     .member = SCHEMA_INT,
     .offset = offsetof(struct limits, replicas)},
    {.name = "node", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "d"},
    {0},
};

static const struct schema_attr RULE[] = {
    {.name = "host",
     .type = &type_string,
     .flags = SCHEMA_REQUIRED | SCHEMA_REPLACE,
     .check = schema_check_dns_name,
     .doc = "d",
     .member = SCHEMA_STRING,
     .offset = offsetof(struct rule, host)},
    {.name = "tls",
     .type = &type_bool,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "true",
     .doc = "d",
     .member = SCHEMA_BOOL,
     .offset = offsetof(struct rule, tls)},
    {0},
};

static const struct schema_attr TIMEOUTS[] = {
    {.name = "create",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .doc = "d",
     .member = SCHEMA_MS,
     .offset = offsetof(struct thing, create_timeout)},
    {0},
};

static const struct schema_attr ATTRS[] = {
    {.name = "timeouts", .nesting = SCHEMA_SINGLE, .attrs = TIMEOUTS, .flags = SCHEMA_OPTIONAL, .doc = "d"},
    {.name = "name",
     .type = &type_string,
     .flags = SCHEMA_REQUIRED | SCHEMA_REPLACE,
     .check = schema_check_dns_label,
     .doc = "d",
     .member = SCHEMA_STRING,
     .offset = offsetof(struct thing, name)},
    {.name = "drift",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "enforce",
     .allowed = DRIFT,
     .doc = "d",
     .member = SCHEMA_STRING,
     .offset = offsetof(struct thing, drift)},
    {.name = "wait",
     .type = &type_bool,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "true",
     .doc = "d",
     .member = SCHEMA_BOOL,
     .offset = offsetof(struct thing, wait)},
    {.name = "retries",
     .type = &type_number,
     .flags = SCHEMA_OPTIONAL,
     .doc = "d",
     .member = SCHEMA_INT,
     .offset = offsetof(struct thing, retries)},
    {.name = "timeout",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .doc = "d",
     .member = SCHEMA_MS,
     .offset = offsetof(struct thing, timeout)},
    {.name = "tags",
     .type = &schema_strings_type,
     .flags = SCHEMA_OPTIONAL,
     .doc = "d",
     .member = SCHEMA_STRINGS,
     .offset = offsetof(struct thing, tags)},
    {.name = "spec",
     .type = &type_dynamic,
     .flags = SCHEMA_OPTIONAL,
     .doc = "d",
     .member = SCHEMA_VALUE,
     .offset = offsetof(struct thing, spec)},
    {.name = "limits",
     .nesting = SCHEMA_SINGLE,
     .attrs = LIMITS,
     .flags = SCHEMA_OPTIONAL,
     .doc = "d",
     .member = SCHEMA_STRUCT,
     .offset = offsetof(struct thing, limits)},
    {.name = "rules",
     .nesting = SCHEMA_LIST,
     .attrs = RULE,
     .flags = SCHEMA_OPTIONAL,
     .doc = "d",
     .member = SCHEMA_STRUCTS,
     .offset = offsetof(struct thing, rules),
     .size = sizeof(struct rule)},
    {.name = "secret_wo", .type = &type_string, .flags = SCHEMA_OPTIONAL | SCHEMA_WRITE_ONLY, .doc = "d"},
    {.name = "id", .type = &type_string, .flags = SCHEMA_COMPUTED | SCHEMA_STABLE, .doc = "d"},
    {.name = "revision", .type = &type_number, .flags = SCHEMA_COMPUTED, .doc = "d"},
    {0},
};

static const struct schema THING = {.name = "test_thing", .version = 1, .doc = "d", .attrs = ATTRS};

static inline int arena_setup(void **state) {
    *state = arena_create();
    return 0;
}

static inline int arena_teardown(void **state) {
    arena_destroy(*state);
    return 0;
}

// An object of the table with all attributes null, then "path", value pairs until NULL.
static inline struct value object_of(struct arena *arena, ...) {
    struct value object = value_map(arena, NULL, 0);
    for (const struct schema_attr *attr = ATTRS; attr->name; attr++)
        object = value_with(arena, object, attr->name, value_null());
    va_list args;
    va_start(args, arena);
    for (const char *path; (path = va_arg(args, const char *));)
        object = value_with(arena, object, path, va_arg(args, struct value));
    va_end(args);
    return object;
}

static inline struct value map_of(struct arena *arena, const char *key, struct value member) {
    return value_with(arena, value_map(arena, NULL, 0), key, member);
}

#define S(text) value_string_ref(text)

#endif
