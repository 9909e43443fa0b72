// SPDX-License-Identifier: Apache-2.0
#include "wandb/channel.h"

#include "base/log.h"
#include "codec/json.h"
#include "http/client.h"
#include "http/status.h"
#include "http/url.h"
#include "wandb/levels.h"

#include <string.h>

// Source: wandb/operator v1.22.0 pkg/wandb/spec/channel/deployer/deployer.go.
enum { TRIES = 5, BETWEEN_MS = 2000, TRY_MS = 30000 };

static const char PATH[] = "/api/v1/operator/channel";

static const char *address(struct arena *arena, const struct channel_query *query) {
    size_t len = strlen(query->url);
    while (len && query->url[len - 1] == '/')
        len--;
    const char *base = arena_printf(arena, "%.*s%s", (int)len, query->url, PATH);
    return query->release_id
               ? arena_printf(arena, "%s/release/%s", base, url_escape(arena, query->release_id))
               : base;
}

static bool refused(const struct channel_query *query, const char *url, int status, struct err *err) {
    if (status == 401 || status == 403)
        return err_set(err, http_status_kind(status),
                       "%s refused the license (status %d). Is it the whole license of this deployment?", url,
                       status);
    if (status == 404 && query->release_id)
        return err_set(err, ERR_NOT_FOUND, "%s: there is no release \"%s\" (status 404)", url,
                       query->release_id);
    return err_set(err, http_status_kind(status),
                   "%s answered with status %d. Is it the address of a W&B deployer?", url, status);
}

static bool is_final(int status) {
    return status >= 400 && status < 500 && status != 429 && status != 408;
}

static bool decode(struct arena *arena, const char *url, const struct http_response *response,
                   struct value *out, struct err *err) {
    struct err why = err_in(arena);
    if (!json_decode(arena, response->body, response->body_len, out, &why))
        return err_set(err, ERR_INVALID, "%s did not answer with JSON: %s", url, why.msg);
    if (value_kind(*out) != VALUE_MAP)
        return err_set(err, ERR_INVALID, "%s answered with a %s, not with an object", url,
                       value_kind_name(*out));
    return true;
}

static bool try_once(struct call *call, struct http_client *client, const struct channel_query *query,
                     const char *url, struct http_response *response, struct err *err) {
    struct call within = call_within(call, TRY_MS);
    struct http_request request = {.url = url, .follow = true};
    if (query->license) {
        request.username = "license";
        request.password = query->license;
    }
    if (!http_do(&within, client, &request, response, err))
        return false;
    return response->status == 200 ||
           err_set(err, ERR_UNAVAILABLE, "%s answered with status %d", url, response->status);
}

static bool ask(struct call *call, struct http_client *client, const struct channel_query *query,
                struct value *out, struct err *err) {
    const char *url = address(call->arena, query);
    for (int i = 0; i < TRIES; i++) {
        struct http_response response = {0};
        if (i && !call_sleep(call, BETWEEN_MS, err))
            return false;
        if (try_once(call, client, query, url, &response, err))
            return decode(call->arena, url, &response, out, err);
        if (is_final(response.status))
            return refused(query, url, response.status, err);
        if (err->kind == ERR_CANCELLED || err->kind == ERR_INVALID)
            return false;
        log_to(call, LOG_INFO, "wandb", "the deployer did not answer, try %d of %d: %s", i + 1, TRIES,
               err->msg);
    }
    return err_wrap(err, "the release channel did not answer in %d tries", TRIES);
}

bool channel_get(struct call *call, const struct channel_query *query, struct value *out, struct err *err) {
    struct http_settings settings = {.user_agent = "terraform-provider-wandb/" WANDB_PROVIDER_VERSION,
                                     .tries = 1};
    struct http_client *client = http_client_create(&settings);
    bool done = ask(call, client, query, out, err);
    http_client_destroy(client);
    return done;
}

// A login may stand in the address itself.
static struct value without_login(struct arena *arena, struct value address) {
    struct url url;
    struct err ignored = err_in(arena);
    return url_parse(arena, value_text_or(address, ""), &url, &ignored) && (url.username || url.password)
               ? value_string(arena, url_text(arena, &url))
               : address;
}

struct value channel_pin(struct arena *arena, struct value chart) {
    static const char *const MEMBERS[] = {"name", "version", "credentialSecret"};
    enum levels_chart_form form = levels_chart_form(chart);
    bool versioned = *value_text_or(value_get(chart, "version"), "");
    if (form != LEVELS_CHART_OCI && (form != LEVELS_CHART_REPO || !versioned))
        return value_null();
    struct value pin = value_map(arena, NULL, 0);
    pin = value_with(arena, pin, "url", without_login(arena, value_get(chart, "url")));
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++)
        if (!value_is_null(value_get(chart, MEMBERS[i])))
            pin = value_with(arena, pin, MEMBERS[i], value_get(chart, MEMBERS[i]));
    return pin;
}
