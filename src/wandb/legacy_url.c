// SPDX-License-Identifier: Apache-2.0
// BUCKET, MYSQL and REDIS: addresses that the new chart takes in parts and puts together again. The parts
// stay as they stand in the address, percent-encoded, because the chart does not encode them.
#include "base/buf.h"
#include "wandb/legacy_private.h"

#include <stdlib.h>
#include <string.h>

struct parts {
    const char *user, *password; // NULL for none
    const char *authority;       // host[:port]
    const char *host, *port;     // port NULL for none
    const char *path;            // what follows the first slash, without it, up to the query
    const char *query;           // without "?", NULL for none
};

static const char *scheme_rest(const char *text, const char *scheme) {
    size_t len = strlen(scheme);
    return !strncmp(text, scheme, len) && !strncmp(text + len, "://", 3) ? text + len + 3 : NULL;
}

static void split_authority(struct arena *arena, const char *text, size_t len, struct parts *out) {
    const char *at = memrchr(text, '@', len), *host = at ? at + 1 : text;
    size_t host_len = len - (size_t)(host - text);
    out->authority = out->host = arena_strndup(arena, host, host_len);
    const char *colon = strrchr(out->host, ':');
    if (colon && !strchr(colon, ']')) {
        out->port = colon + 1;
        out->host = arena_strndup(arena, out->host, (size_t)(colon - out->host));
    }
    if (!at)
        return;
    const char *user = arena_strndup(arena, text, (size_t)(at - text));
    out->user = arena_strndup(arena, user, strcspn(user, ":"));
    out->password = strchr(user, ':') ? strchr(user, ':') + 1 : NULL;
}

static struct parts split(struct arena *arena, const char *rest) {
    struct parts out = {0};
    size_t len = strcspn(rest, "/?");
    split_authority(arena, rest, len, &out);
    rest += len;
    if (*rest == '/')
        rest++;
    len = strcspn(rest, "?");
    out.path = arena_strndup(arena, rest, len);
    out.query = rest[len] ? rest + len + 1 : NULL;
    return out;
}

// False, with a complaint, for a variable that is not known.
static bool is_known(struct legacy_mapping *mapping, const struct legacy_variable *variable,
                     const char *todo) {
    if (variable->text)
        return true;
    legacy_unmapped(mapping, LEGACY_BLOCKS, variable->name,
                    variable->why ? variable->why : "it is a field of the pod", todo);
    return false;
}

static bool to_port(const char *text, int64_t fallback, int64_t *out) {
    char *end = NULL;
    *out = text ? strtoll(text, &end, 10) : fallback;
    return !text || (*text >= '0' && *text <= '9' && !*end && *out > 0 && *out < 65536);
}

// ---- BUCKET ----

static const struct {
    const char *scheme, *provider;
} PROVIDERS[] = {{"s3", "s3"}, {"gs", "gcs"}, {"az", "az"}, {"cw", "cw"}};

static bool bucket_keys(struct legacy_mapping *mapping, const struct parts *parts) {
    static const char WAY_OUT[] = "Put the keys into a Secret and name it in global.bucket.secret.";
    const char *access = parts->user ? parts->user : "", *secret = parts->password ? parts->password : "";
    if (!*access && !*secret)
        return true;
    if (!*access || !*secret || !legacy_fits_bare(mapping->arena, access) ||
        !legacy_fits_bare(mapping->arena, secret)) {
        legacy_unmapped(
            mapping, LEGACY_BLOCKS, "the keys in BUCKET",
            "the chart takes an access key and a secret key, and no text that YAML reads as something "
            "else, such as a number",
            WAY_OUT);
        return false;
    }
    legacy_put_secret(mapping, LEGACY_AT("global", "bucket", "accessKey"), access);
    legacy_put_secret(mapping, LEGACY_AT("global", "bucket", "secretKey"), secret);
    return true;
}

static void put_bucket(struct legacy_mapping *mapping, const char *provider, const char *rest) {
    struct arena *arena = mapping->arena;
    struct parts parts = split(arena, rest);
    const char *query = parts.query ? arena_printf(arena, "?%s", parts.query) : "";
    bool path = *parts.path != 0;
    const char *name = arena_printf(arena, "%s%s", parts.authority, path ? "" : query);
    const char *below = path ? arena_printf(arena, "%s%s", parts.path, query) : "";
    if (!*parts.authority || !legacy_fits_bare(arena, name) || (path && !legacy_fits_bare(arena, below)) ||
        !legacy_fits_quoted(name) || !legacy_fits_quoted(below)) {
        legacy_unmapped(
            mapping, LEGACY_BLOCKS, "BUCKET",
            "the chart writes name and path into YAML, where this name or path means something else",
            "Set BUCKET in global.extraEnv and app.env by hand.");
        return;
    }
    if (!bucket_keys(mapping, &parts))
        return;
    legacy_put_text(mapping, LEGACY_AT("global", "bucket", "provider"), provider);
    legacy_put_text(mapping, LEGACY_AT("global", "bucket", "name"), name);
    if (path)
        legacy_put_text(mapping, LEGACY_AT("global", "bucket", "path"), below);
}

