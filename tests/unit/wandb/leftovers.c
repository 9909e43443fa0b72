// SPDX-License-Identifier: Apache-2.0
#include "wandb/instance.h"

#include "files.h"

static const struct kube_ref REF = KUBE_REF(INSTANCE_V1, INSTANCE_KIND, "ns", "wandb");

// A Secret of a Helm release; `more` goes into its metadata, and begins with a comma.
static struct value secret(struct arena *arena, const char *release, const char *namespace,
                           const char *more) {
    return json(arena, arena_printf(arena,
                                    "{\"metadata\":{\"name\":\"s\",\"annotations\":{"
                                    "\"meta.helm.sh/release-name\":\"%s\","
                                    "\"meta.helm.sh/release-namespace\":\"%s\"}%s},\"data\":{\"k\":\"v\"}}",
                                    release, namespace, more));
}

static const char *left(struct arena *arena, struct value secret) {
    struct value all = value_append(arena, value_list(arena, NULL, 0), secret);
    return json_text(arena, instance_left_of(arena, all, &REF));
}

static void names_what_the_release_left(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    assert_string_equal(left(arena, secret(arena, "wandb", "ns", "")), "[\"s\"]");
    assert_string_equal(left(arena, secret(arena, "wandb", "ns",
                                           ",\"ownerReferences\":[{\"kind\":\"Other\",\"name\":\"wandb\"}]")),
                        "[\"s\"]");
}

static void names_nothing_that_is_anothers_or_goes(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    assert_string_equal(left(arena, secret(arena, "other", "ns", "")), "[]");
    assert_string_equal(left(arena, secret(arena, "wandb", "other", "")), "[]");
    assert_string_equal(left(arena, json(arena, "{\"metadata\":{\"name\":\"s\"},\"data\":{\"k\":\"v\"}}")),
                        "[]");
    assert_string_equal(
        left(arena, secret(arena, "wandb", "ns", ",\"deletionTimestamp\":\"2030-01-02T03:04:05Z\"")), "[]");
    assert_string_equal(left(arena, secret(arena, "wandb", "ns",
                                           ",\"ownerReferences\":[{\"kind\":\"WeightsAndBiases\","
                                           "\"name\":\"wandb\"}]")),
                        "[]");
    struct value empty = value_without(arena, secret(arena, "wandb", "ns", ""), "data");
    assert_string_equal(left(arena, empty), "[]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_the_release_left),
        cmocka_unit_test(names_nothing_that_is_anothers_or_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
