// SPDX-License-Identifier: Apache-2.0
// For any configuration, and any change from one to another: the plan is one that Terraform accepts, and once
// it is applied the next plan is empty. The host's part (what it proposes) is written out here.
#include "fixture.h"

#include "schema/consistency.h"

static uint32_t seed;

static uint32_t below(uint32_t limit) {
    seed = seed * 1664525 + 1013904223;
    return (seed >> 16) % limit;
}

static struct value some_value(struct arena *arena, const struct schema_attr *attr);

static struct value some_object(struct arena *arena, const struct schema_attr *attrs) {
    struct value object = value_map(arena, NULL, 0);
    for (const struct schema_attr *attr = attrs; attr->name; attr++)
        object = value_with(arena, object, attr->name, some_value(arena, attr));
    return object;
}

static struct value some_free(struct arena *arena) {
    struct value list = value_list(arena, (struct value[]){value_int(below(3)), S("x")}, 2);
    return value_typed(arena, type_of_value(arena, list), list);
}

static struct value some_nested(struct arena *arena, const struct schema_attr *attr) {
    struct value many = attr->nesting == SCHEMA_MAP ? value_map(arena, NULL, 0) : value_list(arena, NULL, 0);
    if (attr->nesting == SCHEMA_SINGLE)
        return some_object(arena, attr->attrs);
    for (uint32_t count = below(3); count; count--) {
        struct value object = some_object(arena, attr->attrs);
        many = attr->nesting == SCHEMA_LIST ? value_append(arena, many, object)
                                            : value_with(arena, many, count == 1 ? "a" : "b", object);
    }
    return many;
}

// What a user may write there: nothing for what is the provider's, something where it is required, unknown at
// times.
static struct value some_value(struct arena *arena, const struct schema_attr *attr) {
    static const char *const texts[] = {"a", "b", "enforce", "10m"};
    if (!(attr->flags & (SCHEMA_REQUIRED | SCHEMA_OPTIONAL)))
        return value_null();
    if (!(attr->flags & SCHEMA_REQUIRED) && below(3) == 0)
        return value_null();
    if (below(8) == 0)
        return value_unknown();
    if (attr->nesting)
        return some_nested(arena, attr);
    switch (attr->type->kind) {
    case TYPE_BOOL: return value_bool(below(2));
    case TYPE_NUMBER: return value_int(below(4));
    case TYPE_LIST: return value_list(arena, (struct value[]){S("x"), S("y")}, below(3));
    case TYPE_DYNAMIC: return some_free(arena);
    default: return S(texts[below(4)]);
    }
}

// ---- the host's part ----

static struct value proposed(struct arena *arena, const struct schema_attr *attrs, struct value config,
                             struct value prior);

static struct value proposed_nested(struct arena *arena, const struct schema_attr *attr, struct value config,
                                    struct value prior) {
    if (attr->nesting == SCHEMA_SINGLE)
        return proposed(arena, attr->attrs, config, prior);
    struct value out = config;
    if (attr->nesting == SCHEMA_LIST)
        out = value_list(arena, NULL, 0);
    for (size_t i = 0; i < value_len(config); i++) {
        const struct value_entry *entry = value_entry_at(config, i);
        out = entry ? value_with(arena, out, entry->key,
                                 proposed(arena, attr->attrs, entry->value, value_get(prior, entry->key)))
                    : value_append(arena, out,
                                   proposed(arena, attr->attrs, value_at(config, i), value_at(prior, i)));
    }
    return out;
}

static bool open(struct value v) {
    return value_kind(v) == VALUE_NULL || value_kind(v) == VALUE_UNKNOWN;
}

static struct value proposed(struct arena *arena, const struct schema_attr *attrs, struct value config,
                             struct value prior) {
    if (open(config))
        return config;
    struct value out = config;
    for (const struct schema_attr *attr = attrs; attr->name; attr++) {
        struct value wanted = value_get(config, attr->name);
        if (value_is_null(wanted) && (attr->flags & SCHEMA_COMPUTED))
            wanted = value_get(prior, attr->name);
        else if (attr->nesting && !open(wanted))
            wanted = proposed_nested(arena, attr, wanted, value_get(prior, attr->name));
        out = value_with(arena, out, attr->name, wanted);
    }
    return out;
}

// Apply: whatever was unknown becomes something of its type.
static struct value settle(struct arena *arena, const struct type *type, struct value v) {
    if (value_kind(v) == VALUE_UNKNOWN)
        switch (type->kind) {
        case TYPE_BOOL: return value_bool(true);
        case TYPE_NUMBER: return value_int(42);
        case TYPE_LIST: return value_list(arena, NULL, 0);
        case TYPE_MAP: return value_map(arena, NULL, 0);
        case TYPE_DYNAMIC: return some_free(arena);
        case TYPE_OBJECT: break;
        default: return S("made");
        }
    struct value out = v;
    for (size_t i = 0; type->kind == TYPE_OBJECT && !value_is_null(v) && i < type->count; i++)
        out = value_with(arena, value_kind(out) == VALUE_MAP ? out : value_null(), type->attrs[i].name,
                         settle(arena, type->attrs[i].type,
                                value_kind(v) == VALUE_UNKNOWN ? v : value_get(v, type->attrs[i].name)));
    if (type->kind == TYPE_LIST && value_kind(v) == VALUE_LIST) {
        out = value_list(arena, NULL, 0);
        for (size_t i = 0; i < value_len(v); i++)
            out = value_append(arena, out, settle(arena, type->elem, value_at(v, i)));
    }
    return out;
}

static void expect(bool ok, const struct err *err, uint32_t round, const char *what) {
    if (!ok)
        fail_msg("round %u: %s: %s", round, what, err->msg);
}

static struct value run(struct arena *arena, struct value config, struct value prior, uint32_t round) {
    struct err err = err_in(arena);
    const struct type *type = schema_type(arena, &THING);
    struct value planned = schema_plan(arena, &THING, config, prior, proposed(arena, ATTRS, config, prior));
    expect(schema_check_plan(&THING, config, prior, planned, &err), &err, round, "plan");

    // At apply the configuration is known; the plan made then must complete the first one.
    struct value known = settle(arena, type, config);
    for (const struct schema_attr *attr = ATTRS; attr->name; attr++)
        if (value_is_null(value_get(config, attr->name)))
            known = value_with(arena, known, attr->name, value_null());
    struct value final = schema_plan(arena, &THING, known, prior, proposed(arena, ATTRS, known, prior));
    expect(schema_check_plan(&THING, known, prior, final, &err), &err, round, "final plan");

    struct value made = settle(arena, type, final);
    expect(schema_check_apply(&THING, final, made, &err), &err, round, "apply");
    expect(schema_check_apply(&THING, planned, made, &err), &err, round, "apply after the first plan");
    struct value again = schema_plan(arena, &THING, known, made, proposed(arena, ATTRS, known, made));
    if (!value_equal(again, made))
        fail_msg("round %u: the plan after apply is not empty", round);
    assert_int_equal(schema_replaces(arena, &THING, known, made, again).count, 0);
    return made;
}

static void plans_are_accepted_and_end(void **state) {
    (void)state;
    for (uint32_t round = 0; round < 400; round++) {
        SCRATCH_ARENA(arena);
        seed = round;
        struct value made = run(arena, some_object(arena, ATTRS), value_null(), round);
        for (int change = 0; change < 3; change++)
            made = run(arena, some_object(arena, ATTRS), made, round);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(plans_are_accepted_and_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