void legacy_bucket(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    static const char WAY_OUT[] = "Copy the files to a bucket and set global.bucket.";
    if (!variable || (variable->text && !*variable->text)) {
        legacy_unmapped(
            mapping, LEGACY_BLOCKS, "BUCKET",
            "there is none: the old pod keeps its files on a volume, which the new chart can't use", WAY_OUT);
        return;
    }
    if (!is_known(mapping, variable, WAY_OUT))
        return;
    for (size_t i = 0; i < sizeof PROVIDERS / sizeof *PROVIDERS; i++) {
        const char *rest = scheme_rest(variable->text, PROVIDERS[i].scheme);
        if (rest) {
            put_bucket(mapping, PROVIDERS[i].provider, rest);
            return;
        }
    }
    legacy_unmapped(
        mapping, LEGACY_BLOCKS, "BUCKET",
        "it begins with none of s3://, gs://, az:// and cw://, which are all that the chart knows", WAY_OUT);
}

// ---- MYSQL ----

// init-db of the chart decodes the password with unquote_plus, where the old server left a plus alone.
static const char *without_plus(struct arena *arena, const char *text) {
    struct buf out;
    buf_init(&out, arena);
    for (; *text; text++)
        buf_str(&out, *text == '+' ? "%2B" : (char[]){*text, 0});
    return buf_text(&out);
}

static bool is_own_database(const struct legacy_mapping *mapping, const char *host) {
    const char *name = value_text_or(value_dig(mapping->objects->deployment, "metadata", "name", NULL), "");
    return *name && !strncmp(host, name, strlen(name)) && !strncmp(host + strlen(name), "-mysql.", 7);
}

static void put_mysql(struct legacy_mapping *mapping, const struct parts *parts, int64_t port) {
    struct arena *arena = mapping->arena;
    legacy_put_text(mapping, LEGACY_AT("global", "mysql", "host"), parts->host);
    legacy_put(mapping, LEGACY_AT("global", "mysql", "port"), value_int(port));
    legacy_put_text(mapping, LEGACY_AT("global", "mysql", "user"), parts->user);
    legacy_put_text(mapping, LEGACY_AT("global", "mysql", "database"), parts->path);
    legacy_put_secret(mapping, LEGACY_AT("global", "mysql", "password"),
                      without_plus(arena, parts->password));
    if (parts->query)
        legacy_unmapped(
            mapping, LEGACY_MINOR, "the parameters of MYSQL",
            arena_printf(arena, "the chart always asks for ?tls=preferred; found ?%s", parts->query),
            "Check that the database takes connections with tls=preferred.");
    if (is_own_database(mapping, parts->host))
        legacy_unmapped(mapping, LEGACY_BLOCKS, "MYSQL",
                        "the database runs in the old Helm release and goes with it",
                        "Move the data to a database of its own and set global.mysql.");
}

void legacy_mysql(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    static const char WAY_OUT[] =
        "Set global.mysql (host, port, user, database) and its password by hand; without a "
        "host and a password the chart would start on a database and a password of its own.";
    int64_t port;
    legacy_put(mapping, LEGACY_AT("mysql", "install"), value_bool(false));
    if (!variable) {
        legacy_unmapped(mapping, LEGACY_BLOCKS, "MYSQL", "the old pod has none", WAY_OUT);
        return;
    }
    if (!is_known(mapping, variable, WAY_OUT))
        return;
    const char *rest = scheme_rest(variable->text, "mysql");
    if (!rest) {
        legacy_unmapped(mapping, LEGACY_BLOCKS, "MYSQL",
                        scheme_rest(variable->text, "cloudsql")
                            ? "cloudsql:// goes through a proxy that the new chart does not have"
                            : "it does not begin with mysql://",
                        WAY_OUT);
        return;
    }
    struct parts parts = split(mapping->arena, rest);
    bool whole = *parts.host && parts.user && *parts.user && parts.password && *parts.password && *parts.path;
    bool fits = whole && legacy_fits_quoted(parts.host) && legacy_fits_quoted(parts.user) &&
                legacy_fits_quoted(parts.path);
    if (!fits || !to_port(parts.port, 3306, &port)) {
        legacy_unmapped(mapping, LEGACY_BLOCKS, "MYSQL",
                        "it is not of the form mysql://user:password@host:port/database", WAY_OUT);
        return;
    }
    put_mysql(mapping, &parts, port);
}

