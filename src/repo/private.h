// SPDX-License-Identifier: Apache-2.0
// Shared by the files that find charts: repo.c, repo_index.c, repo_cache.c, registry*.c.
#ifndef REPO_PRIVATE_H
#define REPO_PRIVATE_H

#include "go/semver.h"
#include "http/client.h"
#include "repo/repo.h"

// One search for a chart.
struct fetch {
    struct call *call;
    struct http_client *http;
    const struct repo_options *options;
    bool absent; // set: who was asked answered, and has no such chart or version
};

// A packed chart as it arrived.
struct packed {
    const char *origin;  // URL without credentials
    const char *version; // as chosen; "" when only the chart knows
    const char *digest;  // "sha256:<hex>" of the bytes
    bool pinned;         // chosen by a digest: whether it is the version that is wanted, the chart says
    const void *data;
    size_t len;
};

// What of a URL may be shown: neither user name and password nor query, which can be a signature.
const char *fetch_shown(struct fetch *fetch, const char *url);

// GETs a URL. Credentials of the options go along when `with_credentials`. A status other than 2xx is an
// error whose kind says which (404 ERR_NOT_FOUND, …).
bool fetch_get(struct fetch *fetch, const char *url, bool with_credentials, struct http_response *out,
               struct err *err);

// ---- repo_index.c: repositories with an index.yaml ----
struct repo_choice {
    const char *version, *url;
    const char *digest; // "sha256:…", NULL when the index has none
};
// Chooses by the options' chart and version from the text of an index.yaml. Pure.
bool repo_index_choose(struct fetch *fetch, const char *text, size_t len, struct repo_choice *out,
                       struct err *err);
bool repo_index_fetch(struct fetch *fetch, struct packed *out, struct err *err);

// Downloads a .tgz, unless the cache holds the digest of the choice; checks it against that digest.
bool repo_download(struct fetch *fetch, const struct repo_choice *choice, bool with_credentials,
                   struct packed *out, struct err *err);

// ---- versions.c: what is there instead ----
struct repo_version {
    const char *text; // as it is shown
    struct semver parsed;
};
// "0.44.0, 0.43.8, …": some versions of those that there are, newest first. Around `wanted` where that is a
// version, else (a constraint, or NULL) the newest. "no version of it" for none.
const char *repo_versions_text(struct arena *arena, const struct repo_version *versions, size_t count,
                               const char *wanted);

// ---- registry.c: OCI ----
// `reference`: oci://HOST/PATH[:TAG][@DIGEST]; without the latter two the options' version chooses.
bool registry_fetch(struct fetch *fetch, const char *reference, struct packed *out, struct err *err);

// ---- registry_auth.c ----
struct registry_login {
    const char *username, *password; // NULL for none
    const char *identity_token;      // OAuth2 refresh token, or NULL
    bool encrypted;                  // the registry speaks TLS, so the login goes nowhere less
};
// From the options, else from docker's config.json and its credential helpers. Never fails: no login is
// anonymous.
struct registry_login registry_login_for(struct fetch *fetch, const char *host);
// The value of the Authorization header that a 401's WWW-Authenticate asks for; NULL with `err` when it can't
// be had.
const char *registry_authorize(struct fetch *fetch, const struct registry_login *login, const char *challenge,
                               const char *scope, struct err *err);

// ---- repo_cache.c ----
// The bytes of a digest, when the cache has them whole; false otherwise.
bool repo_cache_get(struct fetch *fetch, const char *digest, struct packed *out);
// Keeps the bytes, and that `request` (NULL for none) named them. Trouble is logged, not an error.
void repo_cache_put(struct fetch *fetch, const struct packed *packed, const char *request);
// The digest that an exact request had when it last worked; NULL when it never did.
const char *repo_cache_lookup(struct fetch *fetch, const char *request);
// A request as a cache key: repository, chart and exact version, or a URL that names one file or tag; NULL
// when it is not exact.
const char *repo_cache_request(struct fetch *fetch);

#endif
