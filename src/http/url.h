// SPDX-License-Identifier: Apache-2.0
// URLs: taking apart, joining as RFC 3986 says, escaping. Pure text.
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "base/err.h"

struct url {
    const char *scheme;   // lower case; "" for a relative reference
    const char *username; // unescaped, NULL when there is none
    const char *password; // unescaped, NULL when there is none
    const char *host;     // lower case, IPv6 without brackets; "" when there is none
    int port;             // as written, 0 when not; see url_port
    const char *path;     // escaped, as written
    const char *query;    // escaped, without '?', NULL when there is none
    const char *fragment; // escaped, without '#', NULL when there is none
};

// Takes an absolute or relative URL apart. ERR_INVALID (the text is not repeated when it holds a password).
bool url_parse(struct arena *arena, const char *text, struct url *out, struct err *err);

// Puts it together again, without user name and password.
const char *url_text(struct arena *arena, const struct url *url);

// The port to connect to: as written, else the scheme's.
int url_port(const struct url *url);

// `reference` resolved against `base` (RFC 3986 5.2): what a link on that page means.
bool url_resolve(struct arena *arena, const char *base, const char *reference, const char **out,
                 struct err *err);

// `base` with one more path segment run, exactly one slash between; query of `base` kept.
// `path` is taken as it is (escape its parts first).
const char *url_join(struct arena *arena, const char *base, const char *path);

// Percent-escapes everything but unreserved characters; good for a path segment or a query value.
const char *url_escape(struct arena *arena, const char *text);

// The host is this machine by its name or address (localhost, 127.0.0.0/8, ::1).
bool url_is_loopback(const struct url *url);

// Same scheme, host and port: credentials may go along.
bool url_same_origin(struct arena *arena, const char *a, const char *b);

#endif
