// SPDX-License-Identifier: Apache-2.0
// Against golden files made by BurntSushi/toml (tests/golden/codec/generate).
#include "codec/toml.h"

#include "base/cleanup.h"
#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct value golden(struct arena *arena, const char *name) {
    CLEANUP_FILE file = fopen(arena_printf(arena, "%s/golden/codec/%s", TESTS_DIR, name), "rb");
    assert_non_null(file);
    struct buf text;
    buf_init(&text, arena);
    char block[4096];
    for (size_t got; (got = fread(block, 1, sizeof block, file));)
        buf_add(&text, block, got);
    struct value pairs;
    struct err err = err_in(arena);
    assert_true(json_decode(arena, buf_text(&text), text.len, &pairs, &err));
    return pairs;
}

// Helm's values hold nothing but doubles.
static struct value as_doubles(struct arena *arena, struct value v) {
    if (value_is_number(v))
        return value_float(value_get_float(v));
    struct value *items = arena_array(arena, value_len(v) + 1, sizeof *items);
    struct value_entry *entries = arena_array(arena, value_len(v) + 1, sizeof *entries);
    for (size_t i = 0; value_kind(v) == VALUE_LIST && i < value_len(v); i++)
        items[i] = as_doubles(arena, value_at(v, i));
    for (size_t i = 0; value_kind(v) == VALUE_MAP && i < value_len(v); i++)
        entries[i] =
            (struct value_entry){value_entry_at(v, i)->key, as_doubles(arena, value_entry_at(v, i)->value)};
    if (value_kind(v) == VALUE_LIST)
        return value_list(arena, items, value_len(v));
    return value_kind(v) == VALUE_MAP ? value_map(arena, entries, value_len(v)) : v;
}

static void encodes_as_helm(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value pairs = golden(arena, "toml_encode.json");
    size_t wrong = 0;
    for (size_t i = 0; i < value_len(pairs); i++) {
        struct value pair = value_at(pairs, i), in = value_get(pair, "in"), v;
        const char *error = value_dig_string(pair, "error", NULL),
                   *wanted = value_dig_string(pair, "out", NULL);
        struct err err = err_in(arena);
        struct buf out;
        buf_init(&out, arena);
        assert_true(json_decode(arena, value_get_string(in), value_len(in), &v, &err));
        bool ok = toml_encode(&out, as_doubles(arena, v), &err);
        const char *got = ok ? buf_text(&out) : err.msg;
        if (ok == !error && !strcmp(got, error ? error : wanted ? wanted : ""))
            continue;
        if (wrong++ < 20)
            print_message("%s\nwanted\n%s\ngot\n%s\n", value_get_string(in), error ? error : wanted, got);
    }
    assert_int_equal(wrong, 0);
}

// Values to the letter; refusals as such, since their words are our own.
static void decodes_as_helm(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value pairs = golden(arena, "toml_decode.json");
    size_t wrong = 0;
    for (size_t i = 0; i < value_len(pairs); i++) {
        struct value pair = value_at(pairs, i), in = value_get(pair, "in"), v, expected;
        const char *error = value_dig_string(pair, "error", NULL),
                   *wanted = value_dig_string(pair, "out", NULL);
        struct err err = err_in(arena);
        bool ok = toml_decode(arena, value_get_string(in), value_len(in), &v, &err);
        if (ok && wanted) {
            assert_true(json_decode(arena, wanted, strlen(wanted), &expected, &err));
            if (value_equal(v, expected))
                continue;
        }
        if (!ok && error)
            continue;
        if (wrong++ < 20)
            print_message("%s\nwanted\n%s\ngot\n%s\n", value_get_string(in), error ? error : wanted,
                          ok ? json_text(arena, v) : err.msg);
    }
    assert_int_equal(wrong, 0);
}

// As Go writes its time.Time to JSON in a UTC place.
static void dates_are_rfc3339(void **state) {
    (void)state;
    static const char *const dates[] = {"1979-05-27T07:32:00Z",
                                        "1979-05-27 07:32:00.999-07:00",
                                        "1979-05-27T00:32:00",
                                        "1979-05-27",
                                        "07:32:00",
                                        "10:11"};
    static const char *const texts[] = {"1979-05-27T07:32:00Z", "1979-05-27T07:32:00.999-07:00",
                                        "1979-05-27T00:32:00Z", "1979-05-27T00:00:00Z",
                                        "0000-01-01T07:32:00Z", "0000-01-01T10:11:00Z"};
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        struct value v;
        const char *text = arena_printf(arena, "a = %s # c\nb = [%s]", dates[i], dates[i]);
        if (!toml_decode(arena, text, strlen(text), &v, &err))
            fail_msg("%s: %s", text, err.msg);
        assert_string_equal(value_dig_string(v, "a", NULL), texts[i]);
    }
}

static void nesting_is_bounded(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value v;
    struct buf text;
    buf_init(&text, arena);
    buf_str(&text, "a = ");
    buf_fill(&text, '[', 100000);
    assert_false(toml_decode(arena, buf_text(&text), text.len, &v, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_as_helm),
        cmocka_unit_test(decodes_as_helm),
        cmocka_unit_test(dates_are_rfc3339),
        cmocka_unit_test(nesting_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
