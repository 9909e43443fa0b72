// SPDX-License-Identifier: Apache-2.0
// One look at how far an instance is.
#include "base/buf.h"
#include "wandb/instance.h"
#include "wandb/private.h"

#include <string.h>
#include <time.h>

enum { SHOWN = 5 };

// ---- Workloads ----

// What is not ready, as text.
struct unready {
    struct buf text;
    size_t count;
};

static void add_unready(struct arena *arena, struct unready *unready, const struct kube_ref *ref,
                        const struct kube_status *status) {
    if (status->state == KUBE_STATE_READY)
        return;
    if (unready->count++ < SHOWN)
        buf_printf(&unready->text, "%s%s: %s", unready->text.len ? "; " : "", kube_ref_text(arena, ref),
                   status->reason ? status->reason : "not ready");
}

static const char *unready_text(struct unready *unready) {
    if (unready->count > SHOWN)
        buf_printf(&unready->text, "; and %zu more", unready->count - SHOWN);
    return unready->count ? buf_text(&unready->text) : NULL;
}

static const struct rollout *find(const struct rollout_list *found, const struct kube_ref *ref) {
    for (size_t i = 0; i < found->count; i++) {
        const struct kube_ref *other = &found->items[i].ref;
        if (!strcmp(other->kind, ref->kind) && !strcmp(other->name, ref->name) &&
            !strcmp(other->namespace, ref->namespace))
            return &found->items[i];
    }
    return NULL;
}

// Of a release's objects, what the list lacks (it may be elsewhere, or have lost its label) is asked for by
// name.
static bool judge(struct call *call, const struct readiness_view *view, const struct rollout_list *found,
                  const struct readiness_workloads *workloads, const char **missing, struct err *err) {
    struct unready unready = {.count = 0};
    buf_init(&unready.text, call->arena);
    for (size_t i = 0; i < workloads->count; i++) {
        const struct kube_ref *ref = &workloads->items[i];
        const struct rollout *rollout = find(found, ref);
        struct value object = value_null();
        if (!rollout && !kube_find(call, view->kube, ref, &object, err))
            return false;
        if (!rollout && value_is_null(object) && !strcmp(ref->kind, "Job"))
            continue;
        struct kube_status status = {KUBE_STATE_WAITING, "does not exist"};
        if (rollout)
            status = rollout->status;
        else if (!value_is_null(object))
            status = kube_status_of(call->arena, rollout_rules(ref->kind), object, (int64_t)time(NULL));
        add_unready(call->arena, &unready, ref, &status);
    }
    *missing = unready_text(&unready);
    return true;
}

// ---- An operator 1.x ----

static bool is_job(const char *text) {
    return !strncmp(text, "Job/", 4);
}

// Whether exactly the noted workloads are there, and ready.
static bool all_as_noted(struct arena *arena, struct value noted, const struct rollout_list *found) {
    size_t present = 0, jobs = 0;
    for (size_t i = 0; i < found->count; i++) {
        struct value text = value_string(arena, kube_ref_text(arena, &found->items[i].ref));
        bool known = false;
        for (size_t j = 0; j < value_len(noted) && !known; j++)
            known = value_equal(value_at(noted, j), text);
        if (!known || found->items[i].status.state != KUBE_STATE_READY)
            return false;
        present += !is_job(value_get_string(text));
    }
    for (size_t i = 0; i < value_len(noted); i++)
        jobs += is_job(value_text_or(value_at(noted, i), ""));
    return present == value_len(noted) - jobs;
}

static struct value names_of(struct arena *arena, const struct readiness_workloads *workloads) {
    struct value *names = arena_array(arena, workloads->count + 1, sizeof *names);
    for (size_t i = 0; i < workloads->count; i++)
        names[i] = value_string(arena, kube_ref_text(arena, &workloads->items[i]));
    return value_list(arena, names, workloads->count);
}

static const char *not_accepted(struct call *call, const struct readiness_view *view,
                                const struct levels *levels) {
    struct value spec = value_get(view->live, "spec");
    const char *missing = levels_problem(call->arena, &view->ref, levels, value_get(spec, "values"));
    if (!missing)
        missing = readiness_v1_missing(call->arena, spec, levels);
    if (missing && readiness_v1_refused(view->live))
        return arena_printf(call->arena, "%s (phase %s)", missing, instance_phase(view->live));
    return missing;
}

static bool look_v1(struct call *call, const struct readiness_view *view, struct readiness_progress *out,
                    struct err *err) {
    struct rollout_query query = {view->kube, view->rollouts, view->ref.namespace, .release = view->ref.name};
    struct rollout_list found;
    struct readiness_workloads workloads;
    struct levels levels;
    bool noted = !value_is_null(view->workloads);
    if (noted && !rollouts_find(call, &query, &found, err))
        return false;
    if (noted && all_as_noted(call->arena, view->workloads, &found)) {
        *out = (struct readiness_progress){.reached = READINESS_READY, .workloads = view->workloads};
        return true;
    }
    if (!view->levels && !levels_get(call, view->kube, view->ref.namespace, view->ref.name, &levels, err))
        return false;
    out->missing = not_accepted(call, view, view->levels ? view->levels : &levels);
    if (out->missing)
        return true;
    out->reached = READINESS_ACCEPTED;
    if (!readiness_workloads_v1(call, view->kube, &view->ref, &workloads, err) ||
        (workloads.count && !noted && !rollouts_find(call, &query, &found, err)) ||
        !judge(call, view, &found, &workloads, &out->missing, err))
        return false;
    if (workloads.uninstalled) {
        out->missing = readiness_v1_uninstalled(call->arena, &view->ref);
        return true;
    }
    out->workloads = names_of(call->arena, &workloads);
    out->reached = out->missing ? READINESS_ACCEPTED : READINESS_READY;
    return true;
}

// ---- An operator 2.x ----

static bool look_v2(struct call *call, const struct readiness_view *view, struct readiness_progress *out,
                    struct err *err) {
    struct value live = view->live;
    struct kube_ref ref = view->ref;
    struct rollout_list found;
    struct unready unready = {.count = 0};
    out->v2 = true;
    if (strcmp(ref.api_version, INSTANCE_V2) != 0) { // the status that counts is the one in its own version
        ref.api_version = INSTANCE_V2;
        if (!instance_get(call, view->kube, &ref, &live, err))
            return false;
    }
    out->missing = readiness_v2_missing(call->arena, live, READINESS_ACCEPTED);
    if (out->missing)
        return true;
    out->reached = READINESS_ACCEPTED;
    out->missing = readiness_v2_missing(call->arena, live, READINESS_READY);
    if (out->missing)
        return true;
    struct rollout_query query = {view->kube, view->rollouts, ref.namespace,
                                  .owner = value_dig_string(live, "metadata", "uid", NULL)};
    if (!rollouts_find(call, &query, &found, err))
        return false;
    buf_init(&unready.text, call->arena);
    for (size_t i = 0; i < found.count; i++)
        add_unready(call->arena, &unready, &found.items[i].ref, &found.items[i].status);
    out->missing = unready_text(&unready);
    out->reached = out->missing ? READINESS_ACCEPTED : READINESS_READY;
    return true;
}

bool readiness_look(struct call *call, const struct readiness_view *view, struct readiness_progress *out,
                    struct err *err) {
    *out = (struct readiness_progress){.reached = READINESS_NONE};
    bool v2 = value_is_null(view->workloads) && instance_is_v2(call, view->kube, &view->ref);
    return (v2 ? look_v2 : look_v1)(call, view, out, err) ||
           err_wrap(err, "look whether %s is ready", kube_ref_text(call->arena, &view->ref));
}
