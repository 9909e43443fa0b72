// SPDX-License-Identifier: Apache-2.0
#include "wandb/readiness.h"

#include "base/buf.h"
#include "base/log.h"
#include "kube/ready.h"
#include "kube/watch.h"
#include "release/release.h"
#include "value/diff.h"
#include "value/retain.h"
#include "wandb/drift.h"
#include "wandb/instance.h"
#include "wandb/levels.h"

#include <string.h>

enum { PATHS_SHOWN = 5 };

struct wait {
    struct kube_client *kube;
    struct kube_ref ref;
    struct value *live;
    enum readiness wanted;
    const char *missing; // what was missing when it was last looked at
};

static bool is_v2(const struct kube_ref *ref) {
    return !strcmp(ref->api_version, INSTANCE_V2);
}

// ---- v1: the active spec ----

static const char *first_chart(const char *member, struct value spec, const struct levels *levels) {
    struct value charts[] = {value_get(spec, "chart"), levels->console.chart, levels->channel.chart};
    for (size_t i = 0; i < sizeof charts / sizeof *charts; i++)
        if (value_len(charts[i]))
            return value_dig_string(charts[i], member, NULL);
    return NULL;
}

// The first level that has a chart decides it whole; the active one is the same but for defaults.
static const char *chart_problem(struct arena *arena, struct value spec, const struct levels *levels) {
    static const char *const members[] = {"url", "name", "version", "path"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *wanted = first_chart(members[i], spec, levels);
        const char *active = value_dig_string(levels->active.chart, members[i], NULL);
        if (wanted && (!active || strcmp(wanted, active) != 0))
            return arena_printf(arena, "chart.%s is %s, not yet %s", members[i], active ? active : "unset", wanted);
    }
    return NULL;
}

static const char *values_problem(struct arena *arena, struct value expected, struct value active) {
    if (value_same_stored(NULL, expected, active))
        return NULL;
    struct diff diff = diff_values(arena, expected, active, "values", true);
    struct buf out;
    buf_init(&out, arena);
    buf_str(&out, "the operator's active spec still differs at ");
    for (size_t i = 0; i < diff.count && i < PATHS_SHOWN; i++)
        buf_printf(&out, "%s%s", i ? ", " : "", diff.items[i].path);
    if (diff.count > PATHS_SHOWN)
        buf_printf(&out, " and %zu more paths", diff.count - PATHS_SHOWN);
    return buf_text(&out);
}

// NULL when the operator has taken the spec; otherwise what is missing. False: it never will.
static bool v1_missing(struct call *call, struct wait *wait, const char **missing, struct err *err) {
    struct levels levels;
    struct value spec = value_get(*wait->live, "spec");
    if (!levels_get(call, wait->kube, wait->ref.namespace, wait->ref.name, &levels, err))
        return false;
    struct hierarchy hierarchy = levels_merge(call->arena, &levels, value_get(spec, "values"));
    for (size_t i = 0; i < hierarchy.count; i++) {
        const struct hierarchy_finding *f = &hierarchy.findings[i];
        if (f->kind == HIERARCHY_MISMATCH || f->kind == HIERARCHY_NULL)
            return err_set(err, ERR_INVALID,
                           "the operator cannot merge spec.values.%s: it is a %s in %s and a %s in %s. It will not reconcile "
                           "or delete this instance until they agree",
                           f->path, value_kind_name(f->high), f->higher, value_kind_name(f->low), f->lower);
    }
    *missing = "the operator has not written its active spec yet";
    if (!levels.active.present)
        return true;
    *missing = values_problem(call->arena, hierarchy.merged, levels.active.values);
    if (!*missing)
        *missing = chart_problem(call->arena, spec, &levels);
    return true;
}

// ---- v2: conditions ----

static const char *v2_missing(struct arena *arena, const struct wait *wait) {
    struct value conditions = value_dig(*wait->live, "status", "conditions", NULL);
    struct value generation = value_dig(*wait->live, "metadata", "generation", NULL);
    for (size_t i = 0; i < value_len(conditions); i++) {
        struct value condition = value_at(conditions, i);
        const char *type = value_dig_string(condition, "type", NULL);
        const char *status = value_dig_string(condition, "status", NULL);
        const char *reason = value_dig_string(condition, "reason", NULL);
        if (!type || strcmp(type, "Ready") != 0)
            continue;
        if (!value_equal(value_get(condition, "observedGeneration"), generation))
            return "the condition Ready is about an earlier generation";
        bool ready = status && !strcmp(status, "True");
        return ready || wait->wanted == READINESS_ACCEPTED
                   ? NULL
                   : arena_printf(arena, "the condition Ready is %s (%s)", status ? status : "unset",
                                  reason ? reason : "no reason given");
    }
    return "the operator has not set the condition Ready yet";
}

