// SPDX-License-Identifier: Apache-2.0
// Any bytes as TOML: what can be read is written to a text that reads as an equal value.
#include "funcs/toml.h"
#include "funcs/funcs.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct template_options options = {.functions = funcs_find, .profile = TEMPLATE_HELM3};
    struct template_set *set = template_set_create(&options);
    struct rv data_in = rv_map(RT_MAP, rmap_create(template_heap(set), 1));
    struct err err = err_in(arena);
    struct buf out;
    buf_init(&out, arena);
    rmap_put(data_in.u.map, "t", rv_string((const char *)data, size));
    // NaN differs from itself, and a text that is too much work is none to compare.
    static const char text[] = "{{ $a := fromToml .t }}{{ $b := fromToml (toToml $a) }}"
                               "{{ if and (not $a.Error) (not (contains \"nan\" .t)) (ne (toJson $a) (toJson "
                               "$b)) }}differs{{ end }}";
    if (template_parse(set, "main", text, sizeof text - 1, &err) &&
        template_execute(set, "main", data_in, &out, &err) && out.len > 0)
        abort();
    template_set_destroy(set);
    return 0;
}
