// SPDX-License-Identifier: Apache-2.0
#include "http/proxy.h"

#include "go/idna.h"
#include "go/strings.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *either(const char *upper, const char *lower) {
    const char *first = getenv(upper), *second = getenv(lower);
    return first && *first ? first : second && *second ? second : NULL;
}

void proxies_read(struct arena *arena, struct proxies *out) {
    const char *none = either("NO_PROXY", "no_proxy");
    *out = (struct proxies){
        .http = arena_strdup(arena, either("HTTP_PROXY", "http_proxy")),
        .https = arena_strdup(arena, either("HTTPS_PROXY", "https_proxy")),
        .none = arena_strdup(arena, none ? none : ""),
    };
}

// ---- the proxy's own address ----

// Go talks http to a proxy of any scheme that it does not know.
static const char *scheme_of(const struct url *url) {
    static const char *const known[] = {"https", "socks5", "socks5h"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(url->scheme, known[i]))
            return i ? "socks5h" : known[i];
    return "http";
}

static const char *login_of(struct arena *arena, const struct url *url) {
    const char *name = url->username ? url_escape(arena, url->username) : "";
    if (!url->username && !url->password)
        return "";
    return url->password ? arena_printf(arena, "%s:%s@", name, url_escape(arena, url->password))
                         : arena_printf(arena, "%s@", name);
}

const char *proxy_address(struct arena *arena, const char *text) {
    const char *whole = strstr(text, "://") ? text : arena_printf(arena, "http://%s", text);
    struct err refused_by_libcurl = err_in(arena);
    struct url url;
    if (!url_parse(arena, whole, &url, &refused_by_libcurl) || !*url.host)
        return text;
    const char *scheme = scheme_of(&url), *host = go_idna_ascii(arena, url.host);
    int port = url.port ? url.port : !strcmp(scheme, "https") ? 443 : !strcmp(scheme, "http") ? 80 : 1080;
    return arena_printf(arena, strchr(host, ':') ? "%s://%s[%s]:%d" : "%s://%s%s:%d", scheme,
                        login_of(arena, &url), host, port);
}

// ---- NO_PROXY ----

// An IPv4 address as IPv6 maps it, as net.IP has it.
struct address {
    unsigned char bytes[16];
};

static const unsigned char MAPPED[12] = {[10] = 0xff, [11] = 0xff};

static bool is_mapped(const struct address *address) {
    return !memcmp(address->bytes, MAPPED, sizeof MAPPED);
}

static bool read_address(const char *text, struct address *out) {
    if (inet_pton(AF_INET6, text, out->bytes) == 1)
        return true;
    memcpy(out->bytes, MAPPED, sizeof MAPPED);
    return inet_pton(AF_INET, text, out->bytes + sizeof MAPPED) == 1;
}

// The host that is asked for.
struct target {
    const char *host, *port;
    bool numbered; // it is an address
    struct address address;
};

static bool same_bits(const struct address *a, const struct address *b, int bits) {
    int whole = bits / 8, rest = bits % 8;
    return !memcmp(a->bytes, b->bytes, (size_t)whole) &&
           (!rest || !((a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest)));
}

// "10.0.0.0/8". False where the entry is no network; else *inside says whether the target is in it.
static bool read_network(struct arena *arena, const char *entry, const struct target *target, bool *inside) {
    const char *slash = strchr(entry, '/');
    struct address network;
    if (!slash || !read_address(arena_strndup(arena, entry, (size_t)(slash - entry)), &network))
        return false;
    bool four = !memchr(entry, ':', (size_t)(slash - entry));
    size_t digits = strspn(slash + 1, "0123456789");
    long bits = digits && digits < 9 ? strtol(slash + 1, NULL, 10) : -1;
    if (bits < 0 || slash[1 + digits] || bits > (four ? 32 : 128))
        return false;
    bits += four ? 96 : 0;
    // IPv4 is in no network that is wider than all of IPv4.
    *inside = target->numbered && same_bits(&network, &target->address, (int)bits) &&
              (!is_mapped(&target->address) || bits >= 96);
    return true;
}

// net.SplitHostPort. What it refuses is the host as a whole, brackets and all: that matches nothing.
static const char *split_port(struct arena *arena, const char *entry, const char **port) {
    const char *colon = strrchr(entry, ':');
    bool bracketed = *entry == '[';
    *port = "";
    if (!colon || (bracketed ? colon[-1] != ']' : strchr(entry, ':') != colon))
        return entry;
    const char *host = bracketed ? arena_strndup(arena, entry + 1, (size_t)(colon - entry) - 2)
                                 : arena_strndup(arena, entry, (size_t)(colon - entry));
    if (strpbrk(host, "[]") || strpbrk(colon, "[]"))
        return entry;
    *port = colon + 1;
    return host;
}

static bool matches_domain(struct arena *arena, const char *domain, const struct target *target) {
    if (target->numbered)
        return false;
    domain += !strncmp(domain, "*.", 2);
    bool itself = *domain != '.';
    domain = go_idna_ascii(arena, domain + !itself);
    size_t len = strlen(domain), host = strlen(target->host);
    if (host == len)
        return itself && !strcmp(target->host, domain);
    return host > len && target->host[host - len - 1] == '.' && !strcmp(target->host + host - len, domain);
}

// One entry of the list, trimmed and in lower case.
static bool matches(struct arena *arena, const char *entry, const struct target *target) {
    bool inside = false;
    if (!*entry || read_network(arena, entry, target, &inside))
        return *entry && inside;
    const char *port, *host = split_port(arena, entry, &port);
    struct address address;
    if (*port && strcmp(port, target->port) != 0)
        return false;
    if (read_address(host, &address))
        return target->numbered && !memcmp(&address, &target->address, sizeof address);
    return *host && matches_domain(arena, host, target);
}

static bool is_excepted(struct arena *arena, const char *list, const struct target *target) {
    for (;; list++) {
        size_t len = strcspn(list, ",");
        char *entry = (char *)go_trim_space(arena, list, len);
        for (char *c = entry; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        if (!strcmp(entry, "*") || matches(arena, entry, target))
            return true;
        list += len;
        if (!*list)
            return false;
    }
}

const char *proxy_choose(struct arena *arena, const struct proxies *proxies, const struct url *url) {
    const char *proxy = !strcmp(url->scheme, "https")  ? proxies->https
                        : !strcmp(url->scheme, "http") ? proxies->http
                                                       : NULL;
    if (!proxy || url_is_loopback(url))
        return NULL;
    const char *zone = strchr(url->host, '%'); // of an IPv6 address: a zone is none of NO_PROXY's
    struct target target = {.host = go_idna_ascii(arena, url->host),
                            .port = arena_printf(arena, "%d", url_port(url))};
    target.numbered = read_address(
        zone ? arena_strndup(arena, url->host, (size_t)(zone - url->host)) : url->host, &target.address);
    return is_excepted(arena, proxies->none, &target) ? NULL : proxy_address(arena, proxy);
}
