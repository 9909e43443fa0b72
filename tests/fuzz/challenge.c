// SPDX-License-Identifier: Apache-2.0
// "WWW-Authenticate header\0answer of the token service": a registry that speaks TLS never gets the login
// sent in the clear, and what comes out is one header value.
#include "repo/private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct http_fault answer(void *data, unsigned nth, const char *method, const char *url) {
    (void)nth;
    (void)method;
    if (strncasecmp(url, "https://", 8) != 0)
        abort();
    return (struct http_fault){.kind = HTTP_FAULT_STATUS, .status = 200, .body = data};
}

static void authorize(struct http_client *http, const struct registry_login *login, const char *challenge) {
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct repo_options options = {.chart = "oci://registry.example/charts/app"};
    struct fetch fetch = {.call = &call, .http = http, .options = &options};
    const char *value = registry_authorize(&fetch, login, challenge, "repository:charts/app:pull", &err);
    if (!value && (err.kind == ERR_NONE || !err.msg || !*err.msg))
        abort();
    if (!value && strstr(err.msg, "pass-word") && !strcasestr(challenge, "pass-word"))
        abort();
    if (value && (strpbrk(value, "\r\n") || (strcmp(value, "Basic") && strncmp(value, "Bearer ", 7))))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct http_client *http;
    SCRATCH_ARENA(arena);
    const char *challenge = arena_strndup(arena, (const char *)data, size);
    size_t len = strlen(challenge);
    char *body =
        arena_strndup(arena, len < size ? (const char *)data + len + 1 : "", len < size ? size - len - 1 : 0);
    if (!http)
        http = http_client_create(&(struct http_settings){.tries = 1});
    http_client_set_faults(http, answer, body);
    authorize(http, &(struct registry_login){.username = "u", .password = "pass-word", .encrypted = true},
              challenge);
    authorize(http, &(struct registry_login){.identity_token = "pass-word", .encrypted = true}, challenge);
    return 0;
}
