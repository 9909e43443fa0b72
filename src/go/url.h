// SPDX-License-Identifier: Apache-2.0
// URLs as Go's net/url reads and writes them: what urlParse and urlJoin show, and what
// a schema refers to.
#ifndef GO_URL_H
#define GO_URL_H

#include "base/buf.h"
#include "base/err.h"

// Percent-decoded texts, all NUL-terminated; "" when absent. The raw ones are as written, NULL
// where encoding the decoded text anew gives the same.
struct go_url {
    const char *scheme; // lower case
    const char *opaque;
    bool has_user, has_password;
    const char *username, *password;
    const char *host; // with port; a literal IPv6 address in its brackets
    const char *path, *raw_path;
    const char *query; // not decoded
    const char *fragment, *raw_fragment;
    bool force_query; // "?" with nothing after it
    bool omit_host;   // "scheme:/path"
};

// ERR_INVALID: Go's words, "parse \"…\": …".
bool go_url_parse(struct arena *arena, const char *text, size_t len, struct go_url *out, struct err *err);

void go_url_string(struct buf *out, const struct go_url *url);
void go_url_userinfo(struct buf *out, const struct go_url *url);

// What a reference means on the page `base`, as ResolveReference says.
void go_url_resolve(struct arena *arena, const struct go_url *base, const struct go_url *reference,
                    struct go_url *out);

// The host without its port and brackets.
const char *go_url_hostname(struct arena *arena, const struct go_url *url);

#endif
