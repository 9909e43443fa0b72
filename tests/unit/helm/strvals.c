// SPDX-License-Identifier: Apache-2.0
// The grammar of --set and its sisters, against what helm 3.20.1 says (tests/golden/strvals).
#include "helm/private.h"

#include "files.h"

static const char *const KINDS[] = {[HELM_INPUT_SET] = "set",
                                    [HELM_INPUT_SET_STRING] = "set-string",
                                    [HELM_INPUT_SET_JSON] = "set-json",
                                    [HELM_INPUT_SET_LITERAL] = "set-literal"};

static enum helm_input_kind kind_of(struct value row) {
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        if (KINDS[i] && !strcmp(KINDS[i], value_dig_string(row, "kind", NULL)))
            return (enum helm_input_kind)i;
    fail_msg("%s is no kind", value_dig_string(row, "kind", NULL));
    return HELM_INPUT_SET;
}

static const char *text_of(struct arena *arena, struct value row) {
    const char *plain = value_dig_string(row, "in", NULL), *hex = value_dig_string(row, "hex", NULL);
    struct buf out;
    buf_init(&out, arena);
    for (unsigned byte; hex && sscanf(hex, "%2x", &byte) == 1; hex += 2)
        buf_char(&out, (char)byte);
    return plain ? plain : buf_text(&out);
}

static void as_helm(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value rows = read_json(arena, TESTS_DIR "/golden/strvals/cases.json");
    assert_true(value_len(rows) > 200);
    for (size_t i = 0; i < value_len(rows); i++) {
        struct value row = value_at(rows, i), tree = value_null();
        struct err err = err_in(arena);
        const char *text = text_of(arena, row), *wanted = value_dig_string(row, "error", NULL);
        bool fine = helm_values_set(arena, kind_of(row), text, &tree, &err);
        const char *found = fine ? json_text(arena, tree) : err.msg;
        wanted = wanted ? wanted : json_text(arena, value_get(row, "out"));
        if (fine != value_has(row, "out") || strcmp(found, wanted) != 0)
            fail_msg("--%s '%s': wanted %s, found %s", KINDS[kind_of(row)], text, wanted, found);
    }
}

static void a_nul_is_refused(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct helm_input input = {.kind = HELM_INPUT_SET, .text = "a=1\0b", .len = 5};
    assert_false(strvals_parse(&call, &input, table_create(arena), &err));
    assert_non_null(strstr(err.msg, "NUL"));
}

static void nesting_is_bounded(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value tree = value_null();
    struct buf text;
    buf_init(&text, arena);
    for (int i = 0; i < 31; i++)
        buf_str(&text, "a.");
    buf_str(&text, "b=1");
    assert_false(helm_values_set(arena, HELM_INPUT_SET, buf_text(&text), &tree, &err));
    assert_string_equal(err.msg,
                        "value name nested level is greater than maximum supported nested level of 30");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_helm), cmocka_unit_test(a_nul_is_refused),
                                       cmocka_unit_test(nesting_is_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
