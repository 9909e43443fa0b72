// SPDX-License-Identifier: Apache-2.0
// Charts in OCI registries: tags, manifests, the chart's layer. Rules: OCI distribution spec 1.1 and helm
// pkg/registry (media types, "+" in versions written "_" in tags).
#include "helm/repo_private.h"

#include "base/buf.h"
#include "codec/json.h"
#include "helm/private.h"
#include "http/url.h"
#include "template/semver.h"

#include <string.h>

#define MANIFEST_TYPES                                                                                       \
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "                  \
    "application/vnd.docker.distribution.manifest.v2+json, "                                                 \
    "application/vnd.docker.distribution.manifest.list.v2+json"

enum { TAG_PAGES = 100 };

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
static bool speaks_plain(const struct helm_repo_options *options, const char *host) {
    bool loopback = !strncmp(host, "127.", 4) || !strncmp(host, "localhost", 9) || !strncmp(host, "[::1]", 5);
    return options->plain_http || (loopback && !options->ca_pem);
}

// "oci://host/path/name[:tag][@digest]"; `tag` NULL when it names none.
static bool parse_reference(struct fetch *fetch, const char *reference, struct registry *out,
                            const char **tag, struct err *err) {
    struct arena *arena = fetch->call->arena;
    const char *rest = reference + strlen("oci://"), *slash = strchr(rest, '/');
    if (!slash || slash == rest || !slash[1])
        return err_set(err, ERR_INVALID, "\"%s\" is no chart in an OCI registry: write oci://HOST/PATH/CHART",
                       reference);
    char *name = arena_strdup(arena, slash + 1), *at = strchr(name, '@'), *colon = strrchr(name, ':');
    *tag = at ? at + 1 : colon ? colon + 1 : NULL;
    if (at)
        *at = 0;
    else if (colon)
        *colon = 0;
    out->fetch = fetch;
    out->host = arena_strndup(arena, rest, (size_t)(slash - rest));
    out->name = name;
    out->base = arena_printf(arena, "%s://%s/v2/%s",
                             speaks_plain(fetch->options, out->host) ? "http" : "https", out->host, name);
    out->login = registry_login_for(fetch, out->host);
    return true;
}

