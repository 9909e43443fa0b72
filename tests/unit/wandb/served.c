// SPDX-License-Identifier: Apache-2.0
// Which releases are operators, what they serve, and which instances wait for one.
#include "wandb/served.h"

#include "codec/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define WORKLOAD(label, container)                                                                           \
    "kind: Deployment\nspec: {template: {metadata: {labels: {" label "}}, spec: {containers: [{" container   \
    "}]}}}\n"
#define MANAGER(container) WORKLOAD("control-plane: controller-manager", container)
#define RULE(group, verb)                                                                                    \
    "rules: [{apiGroups: [" group "], resources: [weightsandbiases], verbs: [" verb "]}]\n"
#define ROLE(kind, group) "---\nkind: " kind "\n" RULE(group, "update")

static const struct {
    const char *objects;
    bool is_operator;
    const char *namespaces; // "" for all
} rows[] = {
    {MANAGER("name: manager") ROLE("ClusterRole", "apps.wandb.com"), true, ""},
    {MANAGER("name: manager") ROLE("ClusterRole", "'*'"), true, ""},
    {MANAGER("args: [--leader-elect, '--isolation-namespaces=a,b']") ROLE("Role", "apps.wandb.com"), true,
     "a b"},
    {MANAGER("command: [/manager, --isolation-namespaces, a]") ROLE("Role", "apps.wandb.com"), true, "a"},
    {MANAGER("name: manager"), true, ""}, // its role comes from elsewhere
    {MANAGER("name: manager") ROLE("ClusterRole", "other.example.com"), false,
     ""}, // somebody else's operator
    {WORKLOAD("app: v2", "name: manager") ROLE("ClusterRole", "apps.wandb.com"), true, ""},
    {WORKLOAD("app: dashboard", "name: web") "---\nkind: ClusterRole\n" RULE("apps.wandb.com", "get"), false,
     ""},
    {WORKLOAD("app: web", "name: web"), false, ""},
    {"kind: ConfigMap\n", false, ""},
    {ROLE("ClusterRole", "apps.wandb.com"), false, ""}, // for others to bind
};

static void tells_operators(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        struct value documents;
        assert_true(yaml_decode_all(arena, rows[i].objects, strlen(rows[i].objects), YAML_NUMBERS_EXACT,
                                    &documents, &err));
        struct release_object items[4];
        struct release_objects objects = {items, value_len(documents)};
        for (size_t j = 0; j < objects.count; j++)
            items[j] = (struct release_object){.object = value_at(documents, j)};
        struct served served = served_by(arena, &objects);
        const char *namespaces = "";
        for (size_t j = 0; j < served.count; j++)
            namespaces = arena_printf(arena, "%s%s%s", namespaces, j ? " " : "", served.namespaces[j]);
        if (served.is_operator != rows[i].is_operator || strcmp(namespaces, rows[i].namespaces) != 0)
            fail_msg("row %zu: %s, \"%s\"", i, served.is_operator ? "an operator" : "none", namespaces);
    }
}

static void tells_who_waits(void **state) {
    static const struct {
        const char *finalizers;
        bool held;
    } cases[] = {{"[finalizer.app.wandb.com]", true},
                 {"[a, wandb.apps.wandb.com/cleanup]", true},
                 {"[example.com/other]", false},
                 {"[]", false},
                 {"null", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        struct value instance;
        const char *text = arena_printf(arena, "metadata: {finalizers: %s}", cases[i].finalizers);
        assert_true(yaml_decode(arena, text, strlen(text), YAML_NUMBERS_EXACT, &instance, &err));
        assert_int_equal(served_is_held(instance), cases[i].held);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_operators),
        cmocka_unit_test(tells_who_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
