// SPDX-License-Identifier: Apache-2.0
#include "wandb/levels.h"

#include "codec/base64.h"
#include "codec/json.h"

#include <string.h>

static const char *const SUFFIXES[LEVEL_COUNT] = {"spec-user", "latest-cached-release", "spec-active"};

void levels_requests(struct arena *arena, const char *namespace, const char *name,
                     struct kube_request out[LEVEL_COUNT]) {
    for (size_t i = 0; i < LEVEL_COUNT; i++)
        out[i] = (struct kube_request){
            .verb = KUBE_GET,
            .ref = {"v1", "Secret", namespace, arena_printf(arena, "%s-%s", name, SUFFIXES[i])}};
}

static bool read_key(struct arena *arena, struct value secret, const char *key, struct value *out,
                     struct err *err) {
    const char *data = value_dig_string(secret, "data", key, NULL);
    struct buf text;
    *out = value_null();
    if (!data || !*data)
        return true;
    buf_init(&text, arena);
    if (base64_decode(&text, data, strlen(data), err) &&
        json_decode(arena, buf_text(&text), text.len, out, err))
        return true;
    return err_wrap(err, "Secret %s, key %s", value_dig_string(secret, "metadata", "name", NULL), key);
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
    out->present = true;
    return read_key(arena, answer->object, "chart", &out->chart, err) &&
           read_key(arena, answer->object, "values", &out->values, err) &&
           read_key(arena, answer->object, "metadata", &out->metadata, err);
}

bool levels_from(struct arena *arena, const struct kube_answer answers[LEVEL_COUNT], struct levels *out,
                 struct err *err) {
    return read_level(arena, &answers[0], &out->console, err) &&
           read_level(arena, &answers[1], &out->channel, err) &&
           read_level(arena, &answers[2], &out->active, err);
}

bool levels_get(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                struct levels *out, struct err *err) {
    struct kube_request requests[LEVEL_COUNT];
    struct kube_answer answers[LEVEL_COUNT] = {0};
    struct err ignored = err_in(call->arena); // each answer carries its own
    levels_requests(call->arena, namespace, name, requests);
    kube_do_many(call, kube, requests, LEVEL_COUNT, answers, &ignored);
    return levels_from(call->arena, answers, out, err) || err_wrap(err, "read the levels of %s/%s", namespace, name);
}

// pkg/wandb/spec/operator/operator.go: global.operator {namespace, apiVersion}.
static struct value operator_defaults(struct arena *arena, const struct levels *levels) {
    const char *namespace =
        value_dig_string(levels->active.values, "global", "operator", "namespace", NULL);
    if (!namespace)
        namespace = "wandb";
    struct value_entry operator[] = {{"apiVersion", value_string_ref("apps.wandb.com/v1")},
                                     {"namespace", value_string(arena, namespace)}};
    struct value_entry global[] = {{"operator", value_map(arena, operator, 2)}};
    struct value_entry values[] = {{"global", value_map(arena, global, 1)}};
    return value_map(arena, values, 1);
}

struct hierarchy levels_merge(struct arena *arena, const struct levels *levels, struct value spec_values) {
    struct hierarchy_level list[] = {
        {"the custom resource", spec_values},
        {"the System Console", levels->console.values},
        {"the release channel", levels->channel.values},
        {"the operator's defaults", operator_defaults(arena, levels)},
    };
    return hierarchy_merge(arena, list, sizeof list / sizeof *list);
}

void levels_active_chart(const struct levels *levels, const char **name, const char **version) {
    *name = value_dig_string(levels->active.chart, "name", NULL);
    *version = value_dig_string(levels->active.chart, "version", NULL);
    if (!*name)
        *name = value_dig_string(levels->active.chart, "path", NULL);
    if (!*name)
        *name = value_dig_string(levels->active.chart, "url", NULL);
}
