// SPDX-License-Identifier: Apache-2.0
// Streams split as text; expectations were taken from helm 3.20.1 and 4.3.1.
#include "helm/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *text;
    const char *three, *four; // documents joined by "|"
};

static const struct row rows[] = {
    {"a: 1", "a: 1", "a: 1"},
    {"a: 1\n---\nb: 2\n", "a: 1|b: 2", "a: 1\n|b: 2\n"},
    {"---\na: 1\n---\n\n---\nb: 2", "a: 1|---\nb: 2", "a: 1\n|b: 2"},
    {"---apiVersion: v1\nkind: A", "apiVersion: v1\nkind: A", "apiVersion: v1\nkind: A"},
    {"a: 1\n---# why\nb: 2", "a: 1|# why\nb: 2", "a: 1\n|# why\nb: 2"},
    {"a: |\n  x---y\n", "a: |\n  x---y", "a: |\n  x---y\n"},
    {"a: |\n  ---\n  b\n", "a: |\n  ---\n  b", "a: |\n  ---\n  b\n"},
    {"---\n---\na: 1", "---\na: 1", "a: 1"},
    {"  \n\n", "", ""},
    {"a: 1  \n   \n---\t \nb: 2\n\n\n", "a: 1|b: 2", "a: 1  \n   \n|b: 2\n\n\n"},
};

static const char *joined(struct arena *arena, enum helm_profile profile, const char *text) {
    struct texts texts = manifest_documents(arena, profile, text, strlen(text));
    struct buf out;
    buf_init(&out, arena);
    for (size_t i = 0; i < texts.count; i++)
        buf_printf(&out, "%s%s", i ? "|" : "", texts.items[i]);
    return buf_text(&out);
}

static void splits(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        assert_string_equal(joined(arena, HELM_3, rows[i].text), rows[i].three);
        assert_string_equal(joined(arena, HELM_4, rows[i].text), rows[i].four);
    }
}

static void kinds_have_an_order(void **state) {
    (void)state;
    assert_true(helm_kind_compare_install(HELM_3, "Namespace", "Secret") < 0);
    assert_true(helm_kind_compare_install(HELM_3, "Zebra", "Service") > 0);
    assert_true(helm_kind_compare_install(HELM_3, "Ant", "Bee") < 0);
    assert_true(helm_kind_compare_install(HELM_3, "MutatingWebhookConfiguration", "Ant") > 0);
    assert_true(helm_kind_compare_install(HELM_4, "MutatingWebhookConfiguration", "Ant") < 0);
    assert_true(helm_kind_compare_uninstall(HELM_4, "ValidatingWebhookConfiguration",
                                            "MutatingWebhookConfiguration") < 0);
    assert_true(helm_kind_compare_uninstall(HELM_3, "Deployment", "ConfigMap") < 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(splits), cmocka_unit_test(kinds_have_an_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
