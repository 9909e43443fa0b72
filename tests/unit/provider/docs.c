// SPDX-License-Identifier: Apache-2.0
// The pages of docs/ say what the tables say. What stands between the two marker lines of a page is made from
// the tables; the rest is written by hand. UPDATE_DOCS=1 rewrites that part and creates missing pages.
#include "schema/docs.h"
#include "files.h"
#include "provider/provider.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char BEGIN[] = "<!-- from the schema: UPDATE_DOCS=1 ctest -R unit_provider_docs -->\n";
static const char END[] = "<!-- end -->\n";

static void write_file(const char *path, const char *text) {
    CLEANUP_FILE file = fopen(path, "w");
    if (!file)
        fail_msg("cannot write %s", path);
    fputs(text, file);
}

static const char *first_sentence(struct arena *arena, const char *doc) {
    const char *end = strstr(doc, ". ");
    return end ? arena_strndup(arena, doc, (size_t)(end - doc) + 1) : doc;
}

// The page around a generated part that does not exist yet.
static const char *new_page(struct arena *arena, const char *title, const char *heading, const char *doc) {
    return arena_printf(
        arena, "---\npage_title: \"%s\"\nsubcategory: \"\"\ndescription: |-\n  %s\n---\n\n# %s\n\n%s\n\n%s%s",
        title, first_sentence(arena, doc), heading, doc, BEGIN, END);
}

static void check_page(struct arena *arena, const char *path, const char *fresh, const char *generated) {
    struct buf text;
    const char *page = read_if_there(arena, path, &text) ? buf_text(&text) : NULL;
    bool update = getenv("UPDATE_DOCS") != NULL;
    if (!page && !update)
        fail_msg("%s is missing; make it with UPDATE_DOCS=1", path);
    if (!page)
        page = fresh;
    const char *begin = strstr(page, BEGIN), *end = strstr(page, END);
    if (!begin || !end)
        fail_msg("%s lacks the marker lines", path);
    begin += strlen(BEGIN);
    size_t len = strlen(generated);
    if ((size_t)(end - begin) == len && !memcmp(begin, generated, len))
        return;
    if (!update)
        fail_msg("%s is not what the schema says; run with UPDATE_DOCS=1", path);
    write_file(path, arena_printf(arena, "%.*s%s%s", (int)(begin - page), page, generated, end));
}

static const char *docs_path(struct arena *arena, const char *folder, const char *name) {
    const char *root = arena_printf(arena, "%s/../docs/%s", TESTS_DIR, folder);
    mkdir(arena_printf(arena, "%s/../docs", TESTS_DIR), 0777);
    mkdir(root, 0777);
    return arena_printf(arena, "%s/%s.md", root, name);
}

static void check_schema(struct arena *arena, const char *folder, const char *kind,
                         const struct schema *schema) {
    struct buf buf;
    buf_init(&buf, arena);
    schema_docs(&buf, schema);
    const char *title = arena_printf(arena, "%s %s - wandb", schema->name, kind);
    const char *heading = arena_printf(arena, "%s (%s)", schema->name, kind);
    check_page(arena, docs_path(arena, folder, schema->name + strlen("wandb_")),
               new_page(arena, title, heading, schema->doc), buf_text(&buf));
}

static void resources(void **state) {
    for (const struct resource_impl *const *impl = provider_content.resources; *impl; impl++)
        check_schema(*state, "resources", "Resource", (*impl)->schema);
}

static void data_sources(void **state) {
    for (const struct data_impl *const *impl = provider_content.data_sources; *impl; impl++)
        check_schema(*state, "data-sources", "Data Source", (*impl)->schema);
}

static void provider_page(void **state) {
    struct buf buf;
    buf_init(&buf, *state);
    schema_docs(&buf, provider_content.config);
    check_page(*state, docs_path(*state, ".", "index"),
               new_page(*state, "wandb Provider", "wandb Provider", provider_content.config->doc),
               buf_text(&buf));
}

static void signature(struct buf *out, const struct function_impl *impl) {
    buf_printf(out, "## Signature\n\n```text\n%s(", impl->name);
    const char *comma = "";
    for (const struct function_param *param = impl->params; param && param->name; param++, comma = ", ")
        buf_printf(out, "%s%s %s", comma, param->name, schema_docs_type(out->arena, param->type));
    if (impl->variadic)
        buf_printf(out, "%s%s %s...", comma, impl->variadic->name,
                   schema_docs_type(out->arena, impl->variadic->type));
    buf_printf(out, ") %s\n```\n\n## Arguments\n\n", schema_docs_type(out->arena, impl->returns));
    for (const struct function_param *param = impl->params; param && param->name; param++)
        buf_printf(out, "1. `%s` (%s) %s\n", param->name, schema_docs_type(out->arena, param->type),
                   param->doc);
    if (impl->variadic)
        buf_printf(out, "1. `%s` (variadic, %s) %s\n", impl->variadic->name,
                   schema_docs_type(out->arena, impl->variadic->type), impl->variadic->doc);
}

static void functions(void **state) {
    struct arena *arena = *state;
    for (const struct function_impl *const *impl = provider_content.functions; *impl; impl++) {
        struct buf buf;
        buf_init(&buf, arena);
        buf_printf(&buf, "## Example Usage\n\n```terraform\n%s\n```\n\n", (*impl)->example);
        signature(&buf, *impl);
        const char *title = arena_printf(arena, "%s function - wandb", (*impl)->name);
        check_page(arena, docs_path(arena, "functions", (*impl)->name),
                   new_page(arena, title, arena_printf(arena, "function: %s", (*impl)->name), (*impl)->doc),
                   buf_text(&buf));
    }
}

static int setup(void **state) {
    *state = arena_create();
    return 0;
}

static int teardown(void **state) {
    arena_destroy(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(provider_page),
        cmocka_unit_test(resources),
        cmocka_unit_test(data_sources),
        cmocka_unit_test(functions),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