static bool answer_error(struct registry *registry, const char *what, const struct http_response *response,
                         struct err *err) {
    struct arena *arena = registry->fetch->call->arena;
    struct value body;
    struct err ignored = err_in(arena);
    const char *message = NULL;
    if (json_decode(arena, response->body, response->body_len, &body, &ignored))
        message = value_dig_string(value_at(value_get(body, "errors"), 0), "message", NULL);
    static const struct {
        int status;
        enum err_kind kind;
        const char *text;
    } known[] = {{401, ERR_UNAUTHORIZED, "the registry does not accept the login"},
                 {403, ERR_FORBIDDEN, "the login may not read it"},
                 {404, ERR_NOT_FOUND, "there is no such chart or version"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].status == response->status)
            return err_set(err, known[i].kind, "%s/%s, %s: %s (HTTP %d%s%s)", registry->host, registry->name,
                           what, known[i].text, response->status, message ? ": " : "",
                           message ? message : "");
    return err_set(err, response->status >= 500 || response->status == 429 ? ERR_UNAVAILABLE : ERR_INVALID,
                   "%s/%s, %s: HTTP %d%s%s", registry->host, registry->name, what, response->status,
                   message ? ": " : "", message ? message : "");
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

// GET, logging in when the registry asks for it.
static bool get(struct registry *registry, const char *what, const char *url, const char *accept,
                struct http_response *out, struct err *err) {
    if (!attempt(registry, url, accept, out, err))
        return false;
    const char *challenge = http_header_get(out, "www-authenticate");
    if (out->status == 401 && challenge && !registry->authorization) {
        const char *scope = arena_printf(registry->fetch->call->arena, "repository:%s:pull", registry->name);
        registry->authorization =
            registry_authorize(registry->fetch, &registry->login, challenge, scope, err);
        if (!registry->authorization)
            return err_wrap(err, "log in to %s", registry->host);
        if (!attempt(registry, url, accept, out, err))
            return false;
    }
    return (out->status >= 200 && out->status < 300) || answer_error(registry, what, out, err);
}

static bool get_json(struct registry *registry, const char *what, const char *url, const char *accept,
                     const char *digest, struct value *out, struct err *err) {
    struct arena *arena = registry->fetch->call->arena;
    struct http_response response;
    if (!get(registry, what, url, accept, &response, err))
        return false;
    const char *actual = helm_digest_bytes(arena, response.body, response.body_len);
    if (digest && strcmp(digest, actual) != 0)
        return err_set(err, ERR_INVALID, "%s/%s, %s: the digest is %s, expected %s", registry->host,
                       registry->name, what, actual, digest);
    return json_decode(arena, response.body, response.body_len, out, err) ||
           err_wrap(err, "%s/%s, %s", registry->host, registry->name, what);
}

// The Link header of a paged answer: <…>; rel="next".
static const char *next_page(struct arena *arena, const char *url, const struct http_response *response) {
    const char *link = http_header_get(response, "link"), *next;
    struct err ignored = err_in(arena);
    size_t len = link && *link == '<' ? strcspn(link + 1, ">") : 0;
    if (!len || !strstr(link, "next"))
        return NULL;
    return url_resolve(arena, url, arena_strndup(arena, link + 1, len), &next, &ignored) ? next : NULL;
}

struct best {
    const char *tag;
    struct semver version;
};

static void consider_tags(struct arena *arena, struct value tags, const struct semver_constraint *constraint,
                          struct best *best) {
    for (size_t i = 0; i < value_len(tags); i++) {
        const char *tag = value_get_string(value_at(tags, i));
        char *text = arena_strdup(arena, tag ? tag : "");
        struct semver version;
        struct err ignored = err_in(arena);
        for (char *c = text; *c; c++)
            if (*c == '_')
                *c = '+';
        if (!semver_parse_strict(arena, text, &version, &ignored) ||
            !semver_constraint_check(constraint, &version))
            continue;
        if (!best->tag || semver_compare(&version, &best->version) > 0)
            *best = (struct best){tag, version};
    }
}

static const char *choose_tag(struct registry *registry, struct err *err) {
    const struct helm_repo_options *options = registry->fetch->options;
    struct arena *arena = registry->fetch->call->arena;
    bool any = !options->version || !*options->version;
    const char *text = !any ? options->version : options->devel ? ">0.0.0-0" : "*";
    struct best best = {0};
    const struct semver_constraint *constraint =
        semver_constraint_parse(arena, text, SEMVER_PRE_BY_GROUP, err);
    const char *url = arena_printf(arena, "%s/tags/list", registry->base);
    for (int page = 0; constraint && url && page < TAG_PAGES; page++) {
        struct http_response response;
        struct value answer;
        if (!get(registry, "list of tags", url, NULL, &response, err) ||
            !json_decode(arena, response.body, response.body_len, &answer, err))
            return NULL;
        consider_tags(arena, value_get(answer, "tags"), constraint, &best);
        url = next_page(arena, url, &response);
    }
    if (constraint && !best.tag)
        err_set(err, ERR_NOT_FOUND, "%s/%s has no version that satisfies \"%s\"", registry->host,
                registry->name, text);
    return best.tag;
}

// A plain version is its own tag; anything else has to be looked for.
static const char *tag_for(struct registry *registry, struct err *err) {
    const char *version = registry->fetch->options->version;
    struct arena *arena = registry->fetch->call->arena;
    struct semver parsed;
    struct err ignored = err_in(arena);
    if (!version || !*version || !semver_parse_strict(arena, version, &parsed, &ignored))
        return choose_tag(registry, err);
    char *tag = arena_strdup(arena, version);
    for (char *c = tag; *c; c++)
        if (*c == '+')
            *c = '_';
    return tag;
}

static bool read_manifest(struct registry *registry, const char *tag, struct value *out, struct err *err) {
    struct arena *arena = registry->fetch->call->arena;
    const char *digest = strncmp(tag, "sha256:", 7) ? NULL : tag;
    const char *url = arena_printf(arena, "%s/manifests/%s", registry->base, tag);
    if (!get_json(registry, "manifest", url, MANIFEST_TYPES, digest, out, err))
        return false;
    struct value inner = value_at(value_get(*out, "manifests"), 0);
    const char *chosen = value_dig_string(inner, "digest", NULL);
    if (!chosen)
        return true;
    url = arena_printf(arena, "%s/manifests/%s", registry->base, chosen);
    return get_json(registry, "manifest of an index", url, MANIFEST_TYPES, chosen, out, err);
}

static struct value chart_layer(struct value manifest) {
    struct value layers = value_get(manifest, "layers");
    for (size_t type = 0; type < sizeof LAYER_TYPES / sizeof *LAYER_TYPES; type++)
        for (size_t i = 0; i < value_len(layers); i++) {
            const char *media = value_dig_string(value_at(layers, i), "mediaType", NULL);
            if (media && !strcmp(media, LAYER_TYPES[type]))
                return value_at(layers, i);
        }
    return value_null();
}

static bool read_layer(struct registry *registry, struct value manifest, struct packed *out,
                       struct err *err) {
    struct arena *arena = registry->fetch->call->arena;
    struct value layer = chart_layer(manifest);
    const char *digest = value_dig_string(layer, "digest", NULL);
    struct http_response response;
    if (!digest)
        return err_set(err, ERR_INVALID,
                       "%s/%s is no Helm chart: its manifest has no layer of type %s (an image has the same "
                       "form; is the path "
                       "right?)",
                       registry->host, registry->name, LAYER_TYPES[0]);
    if (repo_cache_get(registry->fetch, digest, out))
        return true;
    if (!get(registry, "chart layer", arena_printf(arena, "%s/blobs/%s", registry->base, digest), NULL,
             &response, err))
        return false;
    *out = (struct packed){.data = response.body, .len = response.body_len};
    out->digest = helm_digest_bytes(arena, response.body, response.body_len);
    if (strcmp(out->digest, digest) != 0)
        return err_set(err, ERR_INVALID, "%s/%s: the chart's digest is %s, its manifest says %s",
                       registry->host, registry->name, out->digest, digest);
    return true;
}

bool registry_fetch(struct fetch *fetch, const char *reference, struct packed *out, struct err *err) {
    struct registry registry = {0};
    struct value manifest;
    const char *tag = NULL;
    if (!parse_reference(fetch, reference, &registry, &tag, err))
        return false;
    if (!tag)
        tag = tag_for(&registry, err);
    if (!tag || !read_manifest(&registry, tag, &manifest, err) || !read_layer(&registry, manifest, out, err))
        return false;
    char *version = arena_strdup(fetch->call->arena, strncmp(tag, "sha256:", 7) ? tag : "");
    for (char *c = version; *c; c++)
        if (*c == '_')
            *c = '+';
    out->origin = arena_printf(fetch->call->arena, "oci://%s/%s", registry.host, registry.name);
    out->version = version;
    return true;
}
