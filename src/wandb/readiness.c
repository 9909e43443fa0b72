// SPDX-License-Identifier: Apache-2.0
#include "wandb/readiness.h"

#include "base/log.h"
#include "drift/drift.h"
#include "kube/ready.h"
#include "kube/watch.h"
#include "release/release.h"
#include "value/diff.h"
#include "value/retain.h"
#include "wandb/instance.h"
#include "wandb/levels.h"
#include "wandb/operator_log.h"
#include "wandb/private.h"

#include <string.h>
#include <time.h>

enum { TICK_MS = 1000, REFUSED_MS = 3000, SETTLE_MS = 10000, EXPLAIN_MS = 5000, WORKLOADS_SHOWN = 3 };

static const char UNDER_WAY[] = "Loading"; // the phase before a spec is applied

struct wait {
    struct arena *arena; // outlives the turns of the watch
    struct kube_client *kube;
    struct kube_ref ref; // in the version that its operator writes the status in
    bool v2;
    struct value *live;
    struct kube_answer levels[LEVEL_COUNT]; // the operator's Secrets, as last heard
    bool synced;                            // each of them was heard of
    struct level managed;                   // what counts in the release channel's stead
    enum readiness wanted;
    const char *missing;   // what was missing when it was last looked at
    bool moved;            // what the phase says is about this spec: it was another since the write
    int64_t refused_since; // since when it is refused, 0 when it is not
    int64_t matched_since; // since when the active spec is as expected, 0 when it is not
};

// ---- v1 ----

// NULL when the operator has taken the spec; otherwise what is missing. False: it never will.
static bool v1_missing(struct call *call, struct wait *wait, const char **missing, struct err *err) {
    struct levels levels;
    struct value spec = value_get(*wait->live, "spec");
    if (!levels_from(call->arena, wait->levels, &levels, err))
        return err_wrap(err, "read the levels of %s/%s", wait->ref.namespace, wait->ref.name);
    levels_manage(&levels, &wait->managed);
    const char *problem = levels_problem(call->arena, &wait->ref, &levels, value_get(spec, "values"));
    if (problem)
        return err_set(err, ERR_INVALID, "%s\n%s", problem,
                       operator_log_about(call, wait->kube, &wait->ref, value_get(*wait->live, "spec")));
    *missing = readiness_v1_missing(call->arena, spec, &levels);
    if (*missing)
        wait->matched_since = 0;
    else if (!wait->matched_since)
        wait->matched_since = call_now();
    // It says Completed a moment after; should that write of its fail, the spec is taken all the same.
    if (!*missing && !strcmp(instance_phase(*wait->live), UNDER_WAY) &&
        call_now() - wait->matched_since < SETTLE_MS)
        *missing = "the operator is finishing";
    return true;
}

// What the Helm release of the instance says about a refused spec; it and the events are all there is to
// read.
static bool refused(struct call *call, struct wait *wait, struct err *err) {
    struct release release;
    struct err ignored = err_in(call->arena);
    bool made = release_latest(call, wait->kube, wait->ref.namespace, wait->ref.name, &release, &ignored);
    const char *why =
        "there is no Helm release of it, so the chart could not be loaded or rendered, or no level names one";
    if (made)
        why = arena_printf(call->arena, "revision %d of its Helm release is %s: %s", release.revision,
                           release.status, release.description ? release.description : "no reason given");
    return err_set(err, ERR_INVALID,
                   "the operator refused the spec (phase %s): %s. It tries again in an hour, or when the "
                   "spec changes\n%s\n%s",
                   instance_phase(*wait->live), why, kube_explain(call, wait->kube, &wait->ref),
                   operator_log_about(call, wait->kube, &wait->ref, value_get(*wait->live, "spec")));
}

static bool is_refused(struct wait *wait) {
    bool now = readiness_v1_refused(*wait->live);
    wait->moved |= !now;
    if (!now || !wait->moved)
        wait->refused_since = 0;
    else if (!wait->refused_since)
        wait->refused_since = call_now();
    return wait->refused_since && call_now() - wait->refused_since >= REFUSED_MS;
}

// ---- Waiting ----

static void take_level(struct wait *wait, const struct kube_event *event) {
    struct kube_answer *level = &wait->levels[event->target - 1];
    bool gone = event->kind == KUBE_EVENT_GONE;
    *level = (struct kube_answer){.failure.kind = gone ? ERR_NOT_FOUND : ERR_NONE};
    if (!gone)
        level->object = value_copy(wait->arena, event->object);
}

static bool take_event(struct wait *wait, const struct kube_event *event, struct err *err) {
    if (event && event->kind == KUBE_EVENT_SYNCED)
        wait->synced = true;
    if (!event || event->kind == KUBE_EVENT_SYNCED)
        return true;
    if (event->target > 0) {
        take_level(wait, event);
        return true;
    }
    if (event->kind == KUBE_EVENT_GONE)
        return err_set(err, ERR_NOT_FOUND, "it was deleted meanwhile");
    if (!value_is_null(event->object))
        *wait->live = value_copy(wait->arena, event->object);
    return true;
}

static void note_missing(struct call *call, struct wait *wait, const char *missing) {
    if (!missing || (wait->missing && !strcmp(missing, wait->missing)))
        return;
    wait->missing = arena_strdup(wait->arena, missing);
    log_to(call, LOG_INFO, "wandb", "waiting for %s: %s", kube_ref_text(call->arena, &wait->ref), missing);
}

