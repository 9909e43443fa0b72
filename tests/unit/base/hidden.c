// SPDX-License-Identifier: Apache-2.0
#include "base/hidden.h"

#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *masked(struct arena *arena, const char *secret, const char *text) {
    struct hidden *hidden = hidden_create(arena);
    hidden_add(hidden, secret);
    return hidden_mask(hidden, arena, text);
}

static void every_form_is_found(void **state) {
    (void)state;
    static const struct {
        const char *secret, *text, *shown;
    } cases[] = {
        {"hunter2", "Invalid value: \"hunter2\": too short", "Invalid value: \"(sensitive)\": too short"},
        {"hunter2", "hunter2hunter2", "(sensitive)(sensitive)"},
        {"hunter2", "mysql://u:hunter2@db/x", "mysql://u:(sensitive)@db/x"},
        {"hunter2", "nothing of it here, hunter", "nothing of it here, hunter"},
        {"quo\"te\\d", "found \"quo\\\"te\\\\d\"", "found \"(sensitive)\""},
        {"a<b&c>d", "{\"a\":\"a\\u003cb\\u0026c\\u003ed\"}", "{\"a\":\"(sensitive)\"}"},
        {"tab\there", "x tab\\there y", "x (sensitive) y"},
        {"p@ss/w rd", "http://u:p%40ss%2Fw%20rd@h/", "http://u:(sensitive)@h/"},
        {"wört-☃", "said wört-☃.", "said (sensitive)."},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(masked(arena, cases[i].secret, cases[i].text), cases[i].shown);
}

// printf %s "…the-secret-text…" | base64, with 0, 1 and 2 bytes before it, and in the alphabet of URLs.
static void base64_is_found_at_every_alignment(void **state) {
    (void)state;
    static const char *const texts[] = {"dGhlLXNlY3JldC10ZXh0", "eDp0aGUtc2VjcmV0LXRleHQ=",
                                        "eHRoZS1zZWNyZXQtdGV4dHl5eXk=", "eHl6dGhlLXNlY3JldC10ZXh0eHl6"};
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *shown = masked(arena, "the-secret-text", texts[i]);
        assert_non_null(strstr(shown, HIDDEN_TEXT));
        assert_true(strlen(shown) <= strlen(HIDDEN_TEXT) + 12);
    }
    assert_string_equal(masked(arena, "\xff\xfe\xfd\xfc\xfb\xfa", "__79_Pv6"), HIDDEN_TEXT);
}

static void short_ones_are_whole_words(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    assert_string_equal(masked(arena, "pw", "pw: the pwd is 'pw'"), "(sensitive): the pwd is '(sensitive)'");
    assert_string_equal(masked(arena, "1234", "12345 1234"), "12345 (sensitive)");
    assert_string_equal(masked(arena, "", "a text"), "a text");
    assert_string_equal(masked(arena, "true", "it is true"), "it is true");
    assert_string_equal(masked(arena, NULL, "a text"), "a text");
}

static void lines_of_a_key_count_alone(void **state) {
    (void)state;
    static const char KEY[] =
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqh\nkiG9w0BAQEFAASC\nab==\n-----END PRIVATE KEY-----\n";
    SCRATCH_ARENA(arena);
    assert_string_equal(masked(arena, KEY, "line 2: kiG9w0BAQEFAASC?"), "line 2: (sensitive)?");
    assert_string_equal(masked(arena, KEY, "no -----BEGIN PRIVATE KEY----- here"),
                        "no -----BEGIN PRIVATE KEY----- here");
    assert_string_equal(masked(arena, "a-license\n", "License a-license is bad"),
                        "License (sensitive) is bad");
}

static void the_longest_goes_first(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct hidden *hidden = hidden_create(arena);
    hidden_add(hidden, "secret");
    hidden_add(hidden, "secretive-one");
    assert_string_equal(hidden_mask(hidden, arena, "secretive-one, secret"), "(sensitive), (sensitive)");
    hidden_add(hidden, "added-later");
    assert_string_equal(hidden_mask(hidden, arena, "added-later"), HIDDEN_TEXT);
}

static void passwords_of_urls(void **state) {
    (void)state;
    static const char *const urls[] = {"https://user:p%40ssword@host/x", "oci://user:p%40ssword@host:5000",
                                       "http://a@b:p%40ssword@host"};
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct hidden *hidden = hidden_create(arena);
        hidden_add_url(hidden, urls[i]);
        assert_string_equal(hidden_mask(hidden, arena, "p@ssword or p%40ssword"),
                            "(sensitive) or (sensitive)");
    }
    struct hidden *none = hidden_create(arena);
    static const char *const plain[] = {"https://host:8443/a@b", "host:port", "https://user@host", NULL};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        hidden_add_url(none, plain[i]);
    assert_string_equal(hidden_mask(none, arena, "8443 port user host"), "8443 port user host");
    hidden_add(NULL, "x");
    hidden_add_url(NULL, "a://b:c@d");
    assert_string_equal(hidden_mask(NULL, arena, "x"), "x");
}

static char logged[200];

static void sink(enum log_level level, const char *module, const char *message, struct log_field field) {
    (void)level, (void)module, (void)field;
    strncpy(logged, message, sizeof logged - 1);
}

static void logs_show_none_of_the_calls(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    call.hidden = hidden_create(arena);
    struct call within = call_within(&call, 1000);
    call_hide(&within, "the-secret"); // learnt on the way
    log_set_sink(sink, LOG_TRACE);
    log_to(&call, LOG_TRACE, "base", "answer: %s", "the-secret");
    log_set_sink(NULL, LOG_WARN);
    assert_string_equal(logged, "answer: (sensitive)");
    assert_string_equal(call_shown(&call, "the-secret."), "(sensitive).");
}

static void one_set_stands_above_another(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct hidden *below = hidden_create(arena), *above = hidden_above(below, arena);
    hidden_add(above, "argument");
    hidden_add(below, "a-token"); // learnt later
    assert_string_equal(hidden_mask(above, arena, "argument, a-token"), HIDDEN_TEXT ", " HIDDEN_TEXT);
    assert_string_equal(hidden_mask(below, arena, "argument, a-token"), "argument, " HIDDEN_TEXT);
    assert_string_equal(hidden_mask(hidden_above(NULL, arena), arena, "argument"), "argument");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_found),         cmocka_unit_test(base64_is_found_at_every_alignment),
        cmocka_unit_test(short_ones_are_whole_words),  cmocka_unit_test(lines_of_a_key_count_alone),
        cmocka_unit_test(the_longest_goes_first),      cmocka_unit_test(passwords_of_urls),
        cmocka_unit_test(logs_show_none_of_the_calls), cmocka_unit_test(one_set_stands_above_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
