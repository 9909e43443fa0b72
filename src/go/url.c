// SPDX-License-Identifier: Apache-2.0
#include "go/url.h"

#include "base/percent.h"
#include "go/quote.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

enum part { PART_PATH, PART_HOST, PART_ZONE, PART_USER, PART_FRAGMENT };

static bool is_plain(unsigned char c) {
    return (c < 0x80 && isalnum(c)) || (c && strchr("-_.~", c));
}

// Bytes that stand for themselves in each part.
static bool is_literal(unsigned char c, enum part part) {
    static const char *const also[] = {
        [PART_PATH] = "$&+,/:;=@", [PART_HOST] = "!$&'()*+,;=:[]<>\"", [PART_ZONE] = "!$&'()*+,;=:[]<>\"",
        [PART_USER] = "$&+,;=",    [PART_FRAGMENT] = "$&+,/:;=?@!()*",
    };
    return is_plain(c) || (c && strchr(also[part], c));
}

static void escape(struct buf *out, const char *text, enum part part) {
    for (; *text; text++) {
        if (is_literal((unsigned char)*text, part))
            buf_char(out, *text);
        else
            buf_printf(out, "%%%02X", (unsigned char)*text);
    }
}

static bool fail_quoting(struct err *err, const char *before, const char *text, size_t len,
                         const char *after) {
    struct buf quoted;
    buf_init(&quoted, err->arena);
    quote_text(&quoted, text, len);
    return err_set(err, ERR_INVALID, "%s%s%s", before, buf_text(&quoted), after);
}

// Hosts may escape only what is not ASCII; zones also space and what hosts could not hold.
static bool may_escape(const char *at, unsigned char c, enum part part) {
    if (!strncmp(at, "%25", 3))
        return true;
    return part == PART_HOST ? c >= 0x80 : part != PART_ZONE || c == ' ' || is_literal(c, PART_HOST);
}

static bool unescape(struct arena *arena, const char *text, enum part part, const char **out,
                     struct err *err) {
    struct buf plain;
    buf_init(&plain, arena);
    for (const char *at = text; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '%') {
            int byte = percent_byte(at);
            if (byte < 0 || !may_escape(at, (unsigned char)byte, part))
                return fail_quoting(err, "invalid URL escape ", at, strnlen(at, 3), "");
            buf_char(&plain, (char)byte);
            at += 2;
        } else if ((part == PART_HOST || part == PART_ZONE) && c < 0x80 && !is_literal(c, part)) {
            return fail_quoting(err, "invalid character ", at, 1, " in host name");
        } else {
            buf_char(&plain, *at);
        }
    }
    *out = arena_strndup(arena, plain.len ? plain.ptr : "", plain.len);
    return true;
}

// Cuts `*text` at the first `c`; what follows, or "".
static const char *cut(struct arena *arena, const char **text, char c) {
    const char *at = strchr(*text, c);
    if (!at)
        return "";
    *text = arena_strndup(arena, *text, (size_t)(at - *text));
    return at + 1;
}

