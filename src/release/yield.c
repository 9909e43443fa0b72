// SPDX-License-Identifier: Apache-2.0
// What is left out of objects because it belongs to controllers (kube/controllers.h).
#include "release/write.h"

// Those whose number of replicas somebody may have taken over. Who is not there, or may not be read, has none
// that did.
static void read_scalable(struct run *run, struct kube_controlled *controlled, const struct write *writes,
                          size_t count) {
    struct arena *arena = run->call->arena;
    struct kube_request *requests = arena_array(arena, count + 1, sizeof *requests);
    struct kube_answer *answers = arena_array(arena, count + 1, sizeof *answers);
    size_t asked = 0, answered = 0;
    struct err ignored = err_in(arena); // each answer carries its own
    bool found = run->history.count || (run->spec && run->spec->adopt);
    for (size_t i = 0; found && i < count; i++)
        if (kube_is_scalable(writes[i].object.object))
            requests[asked++] = (struct kube_request){.verb = KUBE_GET, .ref = writes[i].object.ref};
    if (!asked)
        return;
    kube_do_many(run->call, run->kube, requests, asked, answers, &ignored);
    for (size_t i = 0; i < count; i++)
        if (kube_is_scalable(writes[i].object.object))
            controlled[i].live = answers[answered++].object;
}

void leave_to_controllers(struct run *run, struct write *writes, size_t count) {
    struct arena *arena = run->call->arena;
    struct kube_controlled *controlled = arena_array(arena, count + 1, sizeof *controlled);
    struct kube_ref *going = arena_array(arena, run->gone.count + 1, sizeof *going);
    struct kube_autoscalers except = {going, run->gone.count};
    for (size_t i = 0; i < run->gone.count; i++)
        going[i] = run->gone.items[i].ref;
    read_scalable(run, controlled, writes, count);
    for (size_t i = 0; i < count; i++)
        controlled[i].manifest = writes[i].object.object;
    kube_find_scaled(run->call, run->kube, &except, controlled, count);
    for (size_t i = 0; i < count; i++) {
        writes[i].controlled = controlled[i];
        writes[i].object.object = kube_left_to_controllers(arena, &controlled[i], writes[i].object.object);
    }
}
