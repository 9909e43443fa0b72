// SPDX-License-Identifier: Apache-2.0
// Finding a chart in the order helm does: a path that exists, then OCI, a repository, a URL.
#include "repo/repo.h"
#include "crypto/digest.h"

#include "base/log.h"
#include "crypto/identity.h"
#include "go/semver.h"
#include "http/url.h"
#include "repo/private.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A cached copy may be good enough, so an address that does not answer is not waited for as long as a cluster
// is.
enum { TRIES = 3, CONNECT_MS = 10000 };

static bool starts_with(const char *text, const char *prefix) {
    return text && !strncmp(text, prefix, strlen(prefix));
}

static bool is_url(const char *text) {
    return starts_with(text, "http://") || starts_with(text, "https://");
}

static bool exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0;
}

static bool no_such_path(const char *chart, struct err *err) {
    char folder[PATH_MAX];
    if (*chart == '/' || !getcwd(folder, sizeof folder))
        return err_set(err, ERR_NOT_FOUND, "there is no chart at the path \"%s\"", chart);
    return err_set(err, ERR_NOT_FOUND, "there is no chart at the path \"%s\", seen from %s", chart, folder);
}

static bool find(struct fetch *fetch, struct packed *out, struct err *err) {
    const struct repo_options *options = fetch->options;
    struct arena *arena = fetch->call->arena;
    if (starts_with(options->chart, "oci://"))
        return registry_fetch(fetch, options->chart, out, err);
    if (is_url(options->chart))
        return repo_download(fetch, &(struct repo_choice){.url = options->chart}, true, out, err);
    if (*options->chart == '/' || *options->chart == '.')
        return no_such_path(options->chart, err);
    if (starts_with(options->repository, "oci://"))
        return registry_fetch(fetch, url_join(arena, options->repository, options->chart), out, err);
    if (is_url(options->repository))
        return repo_index_fetch(fetch, out, err);
    if (options->repository && *options->repository)
        return err_set(
            err, ERR_INVALID,
            "\"%s\" is no address of a chart repository: it has to start with https://, http:// or oci://",
            fetch_shown(fetch, options->repository));
    return err_set(err, ERR_INVALID,
                   "the chart \"%s\" is no path that exists and no repository is given: set repository to an "
                   "https:// or "
                   "oci:// address, or chart to a path or URL",
                   options->chart);
}

// When the network fails, an exact request that once worked is served from the cache.
static bool find_or_recall(struct fetch *fetch, struct packed *out, struct err *err) {
    const char *request = repo_cache_request(fetch);
    const char *digest = request ? repo_cache_lookup(fetch, request) : NULL;
    if (fetch->options->offline) {
        if (digest && repo_cache_get(fetch, digest, out))
            return true;
        return err_set(err, ERR_UNAVAILABLE,
                       "the cache does not hold this chart. Without a network only an exact version that was "
                       "downloaded before can be had");
    }
    if (find(fetch, out, err))
        return true;
    if (err->kind != ERR_UNAVAILABLE || !digest || !repo_cache_get(fetch, digest, out))
        return false;
    const char *version = fetch->options->version;
    call_warn(fetch->call,
              subject_of(call_part(fetch->call, "chart %s%s%s", fetch_shown(fetch, fetch->options->chart),
                                   version ? " " : "", version ? version : "")),
              "Taken from the cache:", "%s. The copy of an earlier download (%s) is used.", err->msg, digest);
    err->kind = ERR_NONE;
    return true;
}

static bool load_path(struct call *call, const char *path, enum helm_profile profile, struct repo_chart *out,
                      struct err *err) {
    if (!helm_chart_load(call, path, profile, &out->chart, err))
        return false;
    out->origin = path;
    out->version = "";
    out->digest = out->chart->digest;
    return true;
}

// A login written into an address is taken out of it, so that it shows nowhere.
static bool take_login(struct arena *arena, const char **address, struct repo_options *options,
                       struct err *err) {
    struct url url;
    if (!*address || !strstr(*address, "://"))
        return true;
    if (!url_parse(arena, *address, &url, err))
        return false;
    if (!url.username && !url.password)
        return true;
    if (!options->username) {
        options->username = url.username;
        options->password = url.password;
    }
    *address = url_text(arena, &url);
    return true;
}

