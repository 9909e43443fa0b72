// SPDX-License-Identifier: Apache-2.0
#include "wandb/license.h"

#include "codec/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *license_of(struct arena *arena, const char *claims) {
    struct buf buf;
    buf_init(&buf, arena);
    base64_encode(&buf, claims, strlen(claims));
    char *text = buf_text(&buf);
    text[strcspn(text, "=")] = '\0';
    for (char *c = text; *c; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    return arena_printf(arena, "\n e30.%s.c2ln \n", text);
}

static void reads_claims(void **state) {
    SCRATCH_ARENA(arena);
    (void)state;
    struct wandb_license license;
    struct err err = err_in(arena);
    const char *text = license_of(
        arena,
        "{\"deploymentId\":\"d-\\u00fc?\",\"maxUsers\":10,\"expiresAt\":\"2030-01-02T03:04:05Z\",\"exp\":1}");
    assert_true(wandb_license_decode(arena, text, &license, &err));
    assert_string_equal(license.deployment_id, "d-\xc3\xbc?");
    assert_string_equal(license.expires_at, "2030-01-02T03:04:05Z");
    assert_int_equal(value_get_int(value_get(license.claims, "maxUsers")), 10);
}

static void expiry_from_seconds_or_none(void **state) {
    SCRATCH_ARENA(arena);
    (void)state;
    struct wandb_license license;
    struct err err = err_in(arena);
    assert_true(wandb_license_decode(arena, license_of(arena, "{\"exp\":1893553445}"), &license, &err));
    assert_string_equal(license.expires_at, "2030-01-02T03:04:05Z");
    assert_true(wandb_license_decode(arena, license_of(arena, "{}"), &license, &err));
    assert_null(license.expires_at);
    assert_null(license.deployment_id);
}

static void refuses_and_keeps_the_secret(void **state) {
    SCRATCH_ARENA(arena);
    (void)state;
    static const char *const bad[] = {"",        " ",    "hush",    "hush.hush", "a.b.c.d",
                                      ".hush.c", "a..c", "a.hush.", "a.!hush.c"};
    struct wandb_license license;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = err_in(arena);
        assert_false(wandb_license_decode(arena, bad[i], &license, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_null(strstr(err.msg, "hush"));
    }
    struct err err = err_in(arena);
    assert_false(wandb_license_decode(arena, license_of(arena, "[1]"), &license, &err));
    assert_false(wandb_license_decode(arena, license_of(arena, "{\"a\":"), &license, &err));
}

static void says_what_the_shape_lacks(void **state) {
    SCRATCH_ARENA(arena);
    (void)state;
    static const struct {
        const char *license, *says;
    } cases[] = {
        {"", "found an empty text"},
        {" \n", "found an empty text"},
        {"hush", "found 1 in 4 characters"},
        {"hush.hush", "found 2 in 9 characters"},
        {"a.b.c.d", "found 4 in 7 characters"},
        {".hush.c", "the first of the three is empty in 7 characters"},
        {"a..c", "the second of the three is empty in 4 characters"},
        {"a.hush.", "the third of the three is empty in 7 characters"},
        {"a..", "the second and the third of the three are empty in 3 characters"},
        {"..", "the first and the second and the third of the three are empty in 2 characters"},
    };
    struct wandb_license license;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = err_in(arena);
        assert_false(wandb_license_decode(arena, cases[i].license, &license, &err));
        assert_non_null(strstr(err.msg, cases[i].says));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_claims),
        cmocka_unit_test(expiry_from_seconds_or_none),
        cmocka_unit_test(refuses_and_keeps_the_secret),
        cmocka_unit_test(says_what_the_shape_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
