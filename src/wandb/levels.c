// SPDX-License-Identifier: Apache-2.0
#include "wandb/levels.h"

#include "codec/base64.h"
#include "codec/json.h"
#include "release/release.h"

#include <string.h>

static const char *const SUFFIXES[LEVEL_COUNT] = {
    [LEVEL_CONSOLE] = "spec-user", [LEVEL_CHANNEL] = "latest-cached-release", [LEVEL_ACTIVE] = "spec-active"};

void levels_requests(struct arena *arena, const char *namespace, const char *name,
                     struct kube_request out[LEVEL_COUNT]) {
    for (size_t i = 0; i < LEVEL_COUNT; i++)
        out[i] = (struct kube_request){
            .verb = KUBE_GET,
            .ref = KUBE_REF("v1", "Secret", namespace, arena_printf(arena, "%s-%s", name, SUFFIXES[i]))};
}

static bool read_key(struct arena *arena, struct value secret, const char *key, struct value *out,
                     struct err *err) {
    const char *data = value_text_or(value_dig(secret, "data", key, NULL), "");
    struct buf text;
    *out = value_null();
    if (!*data)
        return true;
    buf_init(&text, arena);
    if (base64_decode(&text, data, strlen(data), err) &&
        json_decode(arena, buf_text(&text), text.len, out, err))
        return true;
    return err_wrap(err, "Secret %s, key %s", value_text_or(value_dig(secret, "metadata", "name", NULL), "?"),
                    key);
}

static bool read_level(struct arena *arena, const struct kube_answer *answer, struct level *out,
                       struct err *err) {
    *out = (struct level){0};
    if (answer->failure.kind == ERR_NOT_FOUND)
        return true;
    if (answer->failure.kind != ERR_NONE) {
        *err = answer->failure;
        return false;
    }
    struct value data = value_get(answer->object, "data");
    out->present = true;
    out->lacks = !value_has(data, "values") ? "values" : !value_has(data, "chart") ? "chart" : NULL;
    return read_key(arena, answer->object, "chart", &out->chart, err) &&
           read_key(arena, answer->object, "values", &out->values, err) &&
           read_key(arena, answer->object, "metadata", &out->metadata, err);
}

bool levels_from(struct arena *arena, const struct kube_answer answers[LEVEL_COUNT], struct levels *out,
                 struct err *err) {
    *out = (struct levels){.managed = false};
    return read_level(arena, &answers[LEVEL_CONSOLE], &out->console, err) &&
           read_level(arena, &answers[LEVEL_CHANNEL], &out->channel, err) &&
           read_level(arena, &answers[LEVEL_ACTIVE], &out->active, err);
}

// ---- the managed spec ----

static const char MANAGED_STATE[] = "wandb-managed-spec-state", MANAGED_SPEC[] = "wandb-spec-managed";

static bool read_text(struct arena *arena, struct value map, const char *key, struct value *out,
                      struct err *err) {
    const char *text = value_text_or(value_dig(map, "data", key, NULL), "");
    if (!*text)
        return err_set(err, ERR_INVALID, "the ConfigMap %s has no key \"%s\"", MANAGED_SPEC, key);
    return json_decode(arena, text, strlen(text), out, err) ||
           err_wrap(err, "ConfigMap %s, key %s", MANAGED_SPEC, key);
}

static bool fetch_managed(struct call *call, struct kube_client *kube, const char *namespace,
                          struct level *out, struct err *err) {
    struct value map;
    struct kube_ref ref = KUBE_REF("v1", "ConfigMap", namespace, MANAGED_SPEC);
    *out = (struct level){.present = true};
    return kube_get(call, kube, &ref, &map, err) &&
           read_text(call->arena, map, "values", &out->values, err) &&
           read_text(call->arena, map, "chart", &out->chart, err);
}

static struct kube_request managed_state(const char *namespace) {
    return (struct kube_request){.verb = KUBE_GET,
                                 .ref = KUBE_REF("v1", "ConfigMap", namespace, MANAGED_STATE)};
}

