// SPDX-License-Identifier: Apache-2.0
// Documents that schemas refer to by URL. By itself, so that a program which needs none does not load
// libcurl.
#include "base/cleanup.h"
#include "helm/values.h"
#include "http/client.h"

enum { FETCH_LIMIT = 5 * 1024 * 1024, FETCH_MS = 15000 };

static void cleanup_client(struct http_client **client) {
    http_client_destroy(*client);
}

bool helm_fetch_http(struct call *call, const char *url, const char **text, size_t *len, struct err *err) {
    struct http_settings settings = {.tries = 2};
    CLEANUP(cleanup_client) struct http_client *client = http_client_create(&settings);
    struct http_request request = {.url = url, .follow = true, .limit = FETCH_LIMIT};
    struct http_response response;
    struct call within = call_within(call, FETCH_MS);
    if (!http_do(&within, client, &request, &response, err))
        return false;
    if (response.status != 200)
        return err_set(err, ERR_NOT_FOUND, "HTTP request to %s returned status %d", url, response.status);
    *text = response.body;
    *len = response.body_len;
    return true;
}
