// SPDX-License-Identifier: Apache-2.0
#include "repo/private.h"

#include "files.h"

// The text for the versions in `given`, newest first and parted by blanks.
static const char *text(struct arena *arena, const char *given, const char *wanted) {
    struct repo_version versions[32];
    struct err err = err_in(arena);
    size_t count = 0;
    for (const char *rest = given; *rest; rest += strspn(rest, " ")) {
        size_t len = strcspn(rest, " ");
        versions[count].text = arena_strndup(arena, rest, len);
        assert_true(semver_parse(arena, versions[count].text, &versions[count].parsed, &err));
        count++;
        rest += len;
    }
    return repo_versions_text(arena, versions, count, wanted);
}

static void names_what_is_nearest(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    static const char MANY[] =
        "0.50.1 0.50.0 0.49.0 0.48.0 0.47.0 0.46.0 0.45.0 0.44.0 0.43.8 0.43.7 0.43.6 0.43.5 0.1.0";
    static const struct {
        const char *versions, *wanted, *text;
    } cases[] = {
        {"", "1.0.0", "no version of it"},
        {"", NULL, "no version of it"},
        {"2.0.0 1.0.0", "1.5.0", "2.0.0, 1.0.0"},
        {"2.0.0 1.0.0", NULL, "2.0.0, 1.0.0"},
        {MANY, NULL, "0.50.1, 0.50.0, 0.49.0, 0.48.0, 0.47.0, 0.46.0, 0.45.0, 0.44.0, … (newest first)"},
        {MANY, "~9", "0.50.1, 0.50.0, 0.49.0, 0.48.0, 0.47.0, 0.46.0, 0.45.0, 0.44.0, … (newest first)"},
        {MANY, "9.0.0", "0.50.1, 0.50.0, 0.49.0, 0.48.0, 0.47.0, 0.46.0, 0.45.0, 0.44.0, … (newest first)"},
        {MANY, "0.43.9",
         "…, 0.47.0, 0.46.0, 0.45.0, 0.44.0, 0.43.8, 0.43.7, 0.43.6, 0.43.5, … (newest first)"},
        {MANY, "0.0.1", "…, 0.46.0, 0.45.0, 0.44.0, 0.43.8, 0.43.7, 0.43.6, 0.43.5, 0.1.0 (newest first)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(text(arena, cases[i].versions, cases[i].wanted), cases[i].text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_what_is_nearest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
