// SPDX-License-Identifier: Apache-2.0
// Chart repositories: index.yaml, choosing a version, resolving its URL. Rules: helm pkg/repo/index.go.
#include "repo/private.h"

#include "base/buf.h"
#include "codec/yaml.h"
#include "go/semver.h"
#include "http/url.h"

#include <stdlib.h>
#include <string.h>

enum { CHARTS_SHOWN = 20 };

struct candidate {
    struct value entry;
    const char *version;
    struct semver parsed;
    size_t index;
};

// Newest first; equal ones in the index's order.
static int newest_first(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    int order = semver_compare(&y->parsed, &x->parsed);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static bool read_entries(struct fetch *fetch, const char *text, size_t len, struct value *entries,
                         struct err *err) {
    struct value index;
    if (!yaml_decode(fetch->call->arena, text, len, YAML_NUMBERS_EXACT, &index, err))
        return err_wrap(err, "the index of %s", fetch_shown(fetch, fetch->options->repository));
    *entries = value_get(index, "entries");
    if (value_kind(index) != VALUE_MAP || value_is_null(value_get(index, "apiVersion")))
        return err_set(
            err, ERR_INVALID,
            "what %s has as index.yaml is no index of a chart repository: it has no apiVersion. Set "
            "repository to the address whose index.yaml `helm repo index` made",
            fetch_shown(fetch, fetch->options->repository));
    return true;
}

static size_t candidates_of(struct arena *arena, struct value list, struct candidate *out) {
    size_t count = 0;
    for (size_t i = 0; i < value_len(list); i++) {
        struct value entry = value_at(list, i), version = value_get(entry, "version");
        struct err ignored = err_in(arena);
        const char *text = value_get_string(version);
        bool removed = value_get_bool(value_get(entry, "removed"));
        if (value_is_number(version))
            text = value_number_text(arena, version);
        out[count] = (struct candidate){.entry = entry, .version = text, .index = i};
        if (!text || removed || !value_dig_string(entry, "name", NULL) ||
            !semver_parse(arena, text, &out[count].parsed, &ignored))
            continue; // helm drops what is no valid entry too
        count++;
    }
    if (count)
        qsort(out, count, sizeof *out, newest_first);
    return count;
}

static bool no_such_version(struct fetch *fetch, const struct candidate *candidates, size_t count,
                            struct err *err) {
    struct arena *arena = fetch->call->arena;
    const char *wanted = fetch->options->version;
    struct repo_version *versions = arena_array(arena, count + 1, sizeof *versions);
    for (size_t i = 0; i < count; i++)
        versions[i] = (struct repo_version){candidates[i].version, candidates[i].parsed};
    fetch->absent = true;
    return err_set(err, ERR_NOT_FOUND, "chart \"%s\" version \"%s\" not found in %s repository; it has %s",
                   fetch->options->chart, wanted && *wanted ? wanted : "*",
                   fetch_shown(fetch, fetch->options->repository),
                   repo_versions_text(arena, versions, count, wanted));
}

static bool no_such_chart(struct fetch *fetch, struct value entries, struct err *err) {
    size_t count = value_kind(entries) == VALUE_MAP ? value_len(entries) : 0;
    struct buf known;
    fetch->absent = true;
    buf_init(&known, fetch->call->arena);
    for (size_t i = 0; i < count && i < CHARTS_SHOWN; i++)
        buf_printf(&known, "%s%s", i ? ", " : "", value_entry_at(entries, i)->key);
    return err_set(
        err, ERR_NOT_FOUND, "chart \"%s\" not found in %s repository; it has %s%s", fetch->options->chart,
        fetch_shown(fetch, fetch->options->repository), known.len ? buf_text(&known) : "no charts",
        count > CHARTS_SHOWN ? arena_printf(fetch->call->arena, " and %zu more", count - CHARTS_SHOWN) : "");
}

// The exact text first, which finds pre-releases too; then the newest that satisfies the constraint.
static const struct candidate *choose(struct fetch *fetch, const struct candidate *candidates, size_t count,
                                      struct err *err) {
    const char *wanted = fetch->options->version;
    bool any = !wanted || !*wanted;
    for (size_t i = 0; i < count && !any; i++)
        if (!strcmp(candidates[i].version, wanted))
            return &candidates[i];
    const char *text = !any ? wanted : fetch->options->devel ? ">0.0.0-0" : "*";
    const struct semver_constraint *constraint =
        semver_constraint_parse(fetch->call->arena, text, SEMVER_PRE_BY_GROUP, err);
    if (!constraint) {
        err_wrap(err, "version \"%s\"", text);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        if (semver_constraint_check(constraint, &candidates[i].parsed))
            return &candidates[i];
    no_such_version(fetch, candidates, count, err);
    return NULL;
}

static const char *full_digest(struct arena *arena, const char *digest) {
    if (!digest || !*digest)
        return NULL;
    return strncmp(digest, "sha256:", 7) ? arena_printf(arena, "sha256:%s", digest) : digest;
}

// An index may point into a registry. The repository's login stays with the repository.
static bool download_oci(struct fetch *fetch, const char *url, const char *version, struct packed *out,
                         struct err *err) {
    struct repo_options options = *fetch->options;
    struct fetch there = {.call = fetch->call, .http = fetch->http, .options = &options};
    options.version = version;
    if (!options.pass_credentials)
        options.username = options.password = NULL;
    return registry_fetch(&there, url, out, err);
}

// As helm: a link within the repository takes the query of the repository's address along (a signature, say).
static bool resolve(struct arena *arena, const char *base, const char *link, const char **out,
                    struct err *err) {
    struct url from, to;
    if (!url_resolve(arena, base, link, out, err) || !url_parse(arena, base, &from, err) ||
        !url_parse(arena, *out, &to, err))
        return false;
    if (!from.query || strstr(link, "://") || strcmp(from.host, to.host) != 0 || from.port != to.port)
        return true;
    to.query = from.query;
    *out = url_text(arena, &to);
    return true;
}

static bool describe(struct fetch *fetch, const struct candidate *chosen, struct repo_choice *out,
                     struct err *err) {
    struct arena *arena = fetch->call->arena;
    const char *link = value_get_string(value_at(value_get(chosen->entry, "urls"), 0));
    if (!link)
        return err_set(err, ERR_INVALID, "the repository's index gives no URL for chart \"%s\" version %s",
                       fetch->options->chart, chosen->version);
    out->version = chosen->version;
    out->digest = full_digest(arena, value_dig_string(chosen->entry, "digest", NULL));
    return resolve(arena, url_join(arena, fetch->options->repository, ""), link, &out->url, err);
}

bool repo_index_choose(struct fetch *fetch, const char *text, size_t len, struct repo_choice *out,
                       struct err *err) {
    struct arena *arena = fetch->call->arena;
    struct value entries;
    if (!read_entries(fetch, text, len, &entries, err))
        return false;
    struct value list = value_get(entries, fetch->options->chart);
    if (value_kind(list) != VALUE_LIST || !value_len(list))
        return no_such_chart(fetch, entries, err);
    struct candidate *candidates = arena_array(arena, value_len(list), sizeof *candidates);
    size_t count = candidates_of(arena, list, candidates);
    const struct candidate *chosen = choose(fetch, candidates, count, err);
    return chosen && describe(fetch, chosen, out, err);
}

bool repo_index_fetch(struct fetch *fetch, struct packed *out, struct err *err) {
    const char *repository = fetch->options->repository;
    struct http_response response;
    struct repo_choice choice;
    if (!fetch_get(fetch, url_join(fetch->call->arena, repository, "index.yaml"), true, &response, err))
        return err_wrap(err, "read the repository's index");
    if (!repo_index_choose(fetch, response.body, response.body_len, &choice, err))
        return false;
    if (!strncmp(choice.url, "oci://", 6))
        return download_oci(fetch, choice.url, choice.version, out, err);
    bool with_credentials =
        fetch->options->pass_credentials || url_same_origin(fetch->call->arena, repository, choice.url);
    if (!repo_download(fetch, &choice, with_credentials, out, err))
        return false;
    out->origin = fetch_shown(fetch, choice.url);
    out->version = choice.version;
    return true;
}
