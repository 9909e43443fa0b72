// SPDX-License-Identifier: Apache-2.0
// Logins for OCI registries: docker's config.json and credential helpers, the token flow of the
// distribution spec. No secret of it is ever logged or put into an error.
#include "repo/private.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/process.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "http/status.h"
#include "http/url.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

enum { CONFIG_LIMIT = 1 << 20, HELPER_MS = 30000, REDIRECTS = 5 };

// ---- docker's config.json ----

static const char *config_path(struct arena *arena, const struct repo_options *options, int which) {
    const char *home = getenv("HOME"), *docker = getenv("DOCKER_CONFIG"), *xdg = getenv("XDG_CONFIG_HOME");
    if (options->registry_config)
        return which == 0 ? options->registry_config : NULL;
    switch (which) {
    case 0: return getenv("HELM_REGISTRY_CONFIG");
    case 1:
        return xdg && *xdg ? arena_printf(arena, "%s/helm/registry/config.json", xdg)
               : home      ? arena_printf(arena, "%s/.config/helm/registry/config.json", home)
                           : NULL;
    case 2:
        return docker && *docker ? arena_printf(arena, "%s/config.json", docker)
               : home            ? arena_printf(arena, "%s/.docker/config.json", home)
                                 : NULL;
    default: return NULL;
    }
}

enum { CONFIG_PATHS = 3 };

static struct value read_config(struct arena *arena, const char *path) {
    CLEANUP_FILE file = path && *path ? fopen(path, "re") : NULL;
    struct err ignored = err_in(arena);
    struct value config;
    struct stat info;
    size_t size =
        file && !fstat(fileno(file), &info) && info.st_size < CONFIG_LIMIT ? (size_t)info.st_size : 0;
    char *text = arena_alloc(arena, size + 1);
    size_t len = size ? fread(text, 1, size, file) : 0;
    return len && json_decode(arena, text, len, &config, &ignored) ? config : value_null();
}

// A helper's name becomes part of a program's name: nothing but what such names hold.
static bool is_plain_word(const char *text) {
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && *text != '-' && *text != '_' && *text != '.')
            return false;
    return true;
}

static struct registry_login helper_failed(struct fetch *fetch, const char *program, const char *host,
                                           const char *why) {
    call_warn(fetch->call, subject_of(call_part(fetch->call, "registry %s", host)),
              "Credential helper failed:",
              "%s did not give a login for %s (%s). The registry is asked without one.", program, host, why);
    return (struct registry_login){0};
}

static struct registry_login ask_helper(struct fetch *fetch, const char *helper, const char *host) {
    struct arena *arena = fetch->call->arena;
    struct call bounded = call_within(fetch->call, HELPER_MS);
    struct process_result result;
    struct value answer;
    struct err ignored = err_in(arena);
    char *argv[] = {arena_printf(arena, "docker-credential-%s", helper), "get", NULL};
    struct process process = {argv, NULL, host};
    struct registry_login login = {0};
    if (!is_plain_word(helper))
        return login;
    if (!process_run(&bounded, &process, &result, &ignored))
        return helper_failed(fetch, argv[0], host, ignored.msg);
    if (result.code && strstr(buf_text(&result.output), "credentials not found"))
        return login; // what helpers say of a host they do not know
    if (result.code)
        return helper_failed(fetch, argv[0], host, result.words);
    if (!json_decode(arena, buf_text(&result.output), result.output.len, &answer, &ignored))
        return helper_failed(fetch, argv[0], host, "its answer is not JSON");
    const char *username = value_dig_string(answer, "Username", NULL),
               *secret = value_dig_string(answer, "Secret", NULL);
    if (value_is_text(value_get(answer, "Username"), "<token>"))
        login.identity_token = secret;
    else
        login = (struct registry_login){.username = username, .password = secret};
    return login;
}

static struct registry_login read_auth(struct arena *arena, struct value auth) {
    const char *encoded = value_text_or(value_get(auth, "auth"), "");
    struct registry_login login = {.username = value_dig_string(auth, "username", NULL),
                                   .password = value_dig_string(auth, "password", NULL),
                                   .identity_token = value_dig_string(auth, "identitytoken", NULL)};
    struct err ignored = err_in(arena);
    struct buf text;
    buf_init(&text, arena);
    if (!login.username && base64_decode(&text, encoded, strlen(encoded), &ignored)) {
        char *both = buf_text(&text), *colon = strchr(both, ':');
        if (colon) {
            *colon = 0;
            login.username = both;
            login.password = colon + 1;
        }
    }
    return login;
}

