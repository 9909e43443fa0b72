// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_written.h"

static const char *const PARTS[] = {"annotations", "labels", "spec"};
enum { PART_COUNT = sizeof PARTS / sizeof *PARTS };

void instance_written_keep(struct arena *arena, struct value before, struct resource_state *state) {
    struct value_entry parts[PART_COUNT];
    bool moved = false;
    if (value_has(state->private, "written"))
        return;
    for (size_t i = 0; i < PART_COUNT; i++) {
        struct value part = value_get(before, PARTS[i]);
        moved |= !value_equal(part, value_get(state->value, PARTS[i]));
        parts[i] = (struct value_entry){PARTS[i], value_untyped(part)};
    }
    if (moved)
        state->private = value_with(arena, state->private, "written", value_map(arena, parts, PART_COUNT));
}

struct value instance_written_drop(struct arena *arena, struct value private) {
    return value_without(arena, private, "written");
}

static bool same_member(struct value a, struct value b, const char *key) {
    return value_has(a, key) == value_has(b, key) && value_equal(value_get(a, key), value_get(b, key));
}

// Whether all of `wanted` is from one of the two, key by key.
static bool is_from(struct value written, struct value live, struct value wanted) {
    if (value_equal(wanted, written) || value_equal(wanted, live))
        return true;
    if (value_kind(written) != VALUE_MAP || value_kind(live) != VALUE_MAP || value_kind(wanted) != VALUE_MAP)
        return false;
    const struct value sides[] = {written, live, wanted};
    for (size_t side = 0; side < 3; side++)
        for (size_t i = 0; i < value_len(sides[side]); i++) {
            const char *key = value_entry_at(sides[side], i)->key;
            bool everywhere = value_has(written, key) && value_has(live, key) && value_has(wanted, key);
            if (!same_member(wanted, written, key) && !same_member(wanted, live, key) &&
                !(everywhere &&
                  is_from(value_get(written, key), value_get(live, key), value_get(wanted, key))))
                return false;
        }
    return true;
}

bool instance_written_differs(const struct resource_state *prior, struct value planned) {
    struct value written = value_get(prior->private, "written");
    for (size_t i = 0; i < PART_COUNT; i++) {
        struct value live = value_untyped(value_get(prior->value, PARTS[i]));
        struct value before = value_is_null(written) ? live : value_get(written, PARTS[i]);
        if (!is_from(before, live, value_untyped(value_get(planned, PARTS[i]))))
            return true;
    }
    return false;
}
