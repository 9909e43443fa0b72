// SPDX-License-Identifier: Apache-2.0
#include "wandb/secret_paths.h"
#include "files.h"

static const char *paths(struct arena *arena, const struct secrets *secrets) {
    struct buf out;
    buf_init(&out, arena);
    for (size_t i = 0; i < secrets->count; i++)
        buf_printf(&out, "%s%s", i ? " " : "", secrets->items[i].path);
    return buf_text(&out);
}

static void every_leaf_is_a_path(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct secrets secrets = {0};
    secrets_add_tree(arena, &secrets,
                     json(arena, "{\"v\":{\"b\":{\"password\":\"pw\",\"none\":null},\"a\":[{\"a\":1}]}}"));
    assert_string_equal(paths(arena, &secrets), "v.a v.b.password");
    assert_non_null(secrets_at(&secrets, "v.a"));
    assert_null(secrets_at(&secrets, "v.b.none"));
}

static void secrets_are_found_by_name(void **state) {
    (void)state;
    static const struct {
        const char *values, *found;
    } cases[] = {
        {"{}", ""},
        {"[1]", ""},
        {"null", ""},
        {"{\"password\":\"x\",\"host\":\"y\"}", "password"},
        {"{\"a\":{\"client-secret\":\"x\",\"b\":{\"LICENSE\":\"x\"}}}", "a.b.LICENSE a.client-secret"},
        {"{\"odd.key\":{\"token\":\"x\"}}", "[\"odd.key\"].token"},
        // a number may be one, nothing at all is none
        {"{\"password\":1234}", "password"},
        {"{\"password\":\"\",\"token\":null,\"secret\":true}", ""},
        {"{\"password\":{\"valueFrom\":\"x\"}}", ""},
        // the name of a key in a Secret
        {"{\"secret\":{\"secretKey\":\"name\"}}", ""},
        // a list is one secret as a whole
        {"{\"users\":[{\"name\":\"a\"},{\"name\":\"b\",\"password\":\"x\"}]}", "users"},
        {"{\"users\":[{\"name\":\"a\",\"password\":\"\"}]}", ""},
        {"{\"deep\":[[{\"a\":{\"token\":\"x\"}}]]}", "deep"},
        {"{\"token\":[\"x\"]}", "token"},
        {"{\"hosts\":[\"x\"]}", ""},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct secrets found = secrets_found(arena, json(arena, cases[i].values), value_null());
        assert_string_equal(paths(arena, &found), cases[i].found);
    }
}

static void what_was_noted_is_one_whatever_its_name(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value noted = json(arena, "{\"env.A\":0,\"env.gone\":0,\"env.map\":0,\"password\":0}");
    struct value values =
        json(arena, "{\"env\":{\"A\":\"x\",\"B\":\"y\",\"map\":{\"token\":\"z\"}},\"password\":\"p\"}");
    struct secrets found = secrets_found(arena, values, noted);
    assert_string_equal(paths(arena, &found), "env.map.token password env.A");
}

static void a_configuration_gives_or_lets_go(void **state) {
    (void)state;
    static const struct {
        const char *plain, *write_only, *path;
        enum secret_claim claim;
    } cases[] = {
        {"null", "null", "a.password", SECRET_UNCLAIMED},
        {"{}", "{}", "a.password", SECRET_UNCLAIMED},
        {"{\"a\":{}}", "null", "a.password", SECRET_UNCLAIMED},
        {"{\"a\":{\"b\":1}}", "{\"b\":null}", "a.password", SECRET_UNCLAIMED},
        {"{\"a\":{\"password\":\"x\"}}", "null", "a.password", SECRET_GIVEN},
        {"{}", "{\"a\":{\"password\":\"x\"}}", "a.password", SECRET_GIVEN},
        // another value stands in its stead
        {"{\"a\":[]}", "null", "a.password", SECRET_GIVEN},
        {"{\"a\":\"x\"}", "null", "a.password", SECRET_GIVEN},
        {"{\"a\":{\"password\":{}}}", "null", "a.password", SECRET_GIVEN},
        // null at the path, or around it
        {"{\"a\":{\"password\":null}}", "null", "a.password", SECRET_LET_GO},
        {"{\"a\":null}", "{}", "a.password", SECRET_LET_GO},
        {"{}", "{\"a\":null}", "a.password", SECRET_LET_GO},
        {"{\"a\":{\"b\":1}}", "{\"a\":{\"password\":null}}", "a.password", SECRET_LET_GO},
        // a value counts more than a null elsewhere
        {"{\"a\":null}", "{\"a\":{\"password\":\"x\"}}", "a.password", SECRET_GIVEN},
        {"{\"a\":{\"password\":\"x\"}}", "{\"a\":null}", "a.password", SECRET_GIVEN},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct secret_claims claims = {
            .trees = {json(arena, cases[i].plain), json(arena, cases[i].write_only)}, .count = 2};
        assert_int_equal(secret_claim_of(arena, &claims, cases[i].path), cases[i].claim);
    }
}

