// SPDX-License-Identifier: Apache-2.0
// Any text as a template: it is refused, or runs within its limits. The text may bring
// values of its own: YAML up to a line "---", the template after it.
#include "codec/yaml.h"
#include "funcs/funcs.h"
#include "template/runtime.h"

#include <string.h>

static void steady_random(void *context, void *out, size_t len) {
    (void)context;
    memset(out, 0x5a, len);
}

static void steady_now(void *context, int64_t *seconds, int32_t *nanoseconds, int32_t *utc_offset) {
    (void)context;
    *seconds = 1700000000;
    *nanoseconds = 0;
    *utc_offset = 0;
}

static struct rv scope(struct arena *arena, struct template_set *set, const char *yaml, size_t len) {
    struct rheap *heap = template_heap(set);
    struct value values = value_null();
    struct err err = err_in(arena);
    if (!yaml_decode(arena, yaml, len, YAML_NUMBERS_FLOAT64, &values, &err) ||
        value_kind(values) != VALUE_MAP)
        values = value_map(arena, NULL, 0);
    struct rmap *map = rmap_create(heap, 1);
    rmap_put(map, "Values", rv_map(RT_VALUES3, rv_from_value(heap, values).u.map));
    return rv_map(RT_MAP, map);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char separator[] = "\n---\n";
    const char *text = (const char *)data;
    const char *split = memmem(text, size, separator, sizeof separator - 1);
    size_t yaml_len = split ? (size_t)(split - text) + 1 : 0;
    size_t start = split ? yaml_len + sizeof separator - 2 : 0;
    SCRATCH_ARENA(arena);
    struct template_options options = {
        .functions = funcs_find,
        .profile = size & 1 ? TEMPLATE_HELM4 : TEMPLATE_HELM3,
        .limits = {.output = 1 << 16, .steps = 20000, .memory = 64 << 20},
        .random = steady_random,
        .now = steady_now,
    };
    struct template_set *set = template_set_create(&options);
    struct err err = err_in(arena);
    struct buf out;
    buf_init(&out, arena);
    const char *copy = arena_strndup(arena, text + start, size - start);
    struct rv data_value = scope(arena, set, text, yaml_len);
    if (template_parse(set, "main", copy, size - start, &err))
        template_execute(set, "main", data_value, &out, &err);
    template_set_destroy(set);
    return 0;
}