// ---- REDIS ----

// The certificate that the old pod has mounted from a ConfigMap, under the path that caCertPath names.
static const char *certificate(const struct legacy_mapping *mapping) {
    struct value volumes = value_get(mapping->pod, "volumes");
    for (size_t i = 0; i < value_len(volumes); i++) {
        const char *name = value_dig_string(value_at(volumes, i), "configMap", "name", NULL);
        struct value data = value_get(mapping->objects->config_maps, name ? name : "");
        const char *pem = value_dig_string(data, "server_ca.pem", NULL);
        if (pem && *pem)
            return pem;
    }
    return NULL;
}

static bool is_given_by_chart(const char *name, const char *text, const char *pem) {
    return (!strcmp(name, "ttlInSeconds") && !strcmp(text, "604800")) ||
           (pem && (!strcmp(name, "caCertPath") || (!strcmp(name, "tls") && !strcmp(text, "true"))));
}

static void put_parameter(struct legacy_mapping *mapping, const char *name, const char *text,
                          const char *pem) {
    if (is_given_by_chart(name, text, pem))
        return;
    if (!strcmp(name, "caCertPath"))
        legacy_unmapped(mapping, LEGACY_BLOCKS, "caCertPath of REDIS",
                        "no ConfigMap of the old pod has the certificate as server_ca.pem",
                        "Set global.redis.caCert to the certificate.");
    else if (!strcmp(name, "ttlInSeconds"))
        legacy_unmapped(mapping, LEGACY_MINOR, "ttlInSeconds of REDIS",
                        arena_printf(mapping->arena, "the chart always writes 604800; found %s", text),
                        "Nothing, unless Redis needs another time.");
    else if (!legacy_fits_quoted(name) || !legacy_fits_quoted(text))
        legacy_unmapped(mapping, LEGACY_BLOCKS, "the parameters of REDIS", "the chart can't write them",
                        "Set global.redis.params by hand.");
    else
        legacy_put_text(mapping, LEGACY_AT("global", "redis", "params", name), text);
}

static void put_parameters(struct legacy_mapping *mapping, const char *query, const char *pem) {
    while (query && *query) {
        size_t len = strcspn(query, "&"), name = strcspn(query, "=&");
        const char *text = query + name + (name < len);
        if (name)
            put_parameter(mapping, arena_strndup(mapping->arena, query, name),
                          arena_strndup(mapping->arena, text, (size_t)(query + len - text)), pem);
        query += len + (query[len] == '&');
    }
}

static void without_redis(struct legacy_mapping *mapping) {
    legacy_put(mapping, LEGACY_AT("redis", "install"), value_bool(true));
    legacy_note(mapping,
                "The old pod has its own Redis inside; the chart installs one (redis.install = true), which "
                "needs a StorageClass: without one the instance never becomes ready.");
}

void legacy_redis(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    static const char WAY_OUT[] = "Set global.redis (host, port, params) and its password by hand.";
    int64_t port;
    if (!variable || (variable->text && !*variable->text)) {
        without_redis(mapping);
        return;
    }
    if (!is_known(mapping, variable, WAY_OUT))
        return;
    const char *rest = scheme_rest(variable->text, "redis"), *pem = certificate(mapping);
    struct parts parts = split(mapping->arena, rest ? rest : "");
    if (rest && (!strcmp(parts.host, "127.0.0.1") || !strcmp(parts.host, "localhost"))) {
        without_redis(mapping);
        return;
    }
    bool plain = rest && *parts.host && legacy_fits_quoted(parts.host) && (!parts.user || !*parts.user);
    if (!plain || *parts.path || !to_port(parts.port, 6379, &port)) {
        legacy_unmapped(
            mapping, LEGACY_BLOCKS, "REDIS",
            "the chart can only say redis://:password@host:port?parameters, without a user, a database "
            "number or rediss://",
            WAY_OUT);
        return;
    }
    legacy_put(mapping, LEGACY_AT("redis", "install"), value_bool(false));
    legacy_put_text(mapping, LEGACY_AT("global", "redis", "host"), parts.host);
    legacy_put(mapping, LEGACY_AT("global", "redis", "port"), value_int(port));
    if (parts.password && *parts.password)
        legacy_put_secret(mapping, LEGACY_AT("global", "redis", "password"), parts.password);
    bool named = parts.query && strstr(parts.query, "caCertPath=");
    if (named && pem)
        legacy_put_text(mapping, LEGACY_AT("global", "redis", "caCert"), pem);
    put_parameters(mapping, parts.query, named ? pem : NULL);
}
