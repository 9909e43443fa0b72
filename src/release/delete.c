// SPDX-License-Identifier: Apache-2.0
// Deleting what is a release's own. The live object is asked first: it may have been told to stay, or have
// become somebody else's.
#include "release/private.h"

#include "kube/watch.h"

#include <string.h>

static const char *kept_because(struct run *run, const struct release_object *object, struct value live) {
    if (object->policy == RELEASE_POLICY_KEEP || policy_of(run->call->arena, live) == RELEASE_POLICY_KEEP)
        return "it carries the annotation helm.sh/resource-policy: keep";
    if (object->policy == RELEASE_POLICY_OTHER && run->uninstalling)
        return "its manifest carries the annotation helm.sh/resource-policy with another word than keep, "
               "which "
               "Helm leaves alone when it uninstalls";
    return NULL;
}

static bool may_delete(struct run *run, const struct release_object *object, struct value live) {
    struct call *call = run->call;
    const char *text = kube_ref_text(call->arena, &object->ref);
    const char *because = kept_because(run, object, live);
    if (because) {
        call_warn(call, subject_of(text), "Object kept:",
                  "%s stays in the cluster: %s. Delete it yourself when it is no longer needed.", text,
                  because);
        return false;
    }
    const char *problems = ownership_problems(call->arena, live, &run->release);
    if (!*problems)
        return true;
    call_warn(call, subject_of(text), "Object of others left alone:",
              "%s was part of release \"%s\" but does not say so any more%s. It stays in the cluster.", text,
              run->release.name, problems);
    return false;
}

// With a CRD go the objects of its kind; what an API server only does not serve any more, stays stored.
static void tell_unserved(struct run *run, const struct release_object *object) {
    const char *text = kube_ref_text(run->call->arena, &object->ref);
    call_warn(
        run->call, subject_of(text), "Kind no longer served:",
        "%s is part of release \"%s\", but the server does not serve its kind (%s, apiVersion %s) under "
        "any version, so there is nothing that could be deleted. Where only the API was switched off, the "
        "object is still stored.",
        text, run->release.name, object->ref.kind, object->ref.api_version);
}

// Requests that delete what of `objects` exists and is to go, in the same order.
static bool choose_deletions(struct run *run, const struct release_objects *objects, struct kube_request *out,
                             size_t *count, struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_request *gets = arena_array(arena, objects->count + 1, sizeof *gets);
    struct kube_answer *live = arena_array(arena, objects->count + 1, sizeof *live);
    struct err ignored = err_in(arena); // each answer carries its own
    size_t served = 0;
    for (size_t i = 0; i < objects->count; i++)
        if (!objects->items[i].unserved)
            gets[served++] = (struct kube_request){.verb = KUBE_GET, .ref = objects->items[i].ref};
    kube_do_many(run->call, run->kube, gets, served, live, &ignored);
    *count = 0;
    for (size_t i = 0, j = 0; i < objects->count; i++) {
        const struct release_object *object = &objects->items[i];
        const struct kube_answer *answer = object->unserved ? NULL : &live[j++];
        if (!answer)
            tell_unserved(run, object);
        if (!answer || answer->failure.kind == ERR_NOT_FOUND)
            continue;
        if (answer->failure.kind != ERR_NONE) {
            *err = answer->failure;
            return err_wrap(err, "look at %s before deleting it", kube_ref_text(arena, &object->ref));
        }
        if (may_delete(run, object, answer->object))
            out[(*count)++] =
                (struct kube_request){.verb = KUBE_DELETE,
                                      .ref = object->ref,
                                      .uid = value_dig_string(answer->object, "metadata", "uid", NULL)};
    }
    return true;
}

static bool delete_kind(struct run *run, const struct kube_request *requests, size_t count, struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_answer *answers = arena_array(arena, count, sizeof *answers);
    struct err ignored = err_in(arena);
    kube_do_many(run->call, run->kube, requests, count, answers, &ignored);
    for (size_t i = 0; i < count; i++)
        // A conflict: another object has the name by now, ours is gone.
        if (answers[i].failure.kind != ERR_NONE && answers[i].failure.kind != ERR_NOT_FOUND &&
            answers[i].failure.kind != ERR_CONFLICT) {
            *err = answers[i].failure;
            return err_wrap(err, "delete %s", kube_ref_text(arena, &requests[i].ref));
        }
    return true;
}

bool delete_objects(struct run *run, const struct release_objects *objects, bool wait, struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_request *requests = arena_array(arena, objects->count + 1, sizeof *requests);
    size_t count;
    if (!objects->count)
        return true;
    if (!choose_deletions(run, objects, requests, &count, err))
        return false;
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && !strcmp(requests[from].ref.kind, requests[to].ref.kind);)
            to++;
        if (!call_alive(run->call, err) || !delete_kind(run, requests + from, to - from, err))
            return false;
    }
    struct kube_ref *refs = arena_array(arena, count + 1, sizeof *refs);
    for (size_t i = 0; i < count; i++)
        refs[i] = requests[i].ref;
    return !wait || !count || kube_wait_gone(run->call, run->kube, refs, count, err) ||
           err_wrap(err, "wait until the objects are gone");
}
