// SPDX-License-Identifier: Apache-2.0
// A chart of a few files, rendered in both profiles. The input is "name\0content\0name\0content…".
#include "helm/render.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_FILES = 16 };

static const char *next_text(const uint8_t **data, size_t *size, size_t *len) {
    const uint8_t *text = *data, *end = memchr(text, 0, *size);
    if (!end)
        return NULL;
    *len = (size_t)(end - text);
    *size -= *len + 1;
    *data = end + 1;
    return (const char *)text;
}

static void render(const struct helm_files *files, enum helm_profile profile) {
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct helm_chart *chart;
    struct helm_rendered rendered;
    struct buf out;
    struct helm_render_options options = {.release_name = "fuzz", .output_limit = 1 << 20};
    struct helm_print_options print = {.include_crds = true};
    buf_init(&out, arena);
    if (helm_chart_load_files(arena, files, profile, &chart, &err) &&
        helm_render(&call, chart, value_null(), &options, &rendered, &err))
        helm_render_print(&rendered, profile, &print, &out, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct helm_file items[MAX_FILES + 1] = {{"Chart.yaml", "{apiVersion: v2, name: a, version: 1.0.0}", 41}};
    struct helm_files files = {items, 1};
    while (files.count <= MAX_FILES) {
        size_t name_len, len;
        const char *name = next_text(&data, &size, &name_len);
        const char *text = name ? next_text(&data, &size, &len) : NULL;
        if (!text || !name_len)
            break;
        items[files.count++] = (struct helm_file){name, text, len};
    }
    render(&files, HELM_3);
    render(&files, HELM_4);
    return 0;
}
