// SPDX-License-Identifier: Apache-2.0
// Inside src/http only: which proxy a URL is asked for through, as Go's net/http chooses it from the
// environment (golang.org/x/net/http/httpproxy). libcurl has rules of its own for all of it, so it is told
// the outcome alone.
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

#include "http/url.h"

struct proxies {
    const char *http, *https; // of HTTP_PROXY and HTTPS_PROXY, or in lower case; NULL where not set
    const char *none;         // of NO_PROXY; "" where not set
};

// Copies, all in the arena.
void proxies_read(struct arena *arena, struct proxies *out);

// The proxy for the URL as proxy_address has it, NULL for none: this machine itself (localhost, 127.0.0.0/8,
// ::1) and what NO_PROXY lists are reached without one. NO_PROXY is a comma list of "*", addresses, networks
// ("10.0.0.0/8") and domains: "example.com" is that name and all below it, ".example.com" and "*.example.com"
// only those below. Names and addresses can have a port behind them. Anything else matches nothing.
const char *proxy_choose(struct arena *arena, const struct proxies *proxies, const struct url *url);

// The address of a proxy in the words of libcurl: without a scheme it is http, the port is the scheme's (80,
// 443, 1080), and one of SOCKS resolves the names itself. What is no address stays as it is, for libcurl to
// refuse: Go takes none then, which would go round the proxy unseen.
const char *proxy_address(struct arena *arena, const char *text);

#endif