static bool scan_scheme(struct arena *arena, const char **rest, struct go_url *out, struct err *err) {
    const char *at = *rest;
    if (*at == ':')
        return err_set(err, ERR_INVALID, "missing protocol scheme");
    if (!isalpha((unsigned char)*at))
        return true;
    while (isalnum((unsigned char)*at) || (*at && strchr("+-.", *at)))
        at++;
    if (*at != ':')
        return true;
    char *scheme = arena_strndup(arena, *rest, (size_t)(at - *rest));
    for (char *c = scheme; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    out->scheme = scheme;
    *rest = at + 1;
    return true;
}

static bool check_port(const char *colon_port, struct err *err) {
    if (!*colon_port || (*colon_port == ':' && !colon_port[1 + strspn(colon_port + 1, "0123456789")]))
        return true;
    return fail_quoting(err, "invalid port ", colon_port, strlen(colon_port), " after host");
}

// An IPv6 address with an optional zone; our libc says yes or no, the words are Go's where they
// are simple.
static bool check_address(struct arena *arena, const char *name, struct err *err) {
    unsigned char bytes[16];
    const char *zone = strchr(name, '%');
    const char *address = zone ? arena_strndup(arena, name, (size_t)(zone - name)) : name;
    if (inet_pton(AF_INET, address, bytes) == 1 && !zone)
        return err_set(err, ERR_INVALID, "invalid IP-literal");
    if (inet_pton(AF_INET6, address, bytes) == 1 && (!zone || zone[1]))
        return true;
    return fail_quoting(err, "invalid host: ParseAddr(", name, strlen(name), "): unable to parse IP");
}

static bool parse_literal(struct arena *arena, const char *host, struct go_url *out, struct err *err) {
    const char *end = strrchr(host, ']'), *port, *name, *zone = "";
    if (!end)
        return err_set(err, ERR_INVALID, "missing ']' in host");
    const char *inside = arena_strndup(arena, host + 1, (size_t)(end - host) - 1);
    if (!check_port(end + 1, err) || !unescape(arena, end + 1, PART_HOST, &port, err))
        return false;
    const char *percent = strstr(inside, "%25");
    if (percent && !unescape(arena, percent, PART_ZONE, &zone, err))
        return false;
    if (percent)
        inside = arena_strndup(arena, inside, (size_t)(percent - inside));
    if (!unescape(arena, inside, PART_HOST, &name, err))
        return false;
    name = arena_printf(arena, "%s%s", name, zone);
    out->host = arena_printf(arena, "[%s]%s", name, port);
    return check_address(arena, name, err);
}

static bool parse_host(struct arena *arena, const char *host, struct go_url *out, struct err *err) {
    const char *bracket = strrchr(host, '['), *colon = strchr(host, ':');
    if (bracket && bracket != host)
        return err_set(err, ERR_INVALID, "invalid IP-literal");
    if (bracket)
        return parse_literal(arena, host, out, err);
    bool web = !strcmp(out->scheme, "http") || !strcmp(out->scheme, "https");
    if (colon && !web)
        colon = strrchr(host, ':');
    return (!colon || check_port(colon, err)) && unescape(arena, host, PART_HOST, &out->host, err);
}

static bool parse_user(struct arena *arena, const char *user, struct go_url *out, struct err *err) {
    for (const char *c = user; *c; c++) {
        if (!is_plain((unsigned char)*c) && !strchr(":!$&'()*+,;=%@", *c))
            return err_set(err, ERR_INVALID, "net/url: invalid userinfo");
    }
    out->has_user = true;
    out->has_password = strchr(user, ':') != NULL;
    const char *password = cut(arena, &user, ':');
    return unescape(arena, user, PART_USER, &out->username, err) &&
           unescape(arena, password, PART_USER, &out->password, err);
}

static bool parse_authority(struct arena *arena, const char *authority, struct go_url *out, struct err *err) {
    const char *at = strrchr(authority, '@');
    if (!parse_host(arena, at ? at + 1 : authority, out, err))
        return false;
    return !at || parse_user(arena, arena_strndup(arena, authority, (size_t)(at - authority)), out, err);
}

static bool differs(struct arena *arena, const char *plain, const char *raw, enum part part) {
    struct buf again;
    buf_init(&again, arena);
    escape(&again, plain, part);
    return strcmp(buf_text(&again), raw) != 0;
}

static bool parse_path(struct arena *arena, const char *rest, struct go_url *out, struct err *err) {
    if (!unescape(arena, rest, PART_PATH, &out->path, err))
        return false;
    out->raw_path = differs(arena, out->path, rest, PART_PATH) ? rest : NULL;
    return true;
}

static bool parse_after_scheme(struct arena *arena, const char *rest, struct go_url *out, struct err *err) {
    if (*rest != '/' && *out->scheme) {
        out->opaque = rest;
        return true;
    }
    if (*rest != '/' && rest[strcspn(rest, ":/")] == ':')
        return err_set(err, ERR_INVALID, "first path segment in URL cannot contain colon");
    if (!strncmp(rest, "//", 2) && (*out->scheme || rest[2] != '/')) {
        size_t len = strcspn(rest + 2, "/");
        if (!parse_authority(arena, arena_strndup(arena, rest + 2, len), out, err))
            return false;
        rest += 2 + len;
    } else if (*out->scheme && *rest == '/') {
        out->omit_host = true;
    }
    return parse_path(arena, rest, out, err);
}

static bool parse(struct arena *arena, const char *text, size_t len, struct go_url *out, struct err *err) {
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7F)
            return err_set(err, ERR_INVALID, "net/url: invalid control character in URL");
    }
    const char *rest = text;
    if (!strcmp(rest, "*")) {
        out->path = "*";
        return true;
    }
    if (!scan_scheme(arena, &rest, out, err))
        return false;
    const char *question = strchr(rest, '?');
    out->force_query = question && !question[1];
    out->query = cut(arena, &rest, '?');
    return parse_after_scheme(arena, rest, out, err);
}

