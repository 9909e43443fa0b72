// SPDX-License-Identifier: Apache-2.0
// The charts of tests/golden/charts use every function of the engine and show every rule of rules.txt;
// tests/golden/template has cases for every function.
#include "files.h"
#include "funcs/funcs.h"

#include <ctype.h>
#include <ftw.h>
#include <glob.h>
#include <string.h>

#define CHARTS TESTS_DIR "/golden/charts"

static void read_into(struct buf *out, const char *path) {
    struct buf text = read_file(out->arena, path);
    buf_add(out, buf_text(&text), text.len);
    buf_char(out, '\n');
}

static struct buf *collected;

static int collect(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info, (void)walk;
    if (kind == FTW_F && (strstr(path, "/templates/") || strstr(path, "/asked.yaml")))
        read_into(collected, path);
    return 0;
}

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

// As a word of its own, and not as a field or a variable.
static bool uses(const char *text, const char *name) {
    size_t len = strlen(name);
    for (const char *at = text; (at = strstr(at, name)); at += len)
        if (!is_word(at[len]) && (at == text || (!is_word(at[-1]) && at[-1] != '.' && at[-1] != '$')))
            return true;
    return false;
}

struct search {
    const char *text, *where;
    size_t missing, functions;
    enum template_profile profile;
};

static void look_for(void *context, const char *name) {
    struct search *search = context;
    search->functions++;
    if (uses(search->text, name))
        return;
    search->missing++;
    print_error("no %s uses %s\n", search->where, name);
}

static void every_function_is_in_a_chart(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct buf text;
    buf_init(&text, arena);
    collected = &text;
    assert_int_equal(nftw(CHARTS, collect, 16, FTW_PHYS), 0);
    struct search search = {buf_text(&text), "chart", 0, 0, TEMPLATE_HELM3};
    funcs_names(look_for, &search);
    assert_true(search.functions > 230);
    assert_int_equal(search.missing, 0);
}

static void every_function_is_in_a_golden_case(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct buf text;
    glob_t found;
    buf_init(&text, arena);
    assert_int_equal(glob(TESTS_DIR "/golden/template/cases/*.yaml", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        read_into(&text, found.gl_pathv[i]);
    globfree(&found);
    struct search search = {buf_text(&text), "golden case", 0, 0, TEMPLATE_HELM3};
    funcs_names(look_for, &search);
    assert_int_equal(search.missing, 0);
}

static void look_up(void *context, const char *name) {
    struct search *search = context;
    if (!funcs_find(search->profile, name, strlen(name)) || uses(search->text, name))
        return;
    search->missing++;
    print_error("helm has no %s\n", name);
}

// The lists are what the real helms, 3.20.1, 3.22.0 and 4.3.1, say of themselves.
static void each_profile_has_exactly_helms_functions(void **state) {
    static const struct {
        const char *file;
        enum template_profile profile;
    } lists[] = {{"helm3", TEMPLATE_HELM3}, {"helm3-newest", TEMPLATE_HELM3}, {"helm4", TEMPLATE_HELM4}};
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        SCRATCH_ARENA(arena);
        struct buf text;
        char *rest, *name;
        buf_init(&text, arena);
        read_into(&text, arena_printf(arena, TESTS_DIR "/golden/template/functions.%s.txt", lists[i].file));
        struct search search = {arena_strdup(arena, buf_text(&text)), "helm", 0, 0, lists[i].profile};
        funcs_names(look_up, &search);
        size_t count = 0;
        for (name = strtok_r(buf_text(&text), "\n", &rest); name; name = strtok_r(NULL, "\n", &rest), count++)
            if (!funcs_find(lists[i].profile, name, strlen(name)))
                fail_msg("profile %d lacks %s", lists[i].profile, name);
        assert_true(count > 230);
        assert_int_equal(search.missing, 0);
    }
}

// "rule | file | text", where the text may hold bars.
static bool shows(struct arena *arena, char *line) {
    char *file = strstr(line, " | "), *wanted = file ? strstr(file + 3, " | ") : NULL;
    struct buf text;
    if (!wanted)
        fail_msg("rules.txt: no \"rule | file | text\": %s", line);
    *file = *wanted = '\0';
    buf_init(&text, arena);
    read_into(&text, arena_printf(arena, "%s/%s", CHARTS, file + 3));
    if (strstr(buf_text(&text), wanted + 3))
        return true;
    print_error("%s: nothing in %s holds %s\n", line, file + 3, wanted + 3);
    return false;
}

static void every_rule_is_in_a_chart(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct buf rules;
    char *rest, *line;
    size_t count = 0, missing = 0;
    buf_init(&rules, arena);
    read_into(&rules, CHARTS "/rules.txt");
    for (line = strtok_r(arena_strdup(arena, buf_text(&rules)), "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest))
        if (*line != '#') {
            count++;
            missing += !shows(arena, line);
        }
    assert_true(count >= 60);
    assert_int_equal(missing, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_function_is_in_a_chart),
                                       cmocka_unit_test(every_function_is_in_a_golden_case),
                                       cmocka_unit_test(each_profile_has_exactly_helms_functions),
                                       cmocka_unit_test(every_rule_is_in_a_chart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