// Who may read Secrets may not have to read ConfigMaps as well; the operator of the release channel has none.
static bool is_managed(const struct kube_answer *state, bool *managed, struct err *err) {
    enum err_kind kind = state->failure.kind;
    *managed = kind == ERR_NONE && value_is_text(value_dig(state->object, "data", "managed", NULL), "true");
    if (kind == ERR_NONE || kind == ERR_NOT_FOUND || kind == ERR_FORBIDDEN)
        return true;
    *err = state->failure;
    return false;
}

bool levels_managed(struct call *call, struct kube_client *kube, const char *namespace, struct level *out,
                    struct err *err) {
    struct kube_request request = managed_state(namespace);
    struct kube_answer answer = {0};
    struct err ignored = err_in(call->arena);
    bool managed;
    *out = (struct level){0};
    kube_do_many(call, kube, &request, 1, &answer, &ignored);
    return is_managed(&answer, &managed, err) && (!managed || fetch_managed(call, kube, namespace, out, err));
}

void levels_manage(struct levels *levels, const struct level *managed) {
    levels->managed = managed->present;
    if (managed->present)
        levels->channel = *managed;
}

bool levels_get(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                struct levels *out, struct err *err) {
    enum { STATE = LEVEL_COUNT, ALL };
    struct kube_request requests[ALL];
    struct kube_answer answers[ALL] = {0};
    struct err ignored = err_in(call->arena); // each answer carries its own
    struct level level = {0};
    bool managed;
    levels_requests(call->arena, namespace, name, requests);
    requests[STATE] = managed_state(namespace);
    kube_do_many(call, kube, requests, ALL, answers, &ignored);
    if (!levels_from(call->arena, answers, out, err) || !is_managed(&answers[STATE], &managed, err) ||
        (managed && !fetch_managed(call, kube, namespace, &level, err)))
        return err_wrap(err, "read the levels of %s/%s", namespace, name);
    levels_manage(out, &level);
    return true;
}

static const char OWN[] = "the custom resource";

// pkg/wandb/spec/operator/operator.go: global.operator {namespace, apiVersion}.
static struct value operator_defaults(struct arena *arena, const struct levels *levels) {
    struct value namespace = value_dig(levels->active.values, "global", "operator", "namespace", NULL);
    struct value_entry operator[] = {{"apiVersion", value_string_ref("apps.wandb.com/v1")},
                                     {"namespace", value_string(arena, value_text_or(namespace, "wandb"))}};
    struct value_entry global[] = {{"operator", value_map(arena, operator, 2)}};
    struct value_entry values[] = {{"global", value_map(arena, global, 1)}};
    return value_map(arena, values, 1);
}

struct hierarchy levels_merge(struct arena *arena, const struct levels *levels, struct value spec_values) {
    struct hierarchy_level list[] = {
        {OWN, spec_values},
        {"the System Console", levels->console.values},
        {levels->managed ? "the managed spec" : "the release channel", levels->channel.values},
        {"the operator's defaults", operator_defaults(arena, levels)},
    };
    return hierarchy_merge(arena, list, sizeof list / sizeof *list);
}

bool levels_is_own(const struct hierarchy_finding *finding) {
    return !strcmp(finding->higher, OWN);
}

struct value levels_overrides(struct arena *arena, const struct levels *levels, struct value spec_values) {
    struct hierarchy hierarchy = levels_merge(arena, levels, spec_values);
    struct value *paths = arena_array(arena, hierarchy.count + 1, sizeof *paths);
    size_t count = 0;
    for (size_t i = 0; i < hierarchy.count; i++)
        if (hierarchy.findings[i].kind == HIERARCHY_SHADOWED && levels_is_own(&hierarchy.findings[i]))
            paths[count++] = value_string(arena, hierarchy.findings[i].path);
    return value_list(arena, paths, count);
}

