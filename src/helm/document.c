// SPDX-License-Identifier: Apache-2.0
// Documents outside of charts: what schemas refer to by URL, and what -f and --set-file name.
#include "base/cleanup.h"
#include "helm/private.h"
#include "http/client.h"
#include "http/url.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { FETCH_LIMIT = 5 * 1024 * 1024, FETCH_MS = 15000 };

static void cleanup_client(struct http_client **client) {
    http_client_destroy(*client);
}

// Neither a login nor a query, which can be a signature.
static const char *shown(struct arena *arena, const char *text) {
    struct err ignored = err_in(arena);
    struct url url;
    if (!url_parse(arena, text, &url, &ignored))
        return "(a URL that cannot be read)";
    url.query = url.fragment = NULL;
    return url_text(arena, &url);
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
        return err_set(err, ERR_NOT_FOUND, "%s %s %s %d", before, shown(call->arena, url), between,
                       response.status);
    *text = response.body;
    *len = response.body_len;
    return true;
}

bool helm_fetch_http(struct call *call, const char *url, const char **text, size_t *len, struct err *err) {
    return get(call, url, "HTTP request to", "returned status", text, len, err);
}

static bool read_stream(struct arena *arena, FILE *stream, const char *name, size_t limit, const char **text,
                        size_t *len, struct err *err) {
    struct buf all;
    char block[65536];
    buf_init(&all, arena);
    for (size_t got; (got = fread(block, 1, sizeof block, stream)) > 0;) {
        if (all.len + got > limit)
            return err_set(err, ERR_LIMIT, "%s is longer than %zu bytes", name, limit);
        buf_add(&all, block, got);
    }
    *text = buf_text(&all);
    *len = all.len;
    return true;
}

bool helm_read_file(struct arena *arena, const char *path, size_t limit, const char **text, size_t *len,
                    struct err *err) {
    CLEANUP_FILE file = fopen(path, "rbe");
    struct stat info;
    if (!file)
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_INVALID, "open %s: %s", path,
                       errno == ENOENT ? "no such file or directory" : strerror(errno));
    if (!fstat(fileno(file), &info) && S_ISDIR(info.st_mode))
        return err_set(err, ERR_INVALID, "read %s: is a directory", path);
    return read_stream(arena, file, path, limit, text, len, err);
}

bool helm_values_read(struct call *call, const char *name, const char **text, size_t *len, struct err *err) {
    if (!strcmp(helm_trim_space(call->arena, name, strlen(name)), "-"))
        return read_stream(call->arena, stdin, "standard input", HELM_CHART_LIMIT, text, len, err);
    if (strncasecmp(name, "http://", 7) != 0 && strncasecmp(name, "https://", 8) != 0)
        return helm_read_file(call->arena, name, HELM_CHART_LIMIT, text, len, err);
    return get(call, name, "failed to fetch", ":", text, len, err);
}