static bool wrap(struct err *err, const char *text, size_t len) {
    const char *why = err->msg;
    fail_quoting(err, "parse ", text, len, "");
    return err_set(err, ERR_INVALID, "%s: %s", err->msg, why);
}

bool go_url_parse(struct arena *arena, const char *text, size_t len, struct go_url *out, struct err *err) {
    *out = (struct go_url){"", "", false, false, "", "", "", "", NULL, "", "", NULL, false, false};
    const char *hash = memchr(text, '#', len);
    size_t before = hash ? (size_t)(hash - text) : len;
    const char *main = arena_strndup(arena, text, before);
    if (!parse(arena, main, before, out, err))
        return wrap(err, main, before);
    if (!hash || before + 1 == len)
        return true;
    const char *fragment = arena_strndup(arena, hash + 1, len - before - 1);
    if (!unescape(arena, fragment, PART_FRAGMENT, &out->fragment, err))
        return wrap(err, text, len);
    out->raw_fragment = differs(arena, out->fragment, fragment, PART_FRAGMENT) ? fragment : NULL;
    return true;
}

// The raw form when it is a valid spelling of the decoded one, else the default spelling.
static void add_escaped(struct buf *out, const char *plain, const char *raw, enum part part) {
    bool valid = raw != NULL;
    for (const char *c = raw; valid && *c; c++)
        valid = is_literal((unsigned char)*c, part) || strchr("!$&'()*+,;=:@[]%", *c);
    if (valid)
        buf_str(out, raw);
    else
        escape(out, plain, part);
}

void go_url_userinfo(struct buf *out, const struct go_url *url) {
    escape(out, url->username, PART_USER);
    if (url->has_password) {
        buf_char(out, ':');
        escape(out, url->password, PART_USER);
    }
}

static void add_authority(struct buf *out, const struct go_url *url) {
    if (!*url->scheme && !*url->host && !url->has_user)
        return;
    if (url->omit_host && !*url->host && !url->has_user)
        return;
    if (*url->host || *url->path || url->has_user)
        buf_str(out, "//");
    if (url->has_user) {
        go_url_userinfo(out, url);
        buf_char(out, '@');
    }
    escape(out, url->host, PART_HOST);
}

static const char *escaped_path(struct arena *arena, const struct go_url *url) {
    struct buf path;
    buf_init(&path, arena);
    if (!strcmp(url->path, "*"))
        buf_char(&path, '*');
    else
        add_escaped(&path, url->path, url->raw_path, PART_PATH);
    return buf_text(&path);
}

static void add_path(struct buf *out, const struct go_url *url, size_t start) {
    const char *text = escaped_path(out->arena, url);
    if (*text && *text != '/' && *url->host)
        buf_char(out, '/');
    if (out->len == start && text[strcspn(text, ":/")] == ':')
        buf_str(out, "./"); // or it would read as a scheme
    buf_str(out, text);
}