const char *levels_problem(struct arena *arena, const struct kube_ref *ref, const struct levels *levels,
                           struct value spec_values) {
    if (levels->console.present && levels->console.lacks)
        return arena_printf(
            arena,
            "the Secret %s/%s-%s has no key \"%s\", and the operator stops at that; add the key with the "
            "JSON text null (chart) or {} (values), or delete the Secret",
            ref->namespace, ref->name, SUFFIXES[LEVEL_CONSOLE], levels->console.lacks);
    struct hierarchy hierarchy = levels_merge(arena, levels, spec_values);
    for (size_t i = 0; i < hierarchy.count; i++) {
        const struct hierarchy_finding *f = &hierarchy.findings[i];
        if (f->kind == HIERARCHY_MISMATCH || f->kind == HIERARCHY_NULL)
            return arena_printf(
                arena,
                "the operator cannot merge spec.values.%s: it is a %s in %s and a %s in %s. It neither "
                "reconciles nor deletes this instance until they agree: write a %s there, or leave it out",
                f->path, value_kind_name(f->high), f->higher, value_kind_name(f->low), f->lower,
                value_kind_name(value_is_null(f->low) ? f->high : f->low));
    }
    return NULL;
}

// Source: wandb/operator v1.22.0 pkg/wandb/spec/charts: the first of these three that validates.
enum levels_chart_form levels_chart_form(struct value chart) {
    const char *url = value_text_or(value_get(chart, "url"), "");
    if (*value_text_or(value_get(chart, "path"), ""))
        return LEVELS_CHART_PATH;
    if (!*url)
        return LEVELS_CHART_NONE;
    if (strncmp(url, "oci://", 6) != 0)
        return *value_text_or(value_get(chart, "name"), "") ? LEVELS_CHART_REPO : LEVELS_CHART_NONE;
    const char *last = strrchr(url, '/');
    bool tagged = strpbrk(last, ":@") != NULL;
    return tagged || *value_text_or(value_get(chart, "version"), "") ? LEVELS_CHART_OCI : LEVELS_CHART_NONE;
}

static struct value chart_of(const struct levels *levels, struct value spec, enum levels_of_chart level) {
    switch (level) {
    case LEVELS_SPEC: return value_untyped(value_get(value_untyped(spec), "chart"));
    case LEVELS_CONSOLE: return levels->console.chart;
    case LEVELS_CHANNEL: return levels->channel.chart;
    default: return value_null();
    }
}

enum levels_of_chart levels_chart_level(const struct levels *levels, struct value spec) {
    for (enum levels_of_chart level = LEVELS_SPEC; level <= LEVELS_CHANNEL; level++)
        if (levels_chart_form(chart_of(levels, spec, level)) != LEVELS_CHART_NONE)
            return level;
    return LEVELS_NOWHERE;
}

struct value levels_chart(const struct levels *levels, struct value spec) {
    return chart_of(levels, spec, levels_chart_level(levels, spec));
}

static struct value level_to_value(struct arena *arena, const struct level *level) {
    struct value_entry entries[] = {
        {"chart", level->chart}, {"metadata", level->metadata}, {"values", level->values}};
    return level->present ? value_map(arena, entries, 3) : value_null();
}

struct value levels_to_value(struct arena *arena, const struct levels *levels) {
    struct value_entry entries[] = {{"active", level_to_value(arena, &levels->active)},
                                    {"channel", level_to_value(arena, &levels->channel)},
                                    {"console", level_to_value(arena, &levels->console)}};
    return value_map(arena, entries, 3);
}

void levels_active_chart(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                         const struct levels *levels, const char **name, const char **version) {
    struct release release;
    struct err ignored = err_in(call->arena);
    *name = value_dig_string(levels->active.chart, "name", NULL);
    *version = value_dig_string(levels->active.chart, "version", NULL);
    if (!levels->active.present || (*name && *version) ||
        !release_latest(call, kube, ref->namespace, ref->name, &release, &ignored))
        return;
    *name = release.chart_name;
    *version = release.chart_version;
}