// ---- Waiting ----

static enum kube_watch_next look(void *data, struct call *call, const struct kube_event *event, struct err *err) {
    struct wait *wait = data;
    const char *missing = NULL;
    if (!event || event->kind == KUBE_EVENT_SYNCED)
        return KUBE_WATCH_ON;
    if (event->target == 0 && !value_is_null(event->object))
        *wait->live = value_copy(call->arena, event->object);
    if (event->target == 0 && event->kind == KUBE_EVENT_GONE) {
        err_set(err, ERR_NOT_FOUND, "it was deleted meanwhile");
        return KUBE_WATCH_FAILED;
    }
    if (is_v2(&wait->ref))
        missing = v2_missing(call->arena, wait);
    else if (!v1_missing(call, wait, &missing, err))
        return KUBE_WATCH_FAILED;
    if (missing && (!wait->missing || strcmp(missing, wait->missing) != 0))
        log_to(call, LOG_INFO, "wandb", "waiting for %s: %s", kube_ref_text(call->arena, &wait->ref), missing);
    wait->missing = missing;
    return missing ? KUBE_WATCH_ON : KUBE_WATCH_DONE;
}

static bool wait_accepted(struct call *call, struct wait *wait, struct err *err) {
    struct arena *arena = call->arena;
    struct kube_watch_target targets[1 + LEVEL_COUNT] = {{.ref = wait->ref}};
    struct kube_request levels[LEVEL_COUNT];
    size_t count = is_v2(&wait->ref) ? 1 : 1 + LEVEL_COUNT;
    levels_requests(arena, wait->ref.namespace, wait->ref.name, levels);
    for (size_t i = 0; i < LEVEL_COUNT; i++)
        targets[1 + i].ref = levels[i].ref;
    if (kube_watch(call, wait->kube, targets, count, 0, look, wait, err))
        return true;
    if (err->kind != ERR_TIMEOUT)
        return false;
    const char *phase = instance_phase(*wait->live);
    return err_set(err, ERR_TIMEOUT,
                   "timed out: %s (phase %s). Does the controller-manager run, and what does it log?\n%s",
                   wait->missing ? wait->missing : "nothing was heard from the API server", *phase ? phase : "unset",
                   kube_explain(call, wait->kube, &wait->ref));
}

static bool is_workload(const char *kind) {
    return !strcmp(kind, "Deployment") || !strcmp(kind, "StatefulSet") || !strcmp(kind, "DaemonSet") ||
           !strcmp(kind, "Job");
}

static void log_progress(void *data, const struct kube_ref *ref, const struct kube_status *status) {
    struct call *call = data;
    log_to(call, LOG_INFO, "wandb", "waiting for %s: %s", kube_ref_text(call->arena, ref),
           status->reason ? status->reason : "ready");
}

// What the chart of the instance installed, by the Helm release that the operator made.
static bool wait_workloads(struct call *call, struct wait *wait, struct err *err) {
    struct release release;
    struct release_objects objects;
    if (!release_latest(call, wait->kube, wait->ref.namespace, wait->ref.name, &release, err)) {
        bool none = err->kind == ERR_NOT_FOUND;
        err->kind = none ? ERR_NONE : err->kind;
        return none;
    }
    if (!release_objects_of(call, wait->kube, &release, &objects, err))
        return false;
    struct kube_ref *refs = arena_array(call->arena, objects.count + 1, sizeof *refs);
    size_t count = 0;
    for (size_t i = 0; i < objects.count; i++)
        if (is_workload(objects.items[i].ref.kind))
            refs[count++] = objects.items[i].ref;
    struct kube_wait rules = {.rules = KUBE_RULES_HOOK, .progress = log_progress, .data = call};
    return kube_wait_ready(call, wait->kube, refs, count, &rules, err);
}

bool readiness_wait(struct call *call, struct kube_client *kube, struct value *live, enum readiness wanted,
                    struct err *err) {
    struct wait wait = {.kube = kube, .ref = kube_ref_of(*live), .live = live, .wanted = wanted};
    if (wanted == READINESS_NONE)
        return true;
    const char *text = kube_ref_text(call->arena, &wait.ref);
    if (!wait_accepted(call, &wait, err))
        return err_wrap(err, "wait for %s", text);
    if (wanted == READINESS_READY && !is_v2(&wait.ref) && !wait_workloads(call, &wait, err))
        return err_wrap(err, "%s: the operator has taken the spec, but not every workload is ready", text);
    return instance_get(call, kube, &wait.ref, live, err);
}