static enum kube_watch_next look(void *data, struct call *call, const struct kube_event *event,
                                 struct err *err) {
    struct wait *wait = data;
    const char *missing = NULL;
    if (!take_event(wait, event, err))
        return KUBE_WATCH_FAILED;
    if (!wait->synced || (!event && !wait->refused_since && !wait->matched_since))
        return KUBE_WATCH_ON;
    if (wait->v2)
        missing = readiness_v2_missing(call->arena, *wait->live, wait->wanted);
    else if (!v1_missing(call, wait, &missing, err))
        return KUBE_WATCH_FAILED;
    note_missing(call, wait, missing);
    if (missing && !wait->v2 && is_refused(wait)) {
        refused(call, wait, err);
        return KUBE_WATCH_FAILED;
    }
    return missing ? KUBE_WATCH_ON : KUBE_WATCH_DONE;
}

// An operator 2.x waits for what runs itself, and says little of why it does not.
static const char *explain_workloads(struct call *call, const struct wait *wait) {
    struct call own = *call; // the deadline is what brought us here
    struct readiness_workloads workloads;
    struct err ignored = err_in(call->arena);
    const char *text = "";
    own.deadline = call_now() + EXPLAIN_MS;
    if (!readiness_workloads(&own, wait->kube, &wait->ref, &workloads, &ignored))
        return text;
    for (size_t i = 0, shown = 0; i < workloads.count && shown < WORKLOADS_SHOWN; i++) {
        const struct kube_ref *ref = &workloads.items[i];
        enum kube_rules rules = rollout_rules(ref->kind);
        struct value object;
        if (!kube_get(&own, wait->kube, ref, &object, &ignored))
            continue;
        struct kube_status status = kube_status_of(call->arena, rules, object, (int64_t)time(NULL));
        if (status.state == KUBE_STATE_READY)
            continue;
        text = arena_printf(call->arena, "%s%s: %s\n%s\n", text, kube_ref_text(call->arena, ref),
                            status.reason ? status.reason : "not ready", kube_explain(&own, wait->kube, ref));
        shown++;
    }
    return text;
}

static bool wait_accepted(struct call *call, struct wait *wait, struct err *err) {
    struct arena *arena = call->arena;
    struct kube_watch_target targets[1 + LEVEL_COUNT] = {{.ref = wait->ref}};
    struct kube_request levels[LEVEL_COUNT];
    size_t count = wait->v2 ? 1 : 1 + LEVEL_COUNT;
    levels_requests(arena, wait->ref.namespace, wait->ref.name, levels);
    for (size_t i = 0; i < LEVEL_COUNT; i++)
        targets[1 + i].ref = levels[i].ref;
    if (kube_watch(call, wait->kube, targets, count, TICK_MS, look, wait, err))
        return true;
    if (err->kind != ERR_TIMEOUT)
        return false;
    const char *phase = instance_phase(*wait->live);
    return err_set(err, ERR_TIMEOUT, "timed out: %s%s\n%s\n%s%s",
                   wait->missing ? wait->missing : "nothing was heard from the API server",
                   wait->v2 ? "" : arena_printf(arena, " (phase %s)", *phase ? phase : "unset"),
                   kube_explain(call, wait->kube, &wait->ref), wait->v2 ? explain_workloads(call, wait) : "",
                   operator_log_about(call, wait->kube, &wait->ref, value_get(*wait->live, "spec")));
}

static void log_progress(void *data, const struct kube_ref *ref, const struct kube_status *status) {
    struct call *call = data;
    log_to(call, LOG_INFO, "wandb", "waiting for %s: %s", kube_ref_text(call->arena, ref),
           status->reason ? status->reason : "ready");
}

static bool wait_kinds(struct call *call, struct wait *wait, const struct readiness_workloads *workloads,
                       bool jobs, struct err *err) {
    struct kube_ref *refs = arena_array(call->arena, workloads->count + 1, sizeof *refs);
    size_t count = 0;
    for (size_t i = 0; i < workloads->count; i++)
        if (!strcmp(workloads->items[i].kind, "Job") == jobs)
            refs[count++] = workloads->items[i];
    struct kube_wait rules = {
        .rules = jobs ? KUBE_RULES_HOOK : KUBE_RULES_KSTATUS, .progress = log_progress, .data = call};
    return !count || kube_wait_ready(call, wait->kube, refs, count, &rules, err);
}

// A migration that failed explains servers that do not start, so Jobs come first.
static bool wait_workloads(struct call *call, struct wait *wait, struct err *err) {
    struct readiness_workloads workloads;
    if (!readiness_workloads(call, wait->kube, &wait->ref, &workloads, err))
        return false;
    if (workloads.uninstalled)
        return err_set(err, ERR_CONFLICT, "%s", readiness_v1_uninstalled(call->arena, &wait->ref));
    return wait_kinds(call, wait, &workloads, true, err) && wait_kinds(call, wait, &workloads, false, err);
}

bool readiness_wait(struct call *call, struct kube_client *kube, struct value *live,
                    const struct readiness_goal *goal, struct err *err) {
    struct kube_ref ref = kube_ref_of(*live);
    struct wait wait = {.arena = call->arena, .kube = kube, .ref = ref, .live = live, .wanted = goal->wanted};
    wait.moved = !goal->written || !readiness_v1_refused(*live);
    if (goal->wanted == READINESS_NONE)
        return true;
    const char *text = kube_ref_text(call->arena, &ref);
    wait.v2 = instance_is_v2(call, kube, &ref);
    if (wait.v2)
        wait.ref.api_version = INSTANCE_V2;
    else if (!levels_managed(call, kube, ref.namespace, &wait.managed, err))
        return err_wrap(err, "wait for %s", text);
    if (!wait_accepted(call, &wait, err))
        return err_wrap(err, "wait for %s", text);
    if (goal->wanted == READINESS_READY && !wait_workloads(call, &wait, err))
        return err_wrap(err, "%s: the operator has taken the spec, but not every workload is ready", text);
    return instance_get(call, kube, &ref, live, err);
}