static void what_is_not_known_decides_later(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value around = value_map(arena, (struct value_entry[]){{"a", value_unknown()}}, 1);
    struct secret_claims claims = {.trees = {around, json(arena, "{\"b\":null}")}, .count = 2};
    assert_int_equal(secret_claim_of(arena, &claims, "a.password"), SECRET_UNDECIDED);
    assert_int_equal(secret_claim_of(arena, &claims, "b.password"), SECRET_LET_GO);
    claims.trees[1] = json(arena, "{\"a\":{\"password\":\"x\"}}");
    assert_int_equal(secret_claim_of(arena, &claims, "a.password"), SECRET_GIVEN);
    claims.trees[0] = value_unknown();
    assert_int_equal(secret_claim_of(arena, &claims, "c.password"), SECRET_UNDECIDED);
}

static void a_write_keeps_what_is_unclaimed(void **state) {
    (void)state;
    static const struct {
        const char *spec, *write_only, *live, *kept, *written;
    } cases[] = {
        {"{\"g\":{\"host\":\"h\"}}", "null", "{\"g\":{\"license\":\"L\",\"host\":\"old\"}}", "g.license",
         "{\"g\":{\"host\":\"h\",\"license\":\"L\"}}"},
        // a subtree that is removed leaves its secret behind, a null takes it along
        {"{}", "null", "{\"g\":{\"db\":{\"password\":\"P\",\"port\":1}}}", "g.db.password",
         "{\"g\":{\"db\":{\"password\":\"P\"}}}"},
        {"{\"g\":null}", "null", "{\"g\":{\"db\":{\"password\":\"P\"}}}", "", "{\"g\":null}"},
        {"{}", "{\"g\":{\"db\":{\"password\":null}}}",
         "{\"g\":{\"db\":{\"password\":\"P\"},\"token\":\"T\"}}", "g.token", "{\"g\":{\"token\":\"T\"}}"},
        // a list is what the configuration says, or what it was
        {"{\"users\":[{\"name\":\"b\"}]}", "null", "{\"users\":[{\"name\":\"a\",\"password\":\"P\"}]}", "",
         "{\"users\":[{\"name\":\"b\"}]}"},
        {"{\"x\":1}", "null", "{\"users\":[{\"name\":\"a\",\"password\":\"P\"}]}", "users",
         "{\"users\":[{\"name\":\"a\",\"password\":\"P\"}],\"x\":1}"},
        {"{}", "null", "null", "", "{}"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value spec = json(arena, cases[i].spec), live = json(arena, cases[i].live);
        struct secret_claims claims = {.trees = {spec, json(arena, cases[i].write_only)}, .count = 2};
        struct secrets kept = secrets_kept(arena, live, &claims);
        assert_string_equal(paths(arena, &kept), cases[i].kept);
        assert_string_equal(json_text(arena, secrets_keep(arena, spec, live, &claims)), cases[i].written);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_leaf_is_a_path),
        cmocka_unit_test(secrets_are_found_by_name),
        cmocka_unit_test(what_was_noted_is_one_whatever_its_name),
        cmocka_unit_test(a_configuration_gives_or_lets_go),
        cmocka_unit_test(what_is_not_known_decides_later),
        cmocka_unit_test(a_write_keeps_what_is_unclaimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
