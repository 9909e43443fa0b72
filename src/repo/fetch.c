// SPDX-License-Identifier: Apache-2.0
// Getting bytes from repositories and registries.
#include "repo/private.h"

#include "crypto/digest.h"
#include "go/strings.h"
#include "http/status.h"
#include "http/url.h"

#include <string.h>

const char *fetch_shown(struct fetch *fetch, const char *text) {
    struct arena *arena = fetch->call->arena;
    struct err ignored = err_in(arena);
    struct url url;
    if (!url_parse(arena, text, &url, &ignored))
        return "(a URL that cannot be read)";
    url.query = url.fragment = NULL;
    return url_text(arena, &url);
}

static const char *advice(int status, bool with_login) {
    switch (status) {
    case 401:
        return with_login
                   ? ": it does not accept the user name and password that were given"
                   : ": it wants a user name and password (repository_username and a repository password)";
    case 403: return ": the login may not read it";
    case 404: return ": is the address right?";
    default: return "";
    }
}

bool fetch_get(struct fetch *fetch, const char *url, bool with_credentials, struct http_response *out,
               struct err *err) {
    const struct repo_options *options = fetch->options;
    struct http_request request = {.url = url, .follow = true, .limit = HELM_CHART_LIMIT};
    if (with_credentials && options->username) {
        request.username = options->username;
        request.password = options->password ? options->password : "";
    }
    if (!http_do(fetch->call, fetch->http, &request, out, err))
        return false;
    if (out->status >= 200 && out->status < 300)
        return true;
    return err_set(err, http_status_kind(out->status), "%s answered HTTP %d%s", fetch_shown(fetch, url),
                   out->status, advice(out->status, request.username != NULL));
}

bool repo_download(struct fetch *fetch, const struct repo_choice *choice, bool with_credentials,
                   struct packed *out, struct err *err) {
    const char *url = choice->url, *digest = choice->digest;
    struct arena *arena = fetch->call->arena;
    struct http_response response;
    if (digest && repo_cache_get(fetch, digest, out))
        return true;
    if (!fetch_get(fetch, url, with_credentials, &response, err))
        return err_wrap(err, "download the chart");
    *out =
        (struct packed){.origin = fetch_shown(fetch, url), .data = response.body, .len = response.body_len};
    out->digest = crypto_content_digest(arena, response.body, response.body_len);
    if (digest && strcmp(digest, out->digest) != 0)
        return err_set(err, ERR_INVALID,
                       "%s is not what its repository promised: the digest is %s, expected %s. The download "
                       "was damaged or "
                       "replaced; ask who runs the repository",
                       out->origin, out->digest, digest);
    return true;
}
