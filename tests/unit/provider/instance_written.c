// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_written.h"
#include "files.h"

static struct value state(struct arena *arena, const char *spec) {
    return json(arena,
                arena_printf(arena, "{\"annotations\":null,\"labels\":{\"team\":\"ml\"},\"spec\":%s}", spec));
}

// A state in which a read found `live` where `written` was written.
static struct resource_state drifted(struct arena *arena, const char *written, const char *live) {
    struct resource_state out = {.value = state(arena, live)};
    instance_written_keep(arena, state(arena, written), &out);
    return out;
}

static void a_wish_is_told_from_drift(void **unused) {
    (void)unused;
    static const struct {
        const char *written, *live, *wanted;
        bool differs;
    } cases[] = {
        {"{\"a\":1}", "{\"a\":2}", "{\"a\":1}", false}, // as it was written
        {"{\"a\":1}", "{\"a\":2}", "{\"a\":2}", false}, // as it is
        {"{\"a\":1}", "{\"a\":2}", "{\"a\":3}", true},
        {"{\"a\":1,\"b\":1}", "{\"a\":2,\"b\":2}", "{\"a\":1,\"b\":2}", false}, // one ignored, one not
        {"{\"a\":1,\"b\":1}", "{\"a\":2,\"b\":1}", "{\"a\":1,\"b\":3}", true},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}", "{\"a\":1}", false},        // somebody added
        {"{\"a\":1}", "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":3}", true}, // the configuration added another
        {"{\"a\":1}", "{\"a\":1}", "{\"a\":1,\"b\":3}", true},
        {"{\"a\":1,\"b\":2}", "{\"a\":1}", "{\"a\":1,\"b\":2}", false}, // somebody removed
        {"{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":2}", "{\"a\":1}", true},  // the configuration removed
        {"{\"a\":{\"b\":1,\"c\":1}}", "{\"a\":{\"b\":2,\"c\":1}}", "{\"a\":{\"b\":1,\"c\":1}}", false},
        {"{\"a\":{\"b\":1,\"c\":1}}", "{\"a\":{\"b\":2,\"c\":1}}", "{\"a\":{\"b\":1,\"c\":2}}", true},
        {"{\"a\":{\"b\":1}}", "{\"a\":\"x\"}", "{\"a\":{\"b\":1}}", false},
        {"{\"a\":{\"b\":1}}", "{\"a\":\"x\"}", "{\"a\":{\"b\":2}}", true},
        {"{\"a\":[1,2]}", "{\"a\":[2,1]}", "{\"a\":[1,2]}", false},
        {"{\"a\":[1,2]}", "{\"a\":[2,1]}", "{\"a\":[1,2,3]}", true},
        {"{\"a\":1}", "{\"a\":2}", "{\"a\":null}", true},
        {"{\"a\":1}", "{\"a\":1}", "{\"a\":1,\"b\":null}", true},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct resource_state prior = drifted(arena, cases[i].written, cases[i].live);
        if (instance_written_differs(&prior, state(arena, cases[i].wanted)) != cases[i].differs)
            fail_msg("case %zu: written %s, live %s, wanted %s", i, cases[i].written, cases[i].live,
                     cases[i].wanted);
    }
}

static void what_was_kept_first_stays(void **unused) {
    (void)unused;
    SCRATCH_ARENA(arena);
    struct resource_state now = drifted(arena, "{\"a\":1}", "{\"a\":1}");
    assert_true(value_is_null(value_get(now.private, "written")));
    now = drifted(arena, "{\"a\":1}", "{\"a\":2}");
    struct value before = now.value;
    now.value = state(arena, "{\"a\":3}");
    instance_written_keep(arena, before, &now);
    assert_true(value_equal(value_dig(now.private, "written", "spec", "a", NULL), value_int(1)));
    assert_true(value_is_null(value_get(instance_written_drop(arena, now.private), "written")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wish_is_told_from_drift),
        cmocka_unit_test(what_was_kept_first_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
