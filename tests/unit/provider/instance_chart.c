// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_chart.h"

#include "files.h"

static void knows_what_is_pinned(void **state) {
    (void)state;
    static const struct {
        const char *chart;
        bool pinned;
    } cases[] = {
        {"null", false},
        {"{\"path\":\"/charts/c.tgz\"}", false},
        {"{\"path\":\"/charts/c.tgz\",\"version\":\"1.2.3\"}", false},
        {"{\"url\":\"https://c\",\"name\":\"n\"}", false},
        {"{\"url\":\"https://c\",\"name\":\"n\",\"version\":\"\"}", false},
        {"{\"url\":\"https://c\",\"name\":\"n\",\"version\":\"~1.2\"}", false},
        {"{\"url\":\"https://c\",\"name\":\"n\",\"version\":\"1.2.3\"}", true},
        {"{\"url\":\"https://c\",\"name\":\"n\",\"version\":\"v1.2.3-rc.1\"}", true},
        {"{\"url\":\"https://c\",\"name\":\"n\",\"version\":\"1.2\"}", false},
        {"{\"url\":\"oci://h/p/n\",\"version\":\"1.2.3\"}", true},
        {"{\"url\":\"oci://h/p/n\",\"version\":\"^1\"}", false},
        {"{\"url\":\"oci://h/p/n:1.2.3\"}", true},
        {"{\"url\":\"oci://h/p/n@sha256:00\"}", true},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(instance_chart_is_pinned(arena, json(arena, cases[i].chart)), cases[i].pinned);
}

static struct value chart(struct arena *arena, const char *version) {
    return json(arena, arena_printf(arena, "{\"name\":\"operator-wandb\",\"version\":%s}", version));
}

// The warning's text, NULL when there is none.
static const char *told(struct arena *arena, const char *spec, struct levels levels, struct value before) {
    struct call call = call_in(arena);
    call.about = "WeightsAndBiases/ns/wandb";
    struct instance_chart_reading reading = {
        .ref = KUBE_REF("apps.wandb.com/v1", "WeightsAndBiases", "ns", "wandb"),
        .live = json(arena, arena_printf(arena, "{\"spec\":%s}", spec)),
        .levels = &levels,
        .before = before,
        .now = chart(arena, "\"0.44.0\""),
    };
    instance_chart_tell(&call, &reading);
    return call.notices ? call.notices->detail : NULL;
}

static void says_from_where_to_where_and_who_decides(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value before = chart(arena, "\"0.43.8\"");
    struct value open = json(arena, "{\"url\":\"https://c\",\"name\":\"n\"}");
    struct levels none = {0}, channel = {.channel.chart = open},
                  console = {.console.chart = open, .channel.chart = open};
    const char *text = told(arena, "{\"values\":{}}", channel, before);
    assert_non_null(strstr(text, "from operator-wandb 0.43.8 to operator-wandb 0.44.0"));
    assert_non_null(strstr(text, "follows the release channel"));
    assert_non_null(strstr(told(arena, "{}", none, before), "follows the release channel"));
    assert_non_null(strstr(told(arena, "{}", console, before), "Secret ns/wandb-spec-user"));
    text = told(arena, "{\"chart\":{\"url\":\"https://c\",\"name\":\"n\"}}", console, before);
    assert_non_null(strstr(text, "Its spec.chart leaves the version open"));
}

static void says_nothing_where_nothing_moved_by_itself(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct levels none = {0};
    const char *pinned = "{\"chart\":{\"url\":\"https://c\",\"name\":\"n\",\"version\":\"0.44.0\"}}";
    assert_null(told(arena, pinned, none, chart(arena, "\"0.43.8\"")));
    assert_null(told(arena, "{}", none, chart(arena, "\"0.44.0\"")));
    assert_null(told(arena, "{}", none, chart(arena, "null")));
    assert_null(told(arena, "{}", none, value_null()));
    assert_null(told(arena, "{}", none, value_unknown()));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_is_pinned),
        cmocka_unit_test(says_from_where_to_where_and_who_decides),
        cmocka_unit_test(says_nothing_where_nothing_moved_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
