// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_state.h"

#include "provider/config.h"
#include "provider/identity.h"
#include "provider/ignore_drift.h"
#include "provider/instance_chart.h"
#include "provider/instance_drift.h"
#include "provider/instance_model.h"
#include "provider/instance_predecessor.h"
#include "provider/instance_ready.h"
#include "provider/instance_release.h"
#include "provider/resource_owner.h"
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

struct value instance_state_live(struct arena *arena, struct value state, struct value live) {
    struct value metadata = value_get(live, "metadata");
    state = value_with(arena, state, "uid", value_get(metadata, "uid"));
    state = value_with(arena, state, "generation", value_get(metadata, "generation"));
    state = value_with(arena, state, "phase", value_string(arena, instance_phase(live)));
    return value_with(arena, state, "url", value_text(arena, instance_url(arena, value_get(state, "spec"))));
}

// Who may not read the operator's Secrets, or finds one broken, can manage the custom resource all the same.
static bool without_levels(struct call *call, struct resource_state *state, struct err *err) {
    static const char *const MEMBERS[] = {"active_chart", "overrides"};
    if (err->kind != ERR_FORBIDDEN && err->kind != ERR_INVALID)
        return false;
    call_warn(call, subject_of(call->about), "Levels were not read:",
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

// They only move with the object's resourceVersion (the operator writes the status whenever it reconciles),
// so they are read again only then; what was noted of its progress is no longer true either.
static bool read_levels(struct call *call, struct readiness_view *view, struct levels *levels,
                        struct resource_state *state, struct err *err) {
    struct arena *arena = call->arena;
    const struct kube_ref *ref = &view->ref;
    struct value seen = value_dig(view->live, "metadata", "resourceVersion", NULL);
    if (value_equal(seen, value_get(state->private, "resource_version")))
        return true;
    state->private = value_without(arena, state->private, "progress");
    if (!levels_get(call, view->kube, ref->namespace, ref->name, levels, err))
        return without_levels(call, state, err);
    struct value now = active_chart(call, view->kube, ref, levels);
    instance_chart_tell(call, &(struct instance_chart_reading){*ref, view->live, levels,
                                                               value_get(state->value, "active_chart"), now});
    struct value value = value_with(arena, state->value, "active_chart", now);
    struct value values = value_get(value_untyped(value_get(value, "spec")), "values");
    state->value = value_with(arena, value, "overrides", levels_overrides(arena, levels, values));
    state->private = value_with(arena, state->private, "resource_version", seen);
    view->levels = levels;
    return true;
}

bool instance_state_operator(struct call *call, struct provider *provider, const struct kube_ref *ref,
                             struct value live, struct resource_state *state, struct err *err) {
    struct levels levels;
    struct readiness_view view = {.kube = provider_kube(call, provider, err),
                                  .rollouts = provider_rollouts(provider),
                                  .ref = *ref,
                                  .live = live};
    return view.kube && read_levels(call, &view, &levels, state, err) &&
           instance_ready_look(call, provider, &view, state, err);
}

// An import does not say which version the object is managed in: the one that whoever applied it last wrote
// it in.
static const char *imported_version(struct value live) {
    struct value fields = value_dig(live, "metadata", "managedFields", NULL);
    for (size_t i = 0; i < value_len(fields); i++) {
        struct value entry = value_at(fields, i);
        if (value_is_null(value_get(entry, "subresource")) &&
            value_is_text(value_get(entry, "apiVersion"), INSTANCE_V2))
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

static void read_owner(struct call *call, struct value live, bool imported, struct resource_state *state) {
    struct kube_ref ref = kube_ref_of(live);
    const char *theirs = instance_owner(live);
    resource_owner_read(call->arena, theirs, imported, state);
    if (resource_owner_is_other(theirs, state))
        call_warn(
            call, subject_of(kube_ref_text(call->arena, &ref)), "Instance belongs to another resource:",
            "%s was taken over by another wandb_instance, of this configuration or another. Two that "
            "write one object undo each other's changes: keep one, and take the other out of its state "
            "(removed block or terraform state rm). Destroying this one will leave the object as it is.",
            kube_ref_text(call->arena, &ref));
}

bool instance_read(struct call *call, struct provider *provider, struct resource_state *state,
                   struct err *err) {
    struct arena *arena = call->arena;
    struct instance_model model;
    struct value live;
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !instance_decode(call, state->value, &model, err))
        return false;
    struct kube_ref ref = instance_model_ref(&model);
    call->about = kube_ref_text(arena, &ref);
    if (!read_live(call, kube, state, &ref, &live, err))
        return false;
    if (value_is_null(live)) {
        state->value = value_null();
        call_warn(call, subject_of(call->about), "Deleted outside of Terraform:",
                  "%s is not in the cluster any more. Where the configuration has it, the next apply creates "
                  "it again.",
                  call->about);
        return true;
    }
    bool imported = value_is_null(value_get(state->value, "spec"));
    struct kube_ignored ignored = ignore_drift_of(arena, state->value);
    struct instance_reading reading = {live, provider_settings(provider)->field_manager,
                                       kube_ignored_of(arena, &ignored, &ref),
                                       !strcmp(model.drift, "report")};
    bool first = value_is_null(value_get(state->value, "uid")); // after an import or a move
    read_owner(call, live, imported, state);
    instance_release_note(arena, live, first, state);
    instance_drift_read(call, &reading, state);
    state->value = instance_state_live(arena, state->value, live);
    state->identity = identity_value(arena, ref.name, ref.namespace);
    state->value = instance_predecessor_read(arena, state->value, live);
    if (first) // whoever wrote it waited for it, or did not
        instance_ready_note(arena, live, READINESS_READY, state);
    return instance_state_operator(call, provider, &ref, live, state, err);
}
