// SPDX-License-Identifier: Apache-2.0
// What is left out of objects because it belongs to controllers (kube/controllers.h), or because the user
// leaves it to others (kube/ignored.h).
#include "release/write.h"

// Objects of which something is ignored, and those whose number of replicas somebody may have taken over.
static bool is_asked_for(const struct run *run, const struct write *write) {
    bool known = run->history.count || (run->spec && run->spec->adopt);
    return write->ignored.count || (known && kube_is_scalable(write->object.object));
}

// Who is not there has nothing of it, and who may not be read no autoscaler.
static bool read_live(struct run *run, struct kube_controlled *controlled, const struct write *writes,
                      size_t count, struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_request *requests = arena_array(arena, count + 1, sizeof *requests);
    struct kube_answer *answers = arena_array(arena, count + 1, sizeof *answers);
    size_t asked = 0, answered = 0;
    struct err ignored = err_in(arena); // each answer carries its own
    for (size_t i = 0; i < count; i++)
        if (is_asked_for(run, &writes[i]))
            requests[asked++] = (struct kube_request){.verb = KUBE_GET, .ref = writes[i].object.ref};
    if (!asked)
        return true;
    kube_do_many(run->call, run->kube, requests, asked, answers, &ignored);
    for (size_t i = 0; i < count; i++) {
        if (!is_asked_for(run, &writes[i]))
            continue;
        const struct kube_answer *answer = &answers[answered++];
        bool unknown = answer->failure.kind != ERR_NONE && answer->failure.kind != ERR_NOT_FOUND;
        controlled[i].live = answer->object;
        if (unknown && writes[i].ignored.count) {
            *err = answer->failure;
            return err_wrap(err, "see what ignore_drift leaves to others of %s",
                            kube_ref_text(arena, &writes[i].object.ref));
        }
    }
    return true;
}

// The stamps are ours whatever is ignored.
void leave_ignored(const struct run *run, struct write *write, struct value live) {
    struct arena *arena = run->call->arena;
    if (!write->ignored.count)
        return;
    struct value left = kube_ignored_left(arena, &write->ignored, write->whole, live, run->manager);
    bool stamped = !value_is_null(value_dig(write->whole, "metadata", "annotations", CLAIM_NAME, NULL));
    write->object.object = stamped ? ownership_stamp(arena, left, &run->release) : left;
}

bool leave_to_others(struct run *run, struct write *writes, size_t count, struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_controlled *controlled = arena_array(arena, count + 1, sizeof *controlled);
    struct kube_ref *going = arena_array(arena, run->gone.count + 1, sizeof *going);
    struct kube_autoscalers except = {going, run->gone.count};
    for (size_t i = 0; i < run->gone.count; i++)
        going[i] = run->gone.items[i].ref;
    for (size_t i = 0; i < count; i++)
        if (run->ignored)
            writes[i].ignored = kube_ignored_of(arena, run->ignored, &writes[i].object.ref);
    if (!read_live(run, controlled, writes, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        controlled[i].manifest = writes[i].object.object;
    kube_find_scaled(run->call, run->kube, &except, controlled, count);
    for (size_t i = 0; i < count; i++) {
        writes[i].controlled = controlled[i];
        writes[i].whole = kube_left_to_controllers(arena, &controlled[i], writes[i].object.object);
        writes[i].object.object = writes[i].whole;
        leave_ignored(run, &writes[i], controlled[i].live);
    }
    return true;
}
