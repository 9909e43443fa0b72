// SPDX-License-Identifier: Apache-2.0
#include "provider/chart_source.h"

#include "go/semver.h"
#include "provider/config.h"

#include <string.h>
#include <sys/stat.h>

static bool check_repository(const char *repository, struct err *err) {
    static const char *const schemes[] = {"https://", "http://", "oci://"};
    bool known = !repository || !*repository;
    for (size_t i = 0; !known && i < sizeof schemes / sizeof *schemes; i++)
        known = !strncmp(repository, schemes[i], strlen(schemes[i]));
    return known || err_at(err, "repository",
                           "repository must begin with https://, http:// or oci://; found %s. Write it like "
                           "\"https://charts.wandb.ai\".",
                           strchr(repository, '@') ? "another address (not shown, it may hold a password)"
                                                   : arena_printf(err->arena, "\"%s\"", repository));
}

bool chart_source_check(struct arena *arena, const struct chart_source *source, struct err *err) {
    bool ignored;
    struct err why = err_in(arena);
    if (!check_repository(source->repository, err))
        return false;
    if (!source->version || semver_satisfies(arena, source->version, "1.0.0", &ignored, &why))
        return true;
    return err_at(err, "version",
                  "\"%s\" is neither a version (1.4.8) nor a constraint (~> 1.4, ^1.4, \">= 1.4, < 2\"): %s",
                  source->version, why.msg);
}

static bool is_local(const char *chart) {
    struct stat info;
    return chart && stat(chart, &info) == 0;
}

static bool plan_local(struct call *call, struct value prior, const struct chart_source *source,
                       struct chart_plan *out, struct err *err) {
    struct helm_chart *chart;
    if (!helm_chart_load(call, source->chart, source->profile ? source->profile : HELM_3, &chart, err)) {
        const char *reason = err->msg;
        return err_at(err, "chart", "the chart at \"%s\" cannot be loaded: %s", source->chart, reason);
    }
    out->version = value_string(call->arena, chart->version);
    // Of a chart that others installed no digest is known: then its version tells, once.
    struct value digest = value_get(prior, "chart_digest"), version = value_get(prior, "chart_version");
    bool same =
        value_is_null(digest) ? value_equal(version, out->version) : value_is_text(digest, chart->digest);
    out->changed = !value_is_null(prior) && !same;
    if (!value_is_null(prior) && value_is_null(digest) && same)
        out->digest = value_string(call->arena, chart->digest);
    return true;
}

static bool keeps_version(struct arena *arena, struct value prior, struct value planned,
                          const struct chart_source *source) {
    bool satisfied = true;
    struct err ignored = err_in(arena);
    const char *version = value_dig_string(prior, "chart_version", NULL);
    if (!version || !value_equal(value_get(prior, "chart"), value_get(planned, "chart")) ||
        !value_equal(value_get(prior, "repository"), value_get(planned, "repository")))
        return false;
    if (value_kind(value_get(planned, "version")) == VALUE_UNKNOWN)
        return false;
    if (!source->version)
        return value_is_null(value_get(prior, "version"));
    return semver_satisfies(arena, source->version, version, &satisfied, &ignored) && satisfied;
}

bool chart_source_plan(struct call *call, struct value prior, struct value planned,
                       const struct chart_source *source, struct chart_plan *out, struct err *err) {
    *out = (struct chart_plan){.version = value_unknown(), .digest = value_null()};
    if (is_local(source->chart))
        return plan_local(call, prior, source, out, err);
    if (!value_is_null(prior) && keeps_version(call->arena, prior, planned, source))
        out->version = value_get(prior, "chart_version"); // its content may have been published anew
    return true;
}

static const char *without_scheme(const char *url) {
    return !strncmp(url, "oci://", 6) ? url + 6 : url;
}

// The provider's login for the registry that an OCI chart lives in; the longest matching one.
static void use_login(const struct provider_settings *settings, struct repo_options *options) {
    const char *url = !strncmp(options->chart, "oci://", 6) ? options->chart : options->repository;
    size_t best = 0;
    if (!url || strncmp(url, "oci://", 6) != 0 || options->username)
        return;
    const struct provider_registry *registries = settings->registries.items;
    for (size_t i = 0; i < settings->registries.count; i++) {
        const char *host = without_scheme(registries[i].url);
        size_t len = strlen(host);
        if (len <= best || strncmp(url + 6, host, len) != 0 || (url[6 + len] && url[6 + len] != '/'))
            continue;
        best = len;
        options->username = registries[i].username;
        options->password = registries[i].password;
    }
}

bool chart_source_load(struct call *call, struct provider *provider, const struct chart_source *source,
                       struct value planned, struct repo_chart *out, struct err *err) {
    const struct provider_settings *settings = provider_settings(provider);
    const char *exact = value_dig_string(planned, "chart_version", NULL);
    struct repo_options options = {
        .chart = source->chart,
        .repository = is_local(source->chart) ? NULL : source->repository,
        .version = exact ? exact : source->version,
        .username = source->username,
        .password = source->password,
        .ca_pem = source->ca_pem,
        .pass_credentials = source->pass_credentials,
        .registry_config = settings->registry_config_path,
    };
    use_login(settings, &options);
    return repo_load(call, &options, source->profile ? source->profile : HELM_3, out, err);
}

struct value chart_source_values(struct arena *arena, struct value values) {
    values = value_untyped(values);
    if (value_is_number(values))
        return value_float(value_get_float(values));
    bool list = value_kind(values) == VALUE_LIST;
    size_t count = list || value_kind(values) == VALUE_MAP ? value_len(values) : 0;
    if (!count)
        return values;
    struct value *items = arena_array(arena, count, sizeof *items);
    struct value_entry *entries = arena_array(arena, count, sizeof *entries);
    for (size_t i = 0; i < count; i++)
        if (list)
            items[i] = chart_source_values(arena, value_at(values, i));
        else
            entries[i] = (struct value_entry){value_entry_at(values, i)->key,
                                              chart_source_values(arena, value_entry_at(values, i)->value)};
    return list ? value_list(arena, items, count) : value_map(arena, entries, count);
}
