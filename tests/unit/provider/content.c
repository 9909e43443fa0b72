// SPDX-License-Identifier: Apache-2.0
// Every table that the provider offers keeps the rules that Terraform checks at load.
#include "provider/config.h"
#include "schema/consistency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void check(const struct schema *schema) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    if (!schema_check_table(schema, &err))
        fail_msg("%s", err.msg);
}

static void provider_block(void **state) {
    (void)state;
    static const char *const reserved[] = {"alias", "version", "source"};
    check(provider_content.config);
    for (const struct schema_attr *attr = provider_content.config->attrs; attr->name; attr++)
        for (size_t i = 0; i < 3; i++)
            assert_string_not_equal(attr->name, reserved[i]);
}

// Terraform takes no map, set or object in an identity.
static void resources(void **state) {
    (void)state;
    for (const struct resource_impl *const *impl = provider_content.resources; *impl; impl++) {
        check((*impl)->schema);
        assert_non_null((*impl)->schema->doc);
        assert_memory_equal((*impl)->schema->name, "wandb_", 6);
        assert_true((*impl)->create && (*impl)->read && (*impl)->update && (*impl)->destroy);
        if (!(*impl)->identity)
            continue;
        check((*impl)->identity);
        for (const struct schema_attr *attr = (*impl)->identity->attrs; attr->name; attr++)
            assert_true(attr->type && attr->type->kind <= TYPE_LIST && attr->type->kind != TYPE_DYNAMIC);
    }
}

static void data_sources(void **state) {
    (void)state;
    for (const struct data_impl *const *impl = provider_content.data_sources; *impl; impl++) {
        check((*impl)->schema);
        assert_non_null((*impl)->schema->doc);
        assert_memory_equal((*impl)->schema->name, "wandb_", 6);
        assert_non_null((*impl)->read);
    }
}

static void functions(void **state) {
    (void)state;
    for (const struct function_impl *const *impl = provider_content.functions; *impl; impl++) {
        assert_true((*impl)->call && (*impl)->returns && (*impl)->summary && (*impl)->doc &&
                    (*impl)->example);
        for (const struct function_param *param = (*impl)->params; param && param->name; param++)
            assert_true(param->type && param->doc);
        for (const struct function_impl *const *other = provider_content.functions; *other != *impl; other++)
            assert_string_not_equal((*other)->name, (*impl)->name);
    }
}

static bool holds_numbers(const struct schema_attr *attr) {
    return attr->type && attr->type->kind == TYPE_MAP && attr->type->elem->kind == TYPE_NUMBER;
}

// Terraform shows what is not sensitive in plans, and quotes its line of the configuration in errors. Numbers
// about secrets are no secrets.
static void check_sensitive(const struct schema_attr *attrs, const char *where) {
    static const char *const words[] = {"password", "token", "secret", "license", "client_key", "_wo"};
    for (const struct schema_attr *attr = attrs; attr->name; attr++) {
        bool sensitive = attr->flags & SCHEMA_SENSITIVE || holds_numbers(attr);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strstr(attr->name, words[i]) && !sensitive)
                fail_msg("%s: %s is not sensitive", where, attr->name);
        if ((attr->flags & SCHEMA_WRITE_ONLY) && !strstr(attr->name, "_wo"))
            fail_msg("%s: %s is write-only, and its name does not say so", where, attr->name);
        if (attr->attrs && !sensitive)
            check_sensitive(attr->attrs, where);
    }
}

static void what_holds_secrets_is_sensitive(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const char *held[5]; // what holds values of others as they are
    } holders[] = {
        {"wandb_instance", {"spec", "levels", "effective_values"}},
        {"wandb_release_channel", {"chart", "values"}},
        {"wandb_chart_template", {"manifest", "manifests", "hooks", "notes"}},
    };
    check_sensitive(provider_content.config->attrs, "provider");
    for (const struct resource_impl *const *impl = provider_content.resources; *impl; impl++)
        check_sensitive((*impl)->schema->attrs, (*impl)->schema->name);
    for (const struct data_impl *const *impl = provider_content.data_sources; *impl; impl++) {
        check_sensitive((*impl)->schema->attrs, (*impl)->schema->name);
        for (size_t i = 0; i < sizeof holders / sizeof *holders; i++)
            for (size_t j = 0; !strcmp(holders[i].name, (*impl)->schema->name) && holders[i].held[j]; j++)
                assert_true(schema_hides((*impl)->schema, holders[i].held[j]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(provider_block), cmocka_unit_test(what_holds_secrets_is_sensitive),
        cmocka_unit_test(resources),      cmocka_unit_test(data_sources),
        cmocka_unit_test(functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
