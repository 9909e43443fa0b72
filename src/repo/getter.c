// SPDX-License-Identifier: Apache-2.0
// Documents outside of charts: what schemas refer to by URL, and what -f and --set-file name.
#include "base/cleanup.h"
#include "base/file.h"
#include "go/strings.h"
#include "helm/chart.h"
#include "http/client.h"
#include "repo/private.h"

#include <string.h>
#include <strings.h>

enum { FETCH_LIMIT = 5 * 1024 * 1024, FETCH_MS = 15000 };

static void cleanup_client(struct http_client **client) {
    http_client_destroy(*client);
}

// Any status but 200 is an error: `before`, the URL, `between` and the status.
static bool get(struct call *call, const char *url, const char *before, const char *between,
                const char **text, size_t *len, struct err *err) {
    struct http_settings settings = {.tries = 2};
    CLEANUP(cleanup_client) struct http_client *client = http_client_create(&settings);
    struct http_request request = {.url = url, .follow = true, .limit = FETCH_LIMIT};
    struct http_response response;
    struct call within = call_within(call, FETCH_MS);
    if (!http_do(&within, client, &request, &response, err))
        return false;
    if (response.status != 200)
        return err_set(err, ERR_NOT_FOUND, "%s %s %s %d", before,
                       fetch_shown(&(struct fetch){.call = call}, url), between, response.status);
    *text = response.body;
    *len = response.body_len;
    return true;
}

bool repo_get_document(struct call *call, const char *url, const char **text, size_t *len, struct err *err) {
    return get(call, url, "HTTP request to", "returned status", text, len, err);
}

bool repo_read_values(struct call *call, const char *name, const char **text, size_t *len, struct err *err) {
    if (!strcmp(go_trim_space(call->arena, name, strlen(name)), "-"))
        return file_read_stream(call->arena, stdin, "standard input", HELM_CHART_LIMIT, text, len, err);
    if (strncasecmp(name, "http://", 7) != 0 && strncasecmp(name, "https://", 8) != 0)
        return file_read(call->arena, name, HELM_CHART_LIMIT, text, len, err);
    return get(call, name, "failed to fetch", ":", text, len, err);
}
