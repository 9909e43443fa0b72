// SPDX-License-Identifier: Apache-2.0
// Charts in OCI registries: tags, manifests, the chart's layer. Rules: OCI distribution spec 1.1 and helm
// pkg/registry (media types, "+" in versions written "_" in tags).
#include "crypto/digest.h"
#include "repo/private.h"
#include "repo/tags.h"

#include "base/cursor.h"
#include "codec/json.h"
#include "go/semver.h"
#include "http/status.h"
#include "http/url.h"

#include <string.h>

#define MANIFEST_TYPES                                                                                       \
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "                  \
    "application/vnd.docker.distribution.manifest.v2+json, "                                                 \
    "application/vnd.docker.distribution.manifest.list.v2+json"

enum { TAG_PAGES = 100, MANIFESTS_TRIED = 16 };

static const char *const LAYER_TYPES[] = {"application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                                          "application/tar+gzip"};

struct registry {
    struct fetch *fetch;
    const char *host, *name; // "ghcr.io:443", "org/charts/operator"
    const char *base;        // "https://ghcr.io:443/v2/org/charts/operator"
    struct registry_login login;
    const char *authorization; // header value once the registry asked for one
};

// Loopback registries speak plain HTTP, as for docker, unless certificates say otherwise.
static bool speaks_plain(struct arena *arena, const struct repo_options *options, const char *host) {
    struct url url;
    struct err ignored = err_in(arena);
    bool loopback =
        url_parse(arena, arena_printf(arena, "http://%s", host), &url, &ignored) && url_is_loopback(&url);
    return options->plain_http || (loopback && !options->ca_pem && !options->insecure_skip_tls_verify);
}

// Docker's registry answers under another name than the one it goes by.
static const char *api_host(const char *host) {
    return strcmp(host, "docker.io") ? host : "registry-1.docker.io";
}

static bool tag_agrees(struct fetch *fetch, const char *tag) {
    const char *wanted = fetch->options->version;
    bool agrees = true;
    struct err ignored = err_in(fetch->call->arena);
    const char *version =
        tags_version(fetch->call->arena, arena_strndup(fetch->call->arena, tag, strcspn(tag, "@")));
    return !wanted || !*wanted || !strcmp(wanted, version) ||
           (semver_satisfies(fetch->call->arena, wanted, version, &agrees, &ignored) && agrees);
}

// What else a reference or a manifest may hold must not become part of a URL.
static bool is_digest(const char *text) {
    size_t algorithm = text ? strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+._-") : 0;
    const char *hex = algorithm && text[algorithm] == ':' ? text + algorithm + 1 : "";
    return *hex && !hex[strspn(hex, "0123456789abcdefABCDEF")];
}

// What a reference names behind the chart; each NULL where it does not.
struct named {
    const char *tag, *digest;
};

// Takes "[:TAG][@DIGEST]" off the name.
static struct named take_named(char *name) {
    struct named named = {0};
    char *at = strchr(name, '@');
    if (at) {
        *at = 0;
        named.digest = at + 1;
    }
    char *colon = strrchr(name, ':');
    if (colon) {
        *colon = 0;
        named.tag = colon + 1;
    }
    return named;
}

static bool check_named(struct fetch *fetch, const char *reference, struct named named, struct err *err) {
    if (named.digest && !is_digest(named.digest))
        return err_set(err, ERR_INVALID,
                       "\"%s\": what stands behind @ is the digest of a manifest, sha256: and 64 digits, as "
                       "`helm push` prints it",
                       reference);
    return !named.tag || tag_agrees(fetch, named.tag) ||
           err_set(err, ERR_INVALID,
                   "\"%s\" names a version, and version = \"%s\" is another one: leave one of them out",
                   reference, fetch->options->version);
}

// "oci://host/path/name[:tag][@digest]"
static bool parse_reference(struct fetch *fetch, const char *reference, struct registry *out,
                            struct named *named, struct err *err) {
    struct arena *arena = fetch->call->arena;
    const char *rest = reference + strlen("oci://"), *slash = strchr(rest, '/');
    if (!slash || slash == rest || !slash[1])
        return err_set(err, ERR_INVALID, "\"%s\" is no chart in an OCI registry: write oci://HOST/PATH/CHART",
                       reference);
    char *name = arena_strdup(arena, slash + 1);
    *named = take_named(name);
    if (!check_named(fetch, reference, *named, err))
        return false;
    out->fetch = fetch;
    out->host = arena_strndup(arena, rest, (size_t)(slash - rest));
    out->name = name;
    out->base = arena_printf(arena, "%s://%s/v2/%s",
                             speaks_plain(arena, fetch->options, out->host) ? "http" : "https",
                             api_host(out->host), name);
    out->login = registry_login_for(fetch, out->host);
    out->login.encrypted = !strncmp(out->base, "https://", 8);
    return true;
}

static bool answer_error(struct registry *registry, const char *what, const struct http_response *response,
                         struct err *err) {
    struct arena *arena = registry->fetch->call->arena;
    struct value body;
    struct err ignored = err_in(arena);
    const char *message = NULL;
    enum err_kind kind = http_status_kind(response->status);
    if (json_decode(arena, response->body, response->body_len, &body, &ignored))
        message = value_dig_string(value_at(value_get(body, "errors"), 0), "message", NULL);
    const struct {
        int status;
        const char *text;
    } known[] = {{401, registry->login.username ? "the registry does not accept the login that was given"
                                                : "the registry wants a login"},
                 {403, "the login may not read it"},
                 {404, "there is no such chart or version"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].status == response->status)
            return err_set(err, kind, "%s/%s, %s: %s (HTTP %d%s%s)", registry->host, registry->name, what,
                           known[i].text, response->status, message ? ": " : "", message ? message : "");
    return err_set(err, kind, "%s/%s, %s: HTTP %d%s%s", registry->host, registry->name, what,
                   response->status, message ? ": " : "", message ? message : "");
}

static bool attempt(struct registry *registry, const char *url, const char *accept, struct http_response *out,
                    struct err *err) {
    struct http_header headers[] = {{"Accept", accept}};
    const char *authorization = registry->authorization;
    struct http_request request = {.url = url,
                                   .headers = headers,
                                   .header_count = accept ? 1 : 0,
                                   .follow = true,
                                   .limit = HELM_CHART_LIMIT};
    if (authorization && !strncmp(authorization, "Bearer ", 7))
        request.bearer = authorization + 7;
    if (authorization && !strncmp(authorization, "Basic", 5)) {
        request.username = registry->login.username;
        request.password = registry->login.password;
    }
    return http_do(registry->fetch->call, registry->fetch->http, &request, out, err);
}

// Something that a registry has.
struct resource {
    const char *what; // for errors
    const char *url;
    const char *accept; // its media types, NULL for any
    const char *digest; // of a manifest, NULL where it is not known
};

// GET, logging in when the registry asks for it.
static bool get(struct registry *registry, const struct resource *resource, struct http_response *out,
                struct err *err) {
    if (!attempt(registry, resource->url, resource->accept, out, err))
        return false;
    // Who the request was redirected to may ask for a login of its own, not for the registry's.
    bool own = url_same_origin(registry->fetch->call->arena, out->url, registry->base);
    const char *challenge = own ? http_header_get(out, "www-authenticate") : NULL;
    if (out->status == 401 && challenge && !registry->authorization) {
        const char *scope = arena_printf(registry->fetch->call->arena, "repository:%s:pull", registry->name);
        registry->authorization =
            registry_authorize(registry->fetch, &registry->login, challenge, scope, err);
        if (!registry->authorization)
            return err_wrap(err, "log in to %s", registry->host);
        if (!attempt(registry, resource->url, resource->accept, out, err))
            return false;
    }
    return (out->status >= 200 && out->status < 300) || answer_error(registry, resource->what, out, err);
}

static bool get_json(struct registry *registry, const struct resource *resource, struct value *out,
                     struct err *err) {
    const char *what = resource->what, *digest = resource->digest;
    struct arena *arena = registry->fetch->call->arena;
    struct http_response response;
    if (!get(registry, resource, &response, err))
        return false;
    const char *actual = crypto_content_digest(arena, response.body, response.body_len);
    if (digest && strcmp(digest, actual) != 0)
        return err_set(err, ERR_INVALID, "%s/%s, %s: the digest is %s, expected %s", registry->host,
                       registry->name, what, actual, digest);
    return json_decode(arena, response.body, response.body_len, out, err) ||
           err_wrap(err, "%s/%s, %s", registry->host, registry->name, what);
}

// The Link header of a paged answer: <…>; rel="next". The login goes along, so it must not lead elsewhere.
static bool next_page(struct registry *registry, const struct http_response *response, const char **url,
                      struct err *err) {
    struct arena *arena = registry->fetch->call->arena;
    struct cursor rest = cursor_of(http_header_get(response, "link")), link;
    const char *here = *url;
    bool more = cursor_eat(&rest, "<");
    link = cursor_until(&rest, ">");
    *url = NULL;
    if (!more || !cursor_left(link) || !strstr(cursor_text(rest, arena), "next"))
        return true;
    if (!url_resolve(arena, here, cursor_text(link, arena), url, err))
        return err_wrap(err, "%s/%s, list of tags: the link to its next page", registry->host,
                        registry->name);
    return url_same_origin(arena, *url, registry->base) ||
           err_set(err, ERR_INVALID,
                   "%s/%s: the list of tags goes on at another address, %s, which is not followed: a login "
                   "belongs to the registry alone. Name an exact version, which needs no list",
                   registry->host, registry->name, fetch_shown(registry->fetch, *url));
}

// All versions of the chart, newest first.
static bool list_tags(struct registry *registry, struct tags *tags, struct err *err) {
    struct arena *arena = registry->fetch->call->arena;
    const char *url = arena_printf(arena, "%s/tags/list", registry->base);
    *tags = (struct tags){0};
    for (int page = 0; url && page < TAG_PAGES; page++) {
        struct http_response response;
        struct value answer;
        if (!get(registry, &(struct resource){.what = "list of tags", .url = url}, &response, err))
            return false;
        if (!json_decode(arena, response.body, response.body_len, &answer, err))
            return err_wrap(err, "%s/%s, list of tags", registry->host, registry->name);
        tags_add(arena, value_get(answer, "tags"), tags);
        if (!next_page(registry, &response, &url, err))
            return false;
    }
    tags_sort(tags);
    return true;
}

static bool has_not(struct registry *registry, const struct tags *tags, const char *what, struct err *err) {
    registry->fetch->absent = true;
    return err_set(err, ERR_NOT_FOUND, "%s/%s has no version %s; it has %s", registry->host, registry->name,
                   what, tags_text(registry->fetch->call->arena, tags, what));
}

static const char *choose_tag(struct registry *registry, struct err *err) {
    const struct repo_options *options = registry->fetch->options;
    struct arena *arena = registry->fetch->call->arena;
    bool any = !options->version || !*options->version;
    const char *text = !any ? options->version : options->devel ? ">0.0.0-0" : "*";
    struct tags tags;
    const struct semver_constraint *constraint =
        semver_constraint_parse(arena, text, SEMVER_PRE_BY_GROUP, err);
    if (!constraint) {
        err_wrap(err, "version \"%s\"", text);
        return NULL;
    }
    if (!list_tags(registry, &tags, err))
        return NULL;
    for (size_t i = 0; i < tags.count; i++)
        if (semver_constraint_check(constraint, &tags.items[i].parsed))
            return tags_tag(arena, tags.items[i].text);
    has_not(registry, &tags, arena_printf(arena, "that satisfies \"%s\"", text), err);
    return NULL;
}

// A version is its own tag, also a loose one (v1.2.3, 1.2) as for helm; NULL for what has to be looked for.
static const char *own_tag(struct registry *registry) {
    const char *version = registry->fetch->options->version;
    struct arena *arena = registry->fetch->call->arena;
    struct semver parsed;
    struct err ignored = err_in(arena);
    bool given = version && *version && semver_parse(arena, version, &parsed, &ignored);
    return given ? tags_tag(arena, version) : NULL;
}

static struct value chart_layer(struct value manifest) {
    struct value layers = value_get(manifest, "layers");
    for (size_t type = 0; type < sizeof LAYER_TYPES / sizeof *LAYER_TYPES; type++)
        for (size_t i = 0; i < value_len(layers); i++) {
            if (value_is_text(value_get(value_at(layers, i), "mediaType"), LAYER_TYPES[type]))
                return value_at(layers, i);
        }
    return value_null();
}

// An index may hold images and the like beside the chart: the first manifest with a chart's layer counts.
static bool read_inner(struct registry *registry, struct value list, struct value *out, struct err *err) {
    struct arena *arena = registry->fetch->call->arena;
    for (size_t i = 0; i < value_len(list) && i < MANIFESTS_TRIED; i++) {
        const char *digest = value_dig_string(value_at(list, i), "digest", NULL);
        const char *url = arena_printf(arena, "%s/manifests/%s", registry->base, digest ? digest : "");
        if (!is_digest(digest))
            continue;
        struct resource inner = {"manifest of an index", url, MANIFEST_TYPES, digest};
        if (!get_json(registry, &inner, out, err))
            return false;
        if (!value_is_null(chart_layer(*out)))
            return true;
    }
    return true;
}

// `reference` is a tag or a digest.
static bool read_manifest(struct registry *registry, const char *reference, struct value *out,
                          struct err *err) {
    const char *url =
        arena_printf(registry->fetch->call->arena, "%s/manifests/%s", registry->base, reference);
    struct resource manifest = {"manifest", url, MANIFEST_TYPES, is_digest(reference) ? reference : NULL};
    return get_json(registry, &manifest, out, err) &&
           read_inner(registry, value_get(*out, "manifests"), out, err);
}

// As for helm, the digest decides: a tag beside it need not exist, but where it does it leads to the same.
static bool read_pinned(struct registry *registry, struct named named, struct value *out, struct err *err) {
    struct arena *arena = registry->fetch->call->arena;
    struct http_response response;
    struct err untagged = err_in(arena);
    struct resource tagged = {.what = "manifest", .accept = MANIFEST_TYPES};
    if (named.tag) {
        tagged.url = arena_printf(arena, "%s/manifests/%s", registry->base, named.tag);
        if (get(registry, &tagged, &response, &untagged)) {
            const char *actual = crypto_content_digest(arena, response.body, response.body_len);
            if (strcmp(actual, named.digest) != 0)
                return err_set(err, ERR_INVALID,
                               "%s/%s: the tag %s leads to %s, not to %s. Leave the tag out, or the digest, "
                               "whichever is not meant",
                               registry->host, registry->name, named.tag, actual, named.digest);
        }
    }
    return read_manifest(registry, named.digest, out, err);
}

// Says what there is instead, where the registry tells.
static bool no_such_version(struct registry *registry, const char *tag, struct err *err) {
    struct arena *arena = registry->fetch->call->arena;
    struct err ignored = err_in(arena);
    const char *version = tags_version(arena, tag);
    struct tags tags;
    if (err->kind != ERR_NOT_FOUND || !list_tags(registry, &tags, &ignored))
        return false;
    const char *same = tags_same(arena, &tags, version);
    if (!same)
        return has_not(registry, &tags, version, err);
    registry->fetch->absent = true;
    return err_set(err, ERR_NOT_FOUND, "%s/%s has no version %s, but the tag %s: write it like that",
                   registry->host, registry->name, version, same);
}

static bool read_layer(struct registry *registry, struct value manifest, struct packed *out,
                       struct err *err) {
    struct arena *arena = registry->fetch->call->arena;
    struct value layer = chart_layer(manifest);
    const char *digest = value_text_or(value_get(layer, "digest"), "");
    struct http_response response;
    if (value_is_null(layer))
        return err_set(err, ERR_INVALID,
                       "%s/%s is no Helm chart: its manifest has no layer of type %s (an image has the same "
                       "form; is the path "
                       "right?)",
                       registry->host, registry->name, LAYER_TYPES[0]);
    if (!is_digest(digest))
        return err_set(err, ERR_INVALID,
                       "%s/%s: its manifest names the chart by \"%.80s\", which is no digest", registry->host,
                       registry->name, digest);
    if (repo_cache_get(registry->fetch, digest, out))
        return true;
    const char *url = arena_printf(arena, "%s/blobs/%s", registry->base, digest);
    if (!get(registry, &(struct resource){.what = "chart layer", .url = url}, &response, err))
        return false;
    *out = (struct packed){.data = response.body, .len = response.body_len};
    out->digest = crypto_content_digest(arena, response.body, response.body_len);
    if (strcmp(out->digest, digest) != 0)
        return err_set(err, ERR_INVALID,
                       "%s/%s is not what its manifest promised: the chart's digest is %s, expected %s. The "
                       "download was "
                       "damaged or replaced; ask who runs the registry",
                       registry->host, registry->name, out->digest, digest);
    return true;
}

// Finds the manifest that the options' version means. Where a loose version is no tag, it is a constraint.
static bool find_manifest(struct registry *registry, const char **tag, struct value *out, struct err *err) {
    struct semver parsed;
    struct err ignored = err_in(registry->fetch->call->arena);
    const char *own = own_tag(registry);
    if (own && read_manifest(registry, own, out, err)) {
        *tag = own;
        return true;
    }
    if (own && (err->kind != ERR_NOT_FOUND ||
                semver_parse_strict(registry->fetch->call->arena, registry->fetch->options->version, &parsed,
                                    &ignored)))
        return no_such_version(registry, own, err);
    err->kind = ERR_NONE;
    *tag = choose_tag(registry, err);
    return *tag && read_manifest(registry, *tag, out, err);
}

static bool read_named(struct registry *registry, struct named named, struct value *out, struct err *err) {
    if (named.digest)
        return read_pinned(registry, named, out, err);
    return read_manifest(registry, named.tag, out, err) || no_such_version(registry, named.tag, err);
}

bool registry_fetch(struct fetch *fetch, const char *reference, struct packed *out, struct err *err) {
    struct registry registry = {0};
    struct value manifest;
    struct named named;
    if (!parse_reference(fetch, reference, &registry, &named, err))
        return false;
    bool chosen = !named.digest && !named.tag;
    if (chosen ? !find_manifest(&registry, &named.tag, &manifest, err)
               : !read_named(&registry, named, &manifest, err))
        return false;
    if (!read_layer(&registry, manifest, out, err))
        return false;
    out->origin = arena_printf(fetch->call->arena, "oci://%s/%s", registry.host, registry.name);
    out->pinned = named.digest != NULL;
    out->version = out->pinned ? "" : tags_version(fetch->call->arena, named.tag);
    return true;
}
