// SPDX-License-Identifier: Apache-2.0
#include "http/url.h"

#include "base/buf.h"
#include "base/percent.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *lower(struct arena *arena, const char *text, size_t len) {
    char *out = arena_strndup(arena, text, len);
    for (char *c = out; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return out;
}

static size_t scheme_length(const char *text) {
    size_t n = 0;
    if (!isalpha((unsigned char)text[0]))
        return 0;
    while (isalnum((unsigned char)text[n]) || (text[n] && strchr("+-.", text[n])))
        n++;
    return text[n] == ':' ? n : 0;
}

static bool parse_port(const char *text, size_t len, int *port) {
    *port = 0;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i]) || (*port = *port * 10 + (text[i] - '0')) > 65535)
            return false;
    }
    return true;
}

static bool parse_authority(struct arena *arena, const char *text, size_t len, struct url *out,
                            struct err *err) {
    const char *at = memrchr(text, '@', len);
    if (at) {
        const char *colon = memchr(text, ':', (size_t)(at - text));
        out->username = percent_decode(arena, text, (size_t)((colon ? colon : at) - text));
        if (colon)
            out->password = percent_decode(arena, colon + 1, (size_t)(at - colon - 1));
        len -= (size_t)(at + 1 - text);
        text = at + 1;
    }
    const char *end = text + len, *host_end, *rest;
    if (len && *text == '[') {
        host_end = memchr(text, ']', len);
        if (!host_end)
            return err_set(err, ERR_INVALID, "URL with an IPv6 address that lacks its closing bracket");
        out->host = lower(arena, text + 1, (size_t)(host_end - text - 1));
        rest = host_end + 1;
        if (!strchr(out->host, ':'))
            return err_set(err, ERR_INVALID, "URL with \"%s\" in brackets, which is no IPv6 address",
                           out->host);
    } else {
        host_end = memchr(text, ':', len);
        rest = host_end = host_end ? host_end : end;
        out->host = lower(arena, text, (size_t)(host_end - text));
    }
    if (strpbrk(out->host, "[]<>\"\\^`{|}"))
        return err_set(err, ERR_INVALID, "URL with a host that holds a character no host name may have");
    if (rest < end && (*rest != ':' || !parse_port(rest + 1, (size_t)(end - rest - 1), &out->port)))
        return err_set(err, ERR_INVALID, "URL of host \"%s\" has no valid port after it (0 to 65535)",
                       out->host);
    return true;
}

bool url_parse(struct arena *arena, const char *text, struct url *out, struct err *err) {
    *out = (struct url){.scheme = "", .host = ""};
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return err_set(err, ERR_INVALID,
                           "URL holds a space or control character at byte %d; escape it as %%%02X",
                           (int)(c - text), (unsigned)(unsigned char)*c);
    size_t scheme = scheme_length(text);
    if (scheme) {
        out->scheme = lower(arena, text, scheme);
        text += scheme + 1;
    }
    if (!strncmp(text, "//", 2)) {
        size_t len = strcspn(text + 2, "/?#");
        if (!parse_authority(arena, text + 2, len, out, err))
            return false;
        text += 2 + len;
    }
    size_t path = strcspn(text, "?#");
    out->path = arena_strndup(arena, text, path);
    text += path;
    if (*text == '?') {
        size_t query = strcspn(text + 1, "#");
        out->query = arena_strndup(arena, text + 1, query);
        text += 1 + query;
    }
    if (*text == '#')
        out->fragment = arena_strdup(arena, text + 1);
    return true;
}

const char *url_text(struct arena *arena, const struct url *url) {
    struct buf buf;
    buf_init(&buf, arena);
    if (*url->scheme)
        buf_printf(&buf, "%s:", url->scheme);
    if (*url->host)
        buf_printf(&buf, strchr(url->host, ':') ? "//[%s]" : "//%s", url->host);
    else if (!strncmp(url->path, "//", 2))
        buf_str(&buf, "//"); // an empty host, or the path would be taken for one
    if (*url->host && url->port)
        buf_printf(&buf, ":%d", url->port);
    buf_str(&buf, url->path);
    if (url->query)
        buf_printf(&buf, "?%s", url->query);
    if (url->fragment)
        buf_printf(&buf, "#%s", url->fragment);
    return buf_text(&buf);
}

int url_port(const struct url *url) {
    static const struct {
        const char *scheme;
        int port;
    } ports[] = {{"https", 443}, {"http", 80}, {"oci", 443}, {"socks5", 1080}};
    for (size_t i = 0; !url->port && i < sizeof ports / sizeof *ports; i++)
        if (!strcmp(url->scheme, ports[i].scheme))
            return ports[i].port;
    return url->port;
}

// RFC 3986 5.2.4.
static const char *remove_dots(struct arena *arena, const char *path) {
    char *out = arena_alloc(arena, strlen(path) + 2), *to = out;
    while (*path) {
        size_t len = strcspn(path + 1, "/") + 1;
        bool last = !path[len];
        if (len == 2 && !strncmp(path, "/.", 2)) {
            if (last)
                *to++ = '/';
        } else if (len == 3 && !strncmp(path, "/..", 3)) {
            while (to > out && *--to != '/')
                ;
            if (last)
                *to++ = '/';
        } else {
            memcpy(to, path, len);
            to += len;
        }
        path += len;
    }
    *to = '\0';
    return out;
}

static const char *merge_paths(struct arena *arena, const struct url *base, const char *path) {
    if (*path == '/')
        return path;
    const char *slash = strrchr(base->path, '/');
    int keep = slash ? (int)(slash - base->path) + 1 : 0;
    return arena_printf(arena, "%s%.*s%s", keep ? "" : "/", keep, base->path, path);
}

bool url_resolve(struct arena *arena, const char *base, const char *reference, const char **out,
                 struct err *err) {
    struct url from, to;
    if (!url_parse(arena, base, &from, err) || !url_parse(arena, reference, &to, err))
        return false;
    if (*to.scheme) {
        *out = arena_strdup(arena, reference);
        return true;
    }
    to.scheme = from.scheme;
    if (!*to.host) {
        to.host = from.host;
        to.port = from.port;
        if (!*to.path && !to.query)
            to.query = from.query;
        to.path = *to.path ? remove_dots(arena, merge_paths(arena, &from, to.path)) : from.path;
    }
    *out = url_text(arena, &to);
    return true;
}

const char *url_join(struct arena *arena, const char *base, const char *path) {
    size_t stem = strcspn(base, "?#"), end = stem;
    while (end && base[end - 1] == '/')
        end--;
    while (*path == '/')
        path++;
    return arena_printf(arena, "%.*s/%s%s", (int)end, base, path, base + stem);
}

const char *url_escape(struct arena *arena, const char *text) {
    char *out = arena_alloc(arena, strlen(text) * 3 + 1), *to = out;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (isalnum(c) || strchr("-._~", c)) {
            *to++ = (char)c;
        } else {
            *to++ = '%';
            *to++ = "0123456789ABCDEF"[c >> 4];
            *to++ = "0123456789ABCDEF"[c & 15];
        }
    }
    return out;
}

bool url_is_loopback(const struct url *url) {
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, url->host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return !strcmp(url->host, "localhost") ||
           (inet_pton(AF_INET6, url->host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six));
}

bool url_same_origin(struct arena *arena, const char *a, const char *b) {
    struct url x, y;
    struct err ignored = err_in(arena);
    return url_parse(arena, a, &x, &ignored) && url_parse(arena, b, &y, &ignored) &&
           !strcmp(x.scheme, y.scheme) && !strcmp(x.host, y.host) && url_port(&x) == url_port(&y);
}
