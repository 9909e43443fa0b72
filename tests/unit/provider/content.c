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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(provider_block),
        cmocka_unit_test(resources),
        cmocka_unit_test(data_sources),
        cmocka_unit_test(functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
