// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_state.h"

#include "provider/config.h"
#include "provider/identity.h"
#include "provider/instance_drift.h"
#include "provider/instance_model.h"
#include "provider/instance_owner.h"
#include "provider/instance_release.h"
#include "wandb/instance.h"
#include "wandb/levels.h"

#include <string.h>

static struct value active_chart(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                                 const struct levels *levels) {
    struct arena *arena = call->arena;
    const char *name, *version;
    levels_active_chart(call, kube, ref, levels, &name, &version);
    if (!name && !version)
        return value_null();
    struct value_entry chart[] = {{"name", value_text(arena, name)}, {"version", value_text(arena, version)}};
    return value_map(arena, chart, 2);
}

static struct value overrides(struct arena *arena, const struct levels *levels, struct value spec) {
    struct value values = value_get(value_untyped(spec), "values");
    struct hierarchy hierarchy = levels_merge(arena, levels, values);
    struct value *paths = arena_array(arena, hierarchy.count + 1, sizeof *paths);
    size_t count = 0;
    for (size_t i = 0; i < hierarchy.count; i++)
        if (hierarchy.findings[i].kind == HIERARCHY_SHADOWED)
            paths[count++] = value_string(arena, hierarchy.findings[i].path);
    return value_list(arena, paths, count);
}

struct value instance_state_live(struct arena *arena, struct value state, struct value live) {
    struct value metadata = value_get(live, "metadata");
    state = value_with(arena, state, "uid", value_get(metadata, "uid"));
    state = value_with(arena, state, "generation", value_get(metadata, "generation"));
    state = value_with(arena, state, "phase", value_string(arena, instance_phase(live)));
    state = value_with(arena, state, "ready", value_bool(instance_is_ready(live)));
    return value_with(arena, state, "url", value_text(arena, instance_url(arena, value_get(state, "spec"))));
}

// Who may not read the operator's Secrets, or finds one broken, can manage the custom resource all the same.
static bool without_levels(struct call *call, struct resource_state *state, struct err *err) {
    static const char *const MEMBERS[] = {"active_chart", "overrides"};
    if (err->kind != ERR_FORBIDDEN && err->kind != ERR_INVALID)
        return false;
    call_warn(call, NULL, "Levels were not read",
              "What the System Console and the release channel say was not read, so active_chart and "
              "overrides may be out of "
              "date: %s",
              err->msg);
    err->kind = ERR_NONE;
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++)
        if (!value_is_known(value_get(state->value, MEMBERS[i])))
            state->value = value_with(call->arena, state->value, MEMBERS[i], value_null());
    return true;
}

bool instance_state_levels(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                           struct value live, struct resource_state *state, struct err *err) {
    struct arena *arena = call->arena;
    struct value seen = value_dig(live, "metadata", "resourceVersion", NULL);
    struct levels levels;
    if (value_equal(seen, value_get(state->private, "resource_version")))
        return true;
    if (!levels_get(call, kube, ref->namespace, ref->name, &levels, err))
        return without_levels(call, state, err);
    struct value value =
        value_with(arena, state->value, "active_chart", active_chart(call, kube, ref, &levels));
    state->value = value_with(arena, value, "overrides", overrides(arena, &levels, value_get(value, "spec")));
    state->private = value_with(arena, state->private, "resource_version", seen);
    return true;
}

// An import does not say which version the object is managed in: the one that whoever applied it last wrote
// it in.
static const char *imported_version(struct value live) {
    struct value fields = value_dig(live, "metadata", "managedFields", NULL);
    for (size_t i = 0; i < value_len(fields); i++) {
        struct value entry = value_at(fields, i);
        const char *version = value_dig_string(entry, "apiVersion", NULL);
        if (value_is_null(value_get(entry, "subresource")) && version && !strcmp(version, INSTANCE_V2))
            return INSTANCE_V2;
    }
    return INSTANCE_V1;
}

static bool read_live(struct call *call, struct kube_client *kube, struct resource_state *state,
                      struct kube_ref *ref, struct value *live, struct err *err) {
    if (!instance_get(call, kube, ref, live, err))
        return false;
    if (value_is_null(*live) || !value_is_null(value_get(state->value, "spec")))
        return true;
    const char *version = imported_version(*live);
    if (!strcmp(version, ref->api_version))
        return true;
    ref->api_version = version;
    state->value = value_with(call->arena, state->value, "api_version", value_string(call->arena, version));
    return instance_get(call, kube, ref, live, err);
}

bool instance_read(struct call *call, struct provider *provider, struct resource_state *state,
                   struct err *err) {
    struct arena *arena = call->arena;
    struct instance_model model;
    struct value live;
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !instance_decode(call, state->value, &model, err))
        return false;
    struct kube_ref ref = {model.api_version, INSTANCE_KIND, model.namespace, model.name};
    if (!read_live(call, kube, state, &ref, &live, err))
        return false;
    if (value_is_null(live)) {
        state->value = value_null();
        call_warn(call, NULL, "Drift detected",
                  "%s was deleted outside of Terraform. Applying this plan creates it again.",
                  kube_ref_text(arena, &ref));
        return true;
    }
    bool report = !strcmp(model.drift, "report"), imported = value_is_null(value_get(state->value, "spec"));
    instance_owner_read(call, live, imported, state);
    instance_release_note(arena, live, imported, state);
    instance_drift_read(call, live, provider_settings(provider)->field_manager, report, state);
    state->value = instance_state_live(arena, state->value, live);
    state->identity = identity_value(arena, ref.name, ref.namespace);
    return instance_state_levels(call, kube, &ref, live, state, err);
}