// What libcurl would only say a word about, or ask a passphrase for.
static bool check_tls(const struct repo_options *options, struct err *err) {
    const struct {
        const char *text, *what;
        crypto_check *usable;
    } given[] = {{options->ca_pem, "the repository's CA", crypto_authorities_check},
                 {options->client_cert_pem, "the client certificate", crypto_certificate_usable},
                 {options->client_key_pem, "the client certificate's key", crypto_key_usable}};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (given[i].text && !given[i].usable(given[i].text, err)) {
            const char *why = err->msg;
            return err_set(err, ERR_INVALID, "%s %s", given[i].what, why);
        }
    if (!options->client_cert_pem || !options->client_key_pem ||
        crypto_key_fits(options->client_cert_pem, options->client_key_pem, err))
        return true;
    const char *why = err->msg;
    return err_set(err, ERR_INVALID, "the client certificate's key %s", why);
}

static bool check_pinned(struct fetch *fetch, const struct packed *packed, const struct helm_chart *chart,
                         struct err *err) {
    struct arena *arena = fetch->call->arena;
    const char *wanted = fetch->options->version;
    bool agrees = true;
    struct err ignored = err_in(arena);
    if (!packed->pinned || !wanted || !*wanted || !strcmp(wanted, chart->version) ||
        (semver_satisfies(arena, wanted, chart->version, &agrees, &ignored) && agrees))
        return true;
    return err_set(
        err, ERR_INVALID,
        "the chart of that digest is version %s, and version = \"%s\" is another one: leave one of "
        "them out",
        chart->version, wanted);
}

bool repo_is_local(const struct repo_options *options, enum helm_profile profile) {
    return exists(options->chart) && !(profile == HELM_4 && options->repository && *options->repository);
}

bool repo_load(struct call *call, const struct repo_options *given, enum helm_profile profile,
               struct repo_chart *out, struct err *err) {
    struct packed packed = {0};
    struct repo_options options = *given;
    struct fetch fetch = {.call = call, .options = &options};
    *out = (struct repo_chart){0};
    if (repo_is_local(&options, profile))
        return load_path(call, options.chart, profile, out, err);
    if (!take_login(call->arena, &options.chart, &options, err) ||
        !take_login(call->arena, &options.repository, &options, err) || !check_tls(&options, err))
        return err_wrap(err, "find the chart");
    struct http_settings settings = {
        .ca_pem = options.ca_pem,
        .cert_pem = options.client_cert_pem,
        .key_pem = options.client_key_pem,
        .insecure = options.insecure_skip_tls_verify,
        .tries = TRIES,
        .connect_ms = CONNECT_MS,
        .user_agent = "terraform-provider-wandb",
    };
    fetch.http = http_client_create(&settings);
    bool found = find_or_recall(&fetch, &packed, err);
    http_client_destroy(fetch.http);
    out->absent = fetch.absent;
    if (!found)
        return err_wrap(err, "find chart \"%s\"",
                        strstr(options.chart, "://") ? fetch_shown(&fetch, options.chart) : options.chart);
    if (!helm_chart_load_tgz(call->arena, cursor_over(packed.data, packed.len), profile, &out->chart, err))
        return err_wrap(err, "%s is no chart archive that can be loaded", packed.origin);
    if (!check_pinned(&fetch, &packed, out->chart, err))
        return err_wrap(err, "find chart \"%s\"", fetch_shown(&fetch, options.chart));
    repo_cache_put(&fetch, &packed, repo_cache_request(&fetch)); // not before it proved to be a chart
    log_to(call, LOG_DEBUG, "helm", "chart %s %s from %s, %s", out->chart->name, out->chart->version,
           packed.origin, packed.digest);
    out->origin = packed.origin;
    out->version = packed.version && *packed.version ? packed.version : out->chart->version;
    out->digest = packed.digest;
    return true;
}
