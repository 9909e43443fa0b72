// SPDX-License-Identifier: Apache-2.0
// What templates do not reach: the strict grammar and the older rule for pre-releases.
// (The constraint language is held to Helm's by golden/template/cases/semver.yaml.)
#include "go/semver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *strict(struct arena *arena, const char *text) {
    struct err err = err_in(arena);
    struct semver version;
    return semver_parse_strict(arena, text, &version, &err) ? semver_text(arena, &version) : err.msg;
}

static void the_strict_grammar_wants_three_plain_numbers(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"1.2.3", "1.2.3"},
        {"1.2.3-rc.1+b.5", "1.2.3-rc.1+b.5"},
        {"", "version string empty"},
        {"1.2", "invalid semantic version"},
        {"v1.2.3", "invalid characters in version"},
        {"01.2.3", "version segment starts with 0"},
        {"1.2.3-01", "version segment starts with 0"},
        {"1.2.3-a..b", "invalid prerelease string"},
        {"1.2.3+", "invalid metadata string"},
        {"1..3", "strconv.ParseUint: parsing \"\": invalid syntax"},
        {"99999999999999999999.0.0",
         "strconv.ParseUint: parsing \"99999999999999999999\": value out of range"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(strict(arena, cases[i][0]), cases[i][1]);
}

static bool holds(struct arena *arena, const char *constraint, const char *text, enum semver_rule rule) {
    struct err err = err_in(arena);
    struct semver version;
    const struct semver_constraint *parsed = semver_constraint_parse(arena, constraint, rule, &err);
    assert_non_null(parsed);
    assert_true(semver_parse(arena, text, &version, &err));
    return semver_constraint_check(parsed, &version);
}

static void a_prerelease_is_admitted_by_group_or_by_term(void **state) {
    (void)state;
    static const struct {
        const char *constraint, *version;
        bool by_group, by_term;
    } cases[] = {
        {">=1.2.3-0 <2", "1.5.0-rc.1", true, false},
        {">=1.2.3 <2", "1.5.0-rc.1", false, false},
        {"!=1.2.3", "1.2.3-rc.1", false, true},
        {"!=1.2", "1.2.3-rc.1", false, false},
        {">=1.2.3-0", "1.5.0-rc.1", true, true},
        {"^1.2.0-0 || ^3", "3.1.0-a", false, false},
        {">=1.19", "1.28.3", true, true},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(holds(arena, cases[i].constraint, cases[i].version, SEMVER_PRE_BY_GROUP),
                         cases[i].by_group);
        assert_int_equal(holds(arena, cases[i].constraint, cases[i].version, SEMVER_PRE_BY_TERM),
                         cases[i].by_term);
    }
}

static void precedence_follows_the_specification(void **state) {
    (void)state;
    static const char *const ascending[] = {"0.9",        "1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta",
                                            "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
                                            "1.0.0",      "1.0.1",        "1.1",           "2"};
    enum { COUNT = sizeof ascending / sizeof *ascending };
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct semver a, b;
    for (int i = 0; i < COUNT; i++) {
        for (int k = 0; k < COUNT; k++) {
            assert_true(semver_parse(arena, ascending[i], &a, &err));
            assert_true(semver_parse(arena, ascending[k], &b, &err));
            assert_int_equal(semver_compare(&a, &b), (i > k) - (i < k));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_strict_grammar_wants_three_plain_numbers),
        cmocka_unit_test(a_prerelease_is_admitted_by_group_or_by_term),
        cmocka_unit_test(precedence_follows_the_specification),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
