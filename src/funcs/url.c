// SPDX-License-Identifier: Apache-2.0
// sprig's urlParse and urlJoin: between a URL and a dictionary of its parts.
#include "go/url.h"
#include "funcs/private.h"
#include "template/function.h"

#include <string.h>

static bool url_parse(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct arena *arena = rt->heap->arena;
    struct err err = err_in(arena);
    struct go_url url;
    if (!go_url_parse(arena, args[0].u.text, args[0].len, &url, &err))
        return rt_fail(rt, "unable to parse url: %s", err.msg);
    struct buf user;
    buf_init(&user, arena);
    if (url.has_user)
        go_url_userinfo(&user, &url);
    struct rmap *map = rmap_create(rt->heap, 8);
    rmap_put(map, "scheme", rv_literal(url.scheme));
    rmap_put(map, "host", rv_literal(url.host));
    rmap_put(map, "hostname", rv_literal(go_url_hostname(arena, &url)));
    rmap_put(map, "path", rv_literal(url.path));
    rmap_put(map, "query", rv_literal(url.query));
    rmap_put(map, "opaque", rv_literal(url.opaque));
    rmap_put(map, "fragment", rv_literal(url.fragment));
    rmap_put(map, "userinfo", rv_buf(&user));
    *out = rv_map(RT_MAP, map);
    return true;
}

// A member's text; missing is empty, anything but a string a panic.
static bool member(struct rt *rt, struct rv dict, const char *key, const char **out) {
    struct rv v;
    *out = "";
    if (!rmap_get(dict.u.map, key, strlen(key), &v))
        return true;
    if (v.type == RT_NIL)
        return rt_fail(rt, "runtime error: invalid memory address or nil pointer dereference");
    if (v.type != RT_STRING)
        return rt_fail(rt, "unable to parse %s key, must be of type string, but %s found", key,
                       rv_kind_name(v));
    *out = rv_cstr(rt->heap, v);
    return true;
}

static bool read_userinfo(struct rt *rt, const char *userinfo, struct go_url *url) {
    struct err err = err_in(rt->heap->arena);
    struct go_url read;
    const char *text = arena_printf(rt->heap->arena, "proto://%s@host", userinfo);
    if (!*userinfo)
        return true;
    if (!go_url_parse(rt->heap->arena, text, strlen(text), &read, &err))
        return rt_fail(rt, "unable to parse userinfo in dict: %s", err.msg);
    url->has_user = read.has_user;
    url->has_password = read.has_password;
    url->username = read.username;
    url->password = read.password;
    return true;
}

static bool url_join(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct go_url url = {.username = "", .password = ""};
    const char *userinfo;
    const struct {
        const char *key;
        const char **to;
    } members[] = {{"scheme", &url.scheme}, {"host", &url.host},     {"path", &url.path},
                   {"query", &url.query},   {"opaque", &url.opaque}, {"fragment", &url.fragment},
                   {"userinfo", &userinfo}};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (!member(rt, args[0], members[i].key, members[i].to))
            return false;
    }
    if (!read_userinfo(rt, userinfo, &url))
        return false;
    struct buf text;
    buf_init(&text, rt->heap->arena);
    go_url_string(&text, &url);
    *out = rv_buf(&text);
    return true;
}

const struct rt_func funcs_url[] = {
    {"urlJoin", "m", url_join, 0},
    {"urlParse", "s", url_parse, 0},
    {NULL, NULL, NULL, 0},
};