static bool has_login(const struct registry_login *login) {
    return (login->username && *login->username) || (login->identity_token && *login->identity_token);
}

// Docker's own registry goes by another name in the file.
static const char *const *keys_of(struct arena *arena, const char *host) {
    const char **keys = arena_array(arena, 6, sizeof *keys); // NULL ends it
    bool docker = !strcmp(host, "docker.io") || !strcmp(host, "registry-1.docker.io");
    keys[0] = host;
    keys[1] = arena_printf(arena, "https://%s", host);
    keys[2] = docker ? "https://index.docker.io/v1/" : arena_printf(arena, "https://%s/v2/", host);
    keys[3] = docker ? "index.docker.io" : arena_printf(arena, "https://%s/v1/", host);
    return keys;
}

// A helper of the host's own comes first, then what the file holds, then the helper for all.
static struct registry_login login_in(struct fetch *fetch, struct value config, const char *host) {
    struct arena *arena = fetch->call->arena;
    const char *const *keys = keys_of(arena, host);
    const char *store = value_dig_string(config, "credsStore", NULL);
    struct registry_login login = {0};
    for (const char *const *key = keys; *key && !has_login(&login); key++) {
        const char *helper = value_dig_string(config, "credHelpers", *key, NULL);
        login = helper ? ask_helper(fetch, helper, *key)
                       : read_auth(arena, value_dig(config, "auths", *key, NULL));
    }
    if (!has_login(&login) && store)
        login = ask_helper(fetch, store, strncmp(keys[2], "https://index.docker.io", 23) ? host : keys[2]);
    return login;
}

struct registry_login registry_login_for(struct fetch *fetch, const char *host) {
    const struct repo_options *options = fetch->options;
    struct registry_login login = {.username = options->username,
                                   .password = options->password ? options->password : ""};
    if (options->username)
        return login;
    login = (struct registry_login){0};
    for (int i = 0; i < CONFIG_PATHS && !has_login(&login); i++) {
        struct value config = read_config(fetch->call->arena, config_path(fetch->call->arena, options, i));
        login = login_in(fetch, config, host);
    }
    return login;
}

// ---- The token flow ----

// The value of one parameter of a challenge: realm="…".
static const char *parameter(struct arena *arena, const char *challenge, const char *name) {
    struct cursor rest = cursor_of(challenge);
    for (cursor_skip(&rest, " ,\t"); cursor_left(rest); cursor_skip(&rest, " ,\t")) {
        struct cursor key = cursor_until(&rest, "=, \t"), value;
        if (!cursor_eat(&rest, "="))
            continue;
        bool quoted = cursor_peek(rest) == '"';
        value = quoted ? cursor_quoted(&rest) : cursor_until(&rest, ",");
        if (quoted) {
            cursor_drop(&value, 1);
            value = cursor_until(&value, "\"");
        }
        if (cursor_is(key, name))
            return cursor_text(value, arena);
    }
    return NULL;
}

static void add_parameter(struct arena *arena, struct buf *out, const char *name, const char *value) {
    if (value)
        buf_printf(out, "%s%s=%s", out->len ? "&" : "", name, url_escape(arena, value));
}

// The token is in the body, which libcurl would take along to whatever host a redirect names: only within the
// service's own origin is it sent again.
static bool send_form(struct fetch *fetch, const char *realm, struct cursor form, struct http_response *out,
                      struct err *err) {
    struct arena *arena = fetch->call->arena;
    struct http_header headers[] = {{"Content-Type", "application/x-www-form-urlencoded"}};
    for (int redirects = 0; redirects < REDIRECTS; redirects++) {
        struct http_request request = {.method = "POST",
                                       .url = realm,
                                       .headers = headers,
                                       .header_count = 1,
                                       .body = form.at,
                                       .body_len = cursor_left(form),
                                       .send_again = true,
                                       .limit = CONFIG_LIMIT};
        if (!http_do(fetch->call, fetch->http, &request, out, err))
            return false;
        const char *location = out->status / 100 == 3 ? http_header_get(out, "location") : NULL, *next;
        if (!location)
            return true;
        if (!url_resolve(arena, realm, location, &next, err))
            return err_wrap(err, "the token service's redirect");
        if (!url_same_origin(arena, realm, next))
            return err_set(
                err, ERR_UNAUTHORIZED,
                "the token service %s redirects to another address, %s; the login was not sent there",
                fetch_shown(fetch, realm), fetch_shown(fetch, next));
        realm = next;
    }
    return err_set(err, ERR_UNAVAILABLE, "the token service redirects more than %d times", REDIRECTS);
}

