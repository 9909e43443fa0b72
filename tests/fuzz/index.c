// SPDX-License-Identifier: Apache-2.0
// An index.yaml of anybody: whatever is chosen has a version that the constraint admits and an absolute URL.
#include "go/semver.h"
#include "repo/private.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    static const char *const versions[] = {NULL, "1.0.0", "^1", ">=0.0.0-0"};
    struct repo_options options = {
        .chart = "app", .repository = "https://example.com/charts", .version = versions[size % 4]};
    struct fetch fetch = {.call = &call, .options = &options};
    struct repo_choice choice;
    struct err err = err_in(arena);
    bool satisfied = true;
    if (!repo_index_choose(&fetch, (const char *)data, size, &choice, &err)) {
        if (err.kind == ERR_NONE || !err.msg)
            abort();
        return 0;
    }
    if (!strchr(choice.url, ':'))
        abort();
    if (options.version && strcmp(options.version, choice.version) != 0 &&
        (!semver_satisfies(arena, options.version, choice.version, &satisfied, &err) || !satisfied))
        abort();
    return 0;
}
