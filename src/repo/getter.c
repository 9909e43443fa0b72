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

static bool get(struct call *call, const char *url, struct http_response *out, struct err *err) {
    struct http_settings settings = {.tries = 2};
    CLEANUP(cleanup_client) struct http_client *client = http_client_create(&settings);
    struct http_request request = {.url = url, .follow = true, .limit = FETCH_LIMIT};
    struct call within = call_within(call, FETCH_MS);
    return http_do(&within, client, &request, out, err);
}

static const char *shown(struct call *call, const char *url) {
    return fetch_shown(&(struct fetch){.call = call}, url);
}

static bool give(const struct http_response *response, const char **text, size_t *len) {
    *text = response->body;
    *len = response->body_len;
    return true;
}

bool repo_get_document(struct call *call, const char *url, const char **text, size_t *len, struct err *err) {
    struct http_response response;
    if (!get(call, url, &response, err))
        return false;
    if (response.status != 200)
        return err_set(err, ERR_NOT_FOUND, "HTTP request to %s returned status %d", shown(call, url),
                       response.status);
    return give(&response, text, len);
}

static bool get_values(struct call *call, const char *url, const char **text, size_t *len, struct err *err) {
    struct http_response response;
    if (!get(call, url, &response, err))
        return false;
    if (response.status != 200)
        return err_set(err, ERR_NOT_FOUND, "failed to fetch %s : %d", shown(call, url), response.status);
    return give(&response, text, len);
}

bool repo_read_values(struct call *call, const char *name, const char **text, size_t *len, struct err *err) {
    struct buf file;
    bool from_stdin = !strcmp(go_trim_space(call->arena, name, strlen(name)), "-");
    if (!from_stdin && (!strncasecmp(name, "http://", 7) || !strncasecmp(name, "https://", 8)))
        return get_values(call, name, text, len, err);
    buf_init(&file, call->arena);
    if (!(from_stdin ? file_read_stream(stdin, "standard input", HELM_CHART_LIMIT, &file, err)
                     : file_read(name, HELM_CHART_LIMIT, &file, err)))
        return false;
    *text = buf_text(&file);
    *len = file.len;
    return true;
}