// A token service's address, and what it is asked for.
struct token_service {
    const char *realm, *query;
};

static bool ask_token(struct fetch *fetch, const struct registry_login *login, struct token_service service,
                      struct http_response *out, struct err *err) {
    const char *realm = service.realm, *query = service.query;
    struct arena *arena = fetch->call->arena;
    call_hide(fetch->call, login->identity_token);
    if (login->identity_token) {
        struct buf form;
        buf_init(&form, arena);
        buf_str(&form, query);
        add_parameter(arena, &form, "grant_type", "refresh_token");
        add_parameter(arena, &form, "client_id", "terraform-provider-wandb");
        add_parameter(arena, &form, "refresh_token", login->identity_token);
        return send_form(fetch, realm, cursor_over(buf_text(&form), form.len), out, err);
    }
    struct http_request request = {
        .url = arena_printf(arena, "%s%c%s", realm, strchr(realm, '?') ? '&' : '?', query),
        .username = login->username,
        .password = login->password,
        .follow = true,
        .limit = CONFIG_LIMIT};
    return http_do(fetch->call, fetch->http, &request, out, err);
}

// It becomes part of a header: a line end in it would be another header.
static bool is_token(const char *text) {
    const char *c = text;
    while (*c > ' ' && *c < 0x7f)
        c++;
    return !*c && c > text;
}

// A registry on this machine that speaks plain http may have its token service here, too.
static bool is_private(struct arena *arena, const struct registry_login *login, const char *realm) {
    struct url url;
    struct err ignored = err_in(arena);
    return url_parse(arena, realm, &url, &ignored) &&
           (!strcmp(url.scheme, "https") || (!login->encrypted && url_is_loopback(&url)));
}

static const char *bearer(struct fetch *fetch, const struct registry_login *login, const char *challenge,
                          const char *scope, struct err *err) {
    struct arena *arena = fetch->call->arena;
    const char *realm = parameter(arena, challenge, "realm"), *asked = parameter(arena, challenge, "scope");
    struct http_response response;
    struct value answer;
    struct buf query;
    buf_init(&query, arena);
    add_parameter(arena, &query, "service", parameter(arena, challenge, "service"));
    add_parameter(arena, &query, "scope", asked ? asked : scope);
    if (realm && has_login(login) && !is_private(arena, login, realm)) {
        err_set(err, ERR_UNAUTHORIZED,
                "the registry wants the login sent to a token service that is not https; it was not sent");
        return NULL;
    }
    if (!realm) {
        err_set(err, ERR_UNAUTHORIZED, "the registry asks for a token but names no realm to get it from");
        return NULL;
    }
    if (!ask_token(fetch, login, (struct token_service){realm, buf_text(&query)}, &response, err))
        return NULL;
    struct err unread = err_in(arena); // its text could quote the token
    if (response.status != 200 || !json_decode(arena, response.body, response.body_len, &answer, &unread)) {
        bool unavailable = http_status_kind(response.status) == ERR_UNAVAILABLE;
        err_set(err, unavailable ? ERR_UNAVAILABLE : ERR_UNAUTHORIZED, "the token service answered HTTP %d%s",
                response.status,
                has_login(login)
                    ? ": is the login right?"
                    : ": it may want a login (registries in the provider block, or docker login)");
        return NULL;
    }
    const char *token = value_dig_string(answer, "token", NULL);
    token = token ? token : value_dig_string(answer, "access_token", NULL);
    if (token && is_token(token))
        return arena_printf(arena, "Bearer %s", token);
    err_set(err, ERR_UNAUTHORIZED, "the token service answered %s",
            token ? "with a text that is no token: only printable characters without spaces can be one"
                  : "without a token");
    return NULL;
}

const char *registry_authorize(struct fetch *fetch, const struct registry_login *login, const char *challenge,
                               const char *scope, struct err *err) {
    if (!strncasecmp(challenge, "Bearer ", 7))
        return bearer(fetch, login, challenge + 7, scope, err);
    if (!strncasecmp(challenge, "Basic", 5) && login->username)
        return "Basic";
    err_set(err, ERR_UNAUTHORIZED,
            "the registry wants a login: give one in registries of the provider block, or by "
            "docker login");
    return NULL;
}
