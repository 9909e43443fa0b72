// SPDX-License-Identifier: Apache-2.0
// What a registry may answer: lists of tags, manifests, indexes, layers. The input is "body\0body\0…", one
// for each request; the first byte chooses what is asked for. Whatever is taken for a chart is what its
// digest says.
#include "crypto/digest.h"
#include "helm/private.h"
#include "repo/private.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct answers {
    char *next;
    size_t left;
};

static struct http_fault answer(void *data, unsigned nth, const char *method, const char *url) {
    struct answers *answers = data;
    struct http_fault fault = {.kind = HTTP_FAULT_STATUS, .status = 404};
    (void)nth;
    if (strcmp(method, "GET") != 0 || strncmp(url, "https://registry.example/v2/charts/app/", 39) != 0 ||
        strstr(url, ".."))
        abort(); // nothing that a registry says leads elsewhere
    if (answers->left) {
        size_t len = strnlen(answers->next, answers->left);
        fault.status = 200;
        fault.body = answers->next;
        answers->next += len + 1;
        answers->left -= len + 1;
    }
    return fault;
}

static const struct {
    const char *reference, *version;
} wanted[] = {
    {"oci://registry.example/charts/app", NULL},
    {"oci://registry.example/charts/app", "^1"},
    {"oci://registry.example/charts/app", "1.0.0+build"},
    {"oci://registry.example/charts/app:1.0.0", NULL},
    {"oci://registry.example/charts/"
     "app@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
     NULL},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct http_client *http;
    SCRATCH_ARENA(arena);
    if (!size)
        return 0;
    char *copy = arena_alloc(arena, size + 1);
    memcpy(copy, data + 1, size - 1);
    struct answers answers = {copy, size - 1 ? size : 0};
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct packed packed = {0};
    unsigned which = data[0] % (sizeof wanted / sizeof *wanted);
    struct repo_options options = {.chart = wanted[which].reference,
                                   .version = wanted[which].version,
                                   .username = "u",
                                   .cache_dir = "/nonexistent"};
    if (!http)
        http = http_client_create(&(struct http_settings){.tries = 1});
    http_client_set_faults(http, answer, &answers);
    struct fetch fetch = {.call = &call, .http = http, .options = &options};
    bool found = registry_fetch(&fetch, options.chart, &packed, &err);
    if (!found && (err.kind == ERR_NONE || !err.msg || !*err.msg))
        abort();
    if (found && strcmp(packed.digest, crypto_content_digest(arena, packed.data, packed.len)) != 0)
        abort();
    return 0;
}
