// SPDX-License-Identifier: Apache-2.0
// The marks that Helm leaves on an object, and how they come off.
#include "release/claim.h"

#include "codec/json.h"
#include "codec/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct value value_of(struct arena *arena, const char *text) {
    struct err err = err_in(arena);
    struct value value;
    assert_true(yaml_decode(arena, text, strlen(text), YAML_NUMBERS_EXACT, &value, &err));
    return value;
}

static const char *text_of(struct arena *arena, struct value value) {
    struct buf text;
    buf_init(&text, arena);
    json_encode(&text, value, 0);
    return buf_text(&text);
}

#define BOTH "meta.helm.sh/release-name: r, meta.helm.sh/release-namespace: 'n'"

static const struct {
    const char *metadata, *wanted; // of the object, of the configuration
    const char *claim;             // "name/namespace", "" for none
    const char *removal;
} rows[] = {
    {"{}", "{}", "", "null"},
    {"{labels: {app.kubernetes.io/managed-by: Helm}}", "{}", "", "null"},
    {"{annotations: {meta.helm.sh/release-name: r}}", "{}", "", "null"},
    {"{annotations: {meta.helm.sh/release-name: 1, meta.helm.sh/release-namespace: 'n'}}", "{}", "", "null"},
    {"{annotations: {" BOTH ", mine: yes}}", "{}", "r/n",
     "{\"metadata\":{\"annotations\":{\"meta.helm.sh/release-name\":null,\"meta.helm.sh/"
     "release-namespace\":null},\"labels\":{}}}"},
    {"{annotations: {" BOTH "}, labels: {app.kubernetes.io/managed-by: Helm, a: b}}", "{}", "r/n",
     "{\"metadata\":{\"annotations\":{\"meta.helm.sh/release-name\":null,\"meta.helm.sh/"
     "release-namespace\":null},\"labels\":{\"app.kubernetes.io/managed-by\":null}}}"},
    {"{annotations: {" BOTH "}, labels: {app.kubernetes.io/managed-by: Terraform}}", "{}", "r/n",
     "{\"metadata\":{\"annotations\":{\"meta.helm.sh/release-name\":null,\"meta.helm.sh/"
     "release-namespace\":null},\"labels\":{}}}"},
    {"{annotations: {" BOTH "}, labels: {app.kubernetes.io/managed-by: Helm}}",
     "{labels: {app.kubernetes.io/managed-by: Helm}}", "r/n",
     "{\"metadata\":{\"annotations\":{\"meta.helm.sh/release-name\":null,\"meta.helm.sh/"
     "release-namespace\":null},\"labels\":{}}}"},
    {"{annotations: {" BOTH "}}", "{annotations: {" BOTH "}}", "r/n", "null"},
};

static void marks(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct value_entry metadata[] = {{"metadata", value_of(arena, rows[i].metadata)}};
        struct value live = value_map(arena, metadata, 1), wanted = value_of(arena, rows[i].wanted);
        struct release_claim claim = release_claim_marks(live);
        const char *named = claim.name ? arena_printf(arena, "%s/%s", claim.name, claim.namespace) : "";
        assert_string_equal(named, rows[i].claim);
        struct value removal =
            release_claim_removal(arena, live, value_get(wanted, "labels"), value_get(wanted, "annotations"));
        assert_string_equal(text_of(arena, removal), rows[i].removal);
    }
}

static void what_to_do(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct release_claim claim = {.state = CLAIM_LIVING,
                                  .name = "r",
                                  .namespace = "n",
                                  .object = "configmap/a --namespace b",
                                  .kept_in = "secret",
                                  .seen = {3, "deployed", NULL}};
    assert_string_equal(release_claim_text(arena, &claim),
                        "the Helm release \"r\" in namespace n (revision 3, deployed)");
    const char *steps = release_claim_way_out(arena, &claim);
    assert_non_null(strstr(steps, "kubectl delete secret --namespace n --selector owner=helm,name=r"));
    assert_null(strstr(steps, "kubectl annotate"));
    assert_null(strstr(steps, "adopt"));
    claim.unread = "forbidden";
    steps = release_claim_way_out(arena, &claim);
    assert_non_null(strstr(steps, "kubectl annotate configmap/a --namespace b meta.helm.sh/release-name- "
                                  "meta.helm.sh/release-namespace-"));
    assert_null(strstr(steps, "adopt"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(marks), cmocka_unit_test(what_to_do)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
