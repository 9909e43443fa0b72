// SPDX-License-Identifier: Apache-2.0
// Deleting an instance: the operator uninstalls the chart and then releases its finalizer. It does
// neither when it cannot merge the levels, and never releases an instance whose chart never installed
// (wandb/operator v1.22.0: "release: not found" at every try).
#include "base/buf.h"
#include "kube/ready.h"
#include "kube/watch.h"
#include "release/release.h"
#include "wandb/instance.h"
#include "wandb/levels.h"
#include "wandb/operator_log.h"

#include <string.h>

static const char FINALIZER[] = "finalizer.app.wandb.com";

// How long a state must last before it is taken for the end: a healthy operator passes through both.
enum { TICK_MS = 2000, STUCK_MS = 6000 };

struct removal {
    struct arena *arena; // outlives the turns of the watch
    struct kube_client *kube;
    struct kube_ref ref;
    struct value live;
    int64_t stuck_since; // 0 when the operator can finish
    const char *why;     // why it cannot
    bool stuck;          // for good
};

static struct value finalizers_of(struct value live) {
    return value_dig(live, "metadata", "finalizers", NULL);
}

static bool has_finalizer(struct value live) {
    struct value finalizers = finalizers_of(live);
    for (size_t i = 0; i < value_len(finalizers); i++)
        if (value_is_text(value_at(finalizers, i), FINALIZER))
            return true;
    return false;
}

// NULL when the operator can finish, or when that cannot be seen.
static const char *obstacle(struct call *call, struct removal *removal) {
    const struct kube_ref *ref = &removal->ref;
    struct levels levels;
    struct release release;
    struct err err = err_in(call->arena);
    if (!has_finalizer(removal->live) || strcmp(ref->api_version, INSTANCE_V1) != 0 ||
        !levels_get(call, removal->kube, ref->namespace, ref->name, &levels, &err))
        return NULL;
    struct value values = value_dig(removal->live, "spec", "values", NULL);
    const char *problem = levels_problem(call->arena, ref, &levels, values);
    if (problem)
        return problem;
    if (release_latest(call, removal->kube, ref->namespace, ref->name, &release, &err) ||
        err.kind != ERR_NOT_FOUND)
        return NULL;
    return arena_printf(
        call->arena,
        "its chart was never installed: there is no Helm release \"%s\" in namespace %s. The operator tries "
        "to uninstall that for ever and never releases its finalizer",
        ref->name, ref->namespace);
}

static void look_for_obstacle(struct call *call, struct removal *removal) {
    const char *why = obstacle(call, removal);
    if (!why) {
        removal->stuck_since = 0;
        return;
    }
    if (!removal->stuck_since)
        removal->stuck_since = call_now();
    removal->why = arena_strdup(removal->arena, why);
    removal->stuck = call_now() - removal->stuck_since >= STUCK_MS;
}

static enum kube_watch_next look(void *data, struct call *call, const struct kube_event *event,
                                 struct err *err) {
    struct removal *removal = data;
    (void)err;
    if (event && event->kind == KUBE_EVENT_GONE)
        return KUBE_WATCH_DONE;
    if (event && !value_is_null(event->object))
        removal->live = value_copy(removal->arena, event->object);
    if (!event)
        look_for_obstacle(call, removal);
    return removal->stuck ? KUBE_WATCH_DONE : KUBE_WATCH_ON;
}

static const char *finalizer_names(struct arena *arena, struct value live) {
    struct value finalizers = finalizers_of(live);
    struct buf names;
    buf_init(&names, arena);
    for (size_t i = 0; i < value_len(finalizers); i++)
        buf_printf(&names, "%s%s", i ? ", " : "", value_text_or(value_at(finalizers, i), "?"));
    return buf_text(&names);
}

// Everything that there is to read about it.
static const char *heard(struct call *call, const struct removal *removal) {
    return arena_printf(
        call->arena, "%s\n%s", kube_explain(call, removal->kube, &removal->ref),
        operator_log_about(call, removal->kube, &removal->ref, value_get(removal->live, "spec")));
}

static bool wait_gone(struct call *call, struct removal *removal, struct err *err) {
    struct kube_watch_target target = {.ref = removal->ref};
    if (kube_watch(call, removal->kube, &target, 1, TICK_MS, look, removal, err))
        return true;
    const char *text = kube_ref_text(call->arena, &removal->ref);
    if (err->kind != ERR_TIMEOUT)
        return err_wrap(err, "wait until %s is gone", text);
    return err_set(err, ERR_TIMEOUT,
                   "%s is being deleted, but these finalizers are still there: %s. W&B's operator releases "
                   "its own once it has uninstalled the chart\n%s",
                   text, finalizer_names(call->arena, removal->live), heard(call, removal));
}

static bool remove_finalizer(struct call *call, struct removal *removal, struct err *err) {
    struct value finalizers = finalizers_of(removal->live), rest = value_list(call->arena, NULL, 0);
    for (size_t i = 0; i < value_len(finalizers); i++)
        if (!value_is_text(value_at(finalizers, i), FINALIZER))
            rest = value_append(call->arena, rest, value_at(finalizers, i));
    struct value metadata = value_map(call->arena, (struct value_entry[]){{"finalizers", rest}}, 1);
    struct kube_request request = {
        .verb = KUBE_PATCH_MERGE,
        .ref = removal->ref,
        .body = value_map(call->arena, (struct value_entry[]){{"metadata", metadata}}, 1),
    };
    struct kube_answer answer;
    return kube_do(call, removal->kube, &request, &answer, err) || err->kind == ERR_NOT_FOUND;
}

// In the operator's stead, and in its order: first the chart, then the finalizer.
static bool finish(struct call *call, struct removal *removal, const char *manager, struct err *err) {
    struct release_target target = {
        .name = removal->ref.name, .namespace = removal->ref.namespace, .manager = manager, .wait = true};
    const char *text = kube_ref_text(call->arena, &removal->ref);
    if (!release_uninstall(call, removal->kube, &target, err) || !remove_finalizer(call, removal, err))
        return err_wrap(err, "finish the removal of %s in the operator's stead", text);
    err->kind = ERR_NONE;
    call_warn(call, subject_of(text), "Finalizer removed:",
              "The operator could not finish the removal of %s: %s. on_destroy_stuck = \"remove_finalizer\" "
              "is set, so the Helm "
              "release was uninstalled and the finalizer %s removed here.",
              text, removal->why, FINALIZER);
    return kube_wait_gone(call, removal->kube, &removal->ref, 1, err);
}

bool instance_delete(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                     const char *manager, bool may_finish, struct err *err) {
    struct removal removal = {.arena = call->arena, .kube = kube, .ref = *ref};
    const char *text = kube_ref_text(call->arena, ref);
    if (!kube_delete(call, kube, ref, err))
        return err_wrap(err, "delete %s", text);
    if (!wait_gone(call, &removal, err))
        return false;
    if (!removal.stuck)
        return true;
    if (may_finish)
        return finish(call, &removal, manager, err);
    return err_set(
        err, ERR_CONFLICT,
        "%s is being deleted, but the operator will never finish: %s. Mend that and destroy again, or set "
        "on_destroy_stuck = \"remove_finalizer\", apply, and destroy again: then the Helm release is "
        "uninstalled and the finalizer %s removed from here\n%s",
        text, removal.why, FINALIZER, heard(call, &removal));
}