void go_url_string(struct buf *out, const struct go_url *url) {
    size_t start = out->len;
    if (*url->scheme)
        buf_printf(out, "%s:", url->scheme);
    if (*url->opaque) {
        buf_str(out, url->opaque);
    } else {
        add_authority(out, url);
        add_path(out, url, start);
    }
    if (url->force_query || *url->query)
        buf_printf(out, "?%s", url->query);
    if (*url->fragment) {
        buf_char(out, '#');
        add_escaped(out, url->fragment, url->raw_fragment, PART_FRAGMENT);
    }
}

const char *go_url_hostname(struct arena *arena, const struct go_url *url) {
    const char *colon = strrchr(url->host, ':');
    size_t len = strlen(url->host);
    if (colon && !colon[1 + strspn(colon + 1, "0123456789")])
        len = (size_t)(colon - url->host);
    bool literal = len > 1 && url->host[0] == '[' && url->host[len - 1] == ']';
    return arena_strndup(arena, url->host + literal, len - 2 * literal);
}

// ---- a reference ----

// How much of the path stays when its last element goes; the slash in front always does.
static size_t above(const char *path, size_t len) {
    while (len > 1 && path[len - 1] != '/')
        len--;
    return len > 1 ? len - 1 : 1;
}

static bool is_element(const char *at, size_t len, const char *dots) {
    return strlen(dots) == len && !memcmp(at, dots, len);
}

// An absolute path without "." and "..".
static const char *without_dots(struct arena *arena, const char *path) {
    char *out = arena_alloc(arena, strlen(path) + 3);
    size_t len = 0;
    bool first = true, dots = false;
    out[len++] = '/';
    for (const char *at = path; at; at = *at ? at + 1 : NULL) {
        size_t size = strcspn(at, "/");
        bool up = is_element(at, size, "..");
        dots = up || is_element(at, size, ".");
        if (up)
            len = above(out, len);
        if (!dots && !first)
            out[len++] = '/';
        if (!dots)
            memcpy(out + len, at, size);
        len += dots ? 0 : size;
        first = up && len == 1;
        at += size;
    }
    if (dots)
        out[len++] = '/';
    out[len] = '\0';
    return out + (out[1] == '/');
}

static const char *resolve_path(struct arena *arena, const char *base, const char *reference) {
    const char *slash = strrchr(base, '/'), *full = *reference ? reference : base;
    if (*reference && *reference != '/' && slash)
        full = arena_printf(arena, "%.*s%s", (int)(slash + 1 - base), base, reference);
    return *full ? without_dots(arena, full) : "";
}

static void set_path(struct arena *arena, struct go_url *url, const char *path) {
    struct err never = err_in(arena); // what it is made of is escaped already
    parse_path(arena, path, url, &never);
}

static void take_user(struct go_url *to, const struct go_url *from) {
    to->has_user = from->has_user;
    to->has_password = from->has_password;
    to->username = from->username;
    to->password = from->password;
}

static void make_opaque(struct go_url *url, const char *opaque) {
    static const struct go_url nobody = {.username = "", .password = ""};
    take_user(url, &nobody);
    url->opaque = opaque;
    url->host = url->path = "";
}

void go_url_resolve(struct arena *arena, const struct go_url *base, const struct go_url *reference,
                    struct go_url *out) {
    const char *path = escaped_path(arena, reference);
    bool net = *reference->scheme || *reference->host || reference->has_user;
    *out = *reference;
    if (!*reference->scheme)
        out->scheme = base->scheme;
    if (!net && !*reference->path && !reference->force_query && !*reference->query) {
        out->query = base->query;
        out->fragment = *reference->fragment ? reference->fragment : base->fragment;
        out->raw_fragment = *reference->fragment ? reference->raw_fragment : base->raw_fragment;
    }
    if (net) {
        set_path(arena, out, resolve_path(arena, path, ""));
    } else if (!*reference->path && *base->opaque) {
        make_opaque(out, base->opaque);
    } else {
        out->host = base->host;
        take_user(out, base);
        set_path(arena, out, resolve_path(arena, escaped_path(arena, base), path));
    }
}
