// SPDX-License-Identifier: Apache-2.0
// What `helm template` writes.
#include "go/path.h"
#include "go/strings.h"
#include "helm/manifest.h"

#include <string.h>

static bool is_test(const struct helm_hook *hook) {
    for (size_t i = 0; i < hook->event_count; i++)
        if (!strcmp(hook->events[i], "test"))
            return true;
    return false;
}

static void add_document(struct buf *out, const char *path, const char *text) {
    buf_printf(out, "---\n# Source: %s\n", path);
    buf_str(out, text);
    buf_char(out, '\n');
}

static void print_all(const struct helm_rendered *rendered, const struct helm_print_options *options,
                      struct buf *out) {
    SCRATCH_ARENA(scratch);
    struct buf manifests;
    buf_init(&manifests, scratch);
    for (size_t i = 0; options->include_crds && i < rendered->crds.count; i++)
        add_document(&manifests, rendered->crds.items[i].file, rendered->crds.items[i].text);
    buf_str(&manifests, rendered->manifest);
    buf_str(out, go_trim_space(scratch, buf_text(&manifests), manifests.len));
    buf_char(out, '\n');
    for (size_t i = 0; !options->no_hooks && i < rendered->hook_count; i++)
        if (!options->skip_tests || !is_test(&rendered->hooks[i]))
            add_document(out, rendered->hooks[i].path, rendered->hooks[i].manifest);
}

// The path behind the chart's name in the first "# Source: name/path" line; NULL when there is none.
static const char *shown_path(struct arena *arena, const char *text) {
    static const char mark[] = "# Source: ";
    for (const char *p = text; (p = strstr(p, mark)); p++) {
        const char *name = p + sizeof mark - 1;
        size_t chart = strcspn(name, "/");
        if (!chart || !name[chart] || name[chart + 1] == '\n' || !name[chart + 1])
            continue;
        return arena_strndup(arena, name + chart + 1, strcspn(name + chart + 1, "\n"));
    }
    return NULL;
}

static bool print_matching(struct arena *arena, const struct texts *documents, const char *pattern,
                           struct buf *out, struct err *err) {
    bool missing = true;
    for (size_t i = 0; i < documents->count; i++) {
        const char *path = shown_path(arena, documents->items[i]);
        if (!path || go_path_match(pattern, path) <= 0)
            continue;
        buf_printf(out, "---\n%s\n", documents->items[i]);
        missing = false;
    }
    return !missing || err_set(err, ERR_NOT_FOUND, "could not find template %s in chart", pattern);
}

bool helm_render_print(const struct helm_rendered *rendered, enum helm_profile profile,
                       const struct helm_print_options *options, struct buf *out, struct err *err) {
    SCRATCH_ARENA(scratch);
    struct buf all;
    if (!options->show_only_count) {
        print_all(rendered, options, out);
        return true;
    }
    buf_init(&all, scratch);
    print_all(rendered, options, &all);
    struct texts documents = manifest_documents(scratch, profile, buf_text(&all), all.len);
    for (size_t i = 0; i < options->show_only_count; i++)
        if (!print_matching(scratch, &documents, options->show_only[i], out, err))
            return false;
    return true;
}
